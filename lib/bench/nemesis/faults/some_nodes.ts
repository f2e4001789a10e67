/** The random selection of the nodes that a fault affects. Tested by `tests/bench/nemesis/fault_effects_test.ts`. */

import type { SeededRandom } from "../../../sim/random.ts";

/** Selects one node, a minority, a majority, or all. */
export function someNodes(
  all: readonly string[],
  random: SeededRandom,
): { readonly asked: string; readonly nodes: readonly string[] } {
  const asked = random.pick(["one", "minority", "majority", "all"]);
  const count = all.length;
  const sizes: Readonly<Record<string, number>> = {
    one: 1,
    minority: Math.max(1, Math.ceil(count / 2) - 1),
    majority: Math.floor(count / 2) + 1,
    all: count,
  };
  return { asked, nodes: random.shuffle(all).slice(0, sizes[asked]) };
}
