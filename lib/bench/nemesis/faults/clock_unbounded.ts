/**
 * The fault `clock-unbounded`: nodes' clocks differ without the bounds that leases need.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import { defineFault } from "../fault.ts";
import { skewFault } from "./clock_skew.ts";

export const clockUnbounded = defineFault({
  name: "clock-unbounded",
  description: "lets nodes' clocks run at half to twice their speed and jump by seconds",
  isInAll: false,
  isVirtualOnly: true,
  source: (target) => ({
    draw: (random) => skewFault(target, random, { rateMin: 0.5, rateMax: 2, jumpMsMax: 5000 }),
  }),
});
