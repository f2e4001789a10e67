/**
 * The part that faults of clocks share: each clock gets a rate, and may jump.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import type { SeededRandom } from "../../../sim/random.ts";
import type { Fault } from "../fault.ts";
import type { FaultTarget } from "../fault_target.ts";

/** Returns a fault of all clocks. Each clock jumps with probability 1/2. */
export function skewFault(
  target: FaultTarget,
  random: SeededRandom,
  skew: {
    readonly rateMin: number;
    readonly rateMax: number;
    readonly jumpMsMax: number;
  },
): Fault {
  return {
    start: () => {
      const done: Record<string, { rate: number; jumpMs: number }> = {};
      for (const node of target.nodes) {
        const rate = random.uniform(skew.rateMin, skew.rateMax);
        const jumpMs = random.chance(0.5) ? random.uniform(0, skew.jumpMsMax) : 0;
        done[node] = { rate, jumpMs };
        target.clockOf(node)?.drift(rate);
        if (jumpMs > 0) target.clockOf(node)?.jump(jumpMs);
      }
      return { asked: null, done };
    },
    stop: () => {
      for (const node of target.nodes) target.clockOf(node)?.drift(1);
      return { asked: null, done: "clocks-right" };
    },
  };
}
