/** The fault `loss`: links drop messages. Tested by `tests/bench/nemesis/fault_effects_test.ts`. */

import { number } from "../../../runtime/setting.ts";
import { defineFault } from "../fault.ts";
import { linkFault, someProbability } from "./link_fault.ts";

export const loss = defineFault({
  name: "loss",
  description: "drops messages between nodes",
  settings: {
    lossProbability: number(0.2, {
      min: 0,
      max: 1,
      description: "Fraction of messages that the fault `loss` drops.",
    }),
  },
  drawSettings: { lossProbability: someProbability },
  affected: "lost",
  outcome: "lost",
  source: (target, { lossProbability }) => ({
    draw: () => linkFault(target, "loss", lossProbability),
    affectsDropped: (_message, why) => why === "lost",
  }),
});
