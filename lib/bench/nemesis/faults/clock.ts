/**
 * The fault `clock`: nodes' clocks differ within the bounds that the algorithms allow for.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import { number } from "../../../runtime/setting.ts";
import { defineFault } from "../fault.ts";
import { skewFault } from "./clock_skew.ts";

export const clock = defineFault({
  name: "clock",
  description: "lets nodes' clocks run fast or slow within --clock-drift, and jump within --clock-jump-ms",
  isVirtualOnly: true,
  settings: {
    clockDrift: number(0.05, {
      min: 0,
      max: 0.9,
      description: "Maximum change of a clock's rate by the fault `clock`.",
    }),
    clockJumpMs: number(100, {
      min: 0,
      max: 1_000_000,
      description: "Maximum jump of a clock by the fault `clock`, in ms.",
    }),
  },
  source: (target, { clockDrift, clockJumpMs }) => ({
    draw: (random) =>
      skewFault(target, random, { rateMin: 1 - clockDrift, rateMax: 1 + clockDrift, jumpMsMax: clockJumpMs }),
  }),
});
