/** The fault `duplicate`: links deliver messages twice. Tested by `tests/bench/nemesis/fault_effects_test.ts`. */

import { number } from "../../../runtime/setting.ts";
import { defineFault } from "../fault.ts";
import { linkFault, someProbability } from "./link_fault.ts";

export const duplicate = defineFault({
  name: "duplicate",
  description: "delivers messages between nodes twice",
  settings: {
    duplicateProbability: number(0.2, {
      min: 0,
      max: 1,
      description: "Fraction of messages that the fault `duplicate` duplicates.",
    }),
  },
  drawSettings: { duplicateProbability: someProbability },
  affected: "doubled",
  outcome: "duplicated",
  source: (target, { duplicateProbability }) => ({
    draw: () => linkFault(target, "duplication", duplicateProbability),
    affectsDuplicated: () => true,
  }),
});
