/**
 * The fault `one-way`: some nodes hear the others, but are not heard by them.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import { oneWay as oneWayCuts } from "../../../sim/partitions.ts";
import { defineFault } from "../fault.ts";
import { cutFault, cutText, droppedByCut } from "./network_cuts.ts";

const kind = "one-way";

export const oneWay = defineFault({
  name: kind,
  description: "drops messages from some nodes to the others, but not in the other direction",
  affected: "cut",
  band: { nodes: "all", text: cutText },
  source: (target) => ({
    draw: (random) =>
      cutFault(target, { kind, asked: kind, cuts: oneWayCuts(target.nodes, random), listed: "cut" }),
    affectsDropped: droppedByCut(target, kind),
  }),
});
