/**
 * The fault `reorder`: links delay some messages, and later ones overtake them.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import { number } from "../../../runtime/setting.ts";
import { defineFault } from "../fault.ts";
import { linkFault, someProbability } from "./link_fault.ts";

export const reorder = defineFault({
  name: "reorder",
  description: "delays messages between nodes, so that later ones overtake them",
  settings: {
    reorderProbability: number(0.3, {
      min: 0,
      max: 1,
      description: "Fraction of messages that the fault `reorder` delays.",
    }),
  },
  drawSettings: { reorderProbability: someProbability },
  affected: "held back",
  outcome: "overtaken",
  source: (target, { reorderProbability }) => ({
    draw: () => linkFault(target, "reordering", reorderProbability),
    affectedCount: () => target.network.reorderedCount,
  }),
});
