/**
 * The fault `partition`: the network is cut in both directions, in Jepsen's ways.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import { partition as partitionCuts, PARTITION_KINDS } from "../../../sim/partitions.ts";
import { defineFault } from "../fault.ts";
import { cutFault, cutText, droppedByCut } from "./network_cuts.ts";

const kind = "partition";

export const partition = defineFault({
  name: kind,
  description: "cuts the network: one node, a minority, halves, or overlapping majorities",
  isMaelstroms: true,
  affected: "cut",
  band: { nodes: "all", text: cutText },
  source: (target) => ({
    draw: (random) => {
      const asked = random.pick(PARTITION_KINDS);
      return cutFault(target, {
        kind,
        asked,
        cuts: partitionCuts(asked, target.nodes, random),
        listed: "all",
      });
    },
    affectsDropped: droppedByCut(target, kind),
  }),
});
