/**
 * The part that lossy, duplicating and reordering links share: a probability that holds for all links.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import type { LinkFaults } from "../../../sim/network.ts";
import type { SeededRandom } from "../../../sim/random.ts";
import type { Fault } from "../fault.ts";
import type { FaultTarget } from "../fault_target.ts";

/** Returns a fault of all links between nodes. */
export function linkFault(target: FaultTarget, key: keyof LinkFaults, probability: number): Fault {
  return {
    start: () => {
      target.disturb({ [key]: probability });
      return { asked: probability, done: { [key]: probability } };
    },
    stop: () => {
      target.disturb({ [key]: 0 });
      return { asked: null, done: "network-reliable" };
    },
  };
}

/** Draws the probability of a link's fault for a sweep. */
export function someProbability(random: SeededRandom): number {
  return random.uniform(0.02, 0.5);
}
