/** The number of seeds per property, and the random numbers of a seed. */

import { SeededRandom } from "../lib/sim/random.ts";

/** True for the full counts: `make soak` sets CHARYBDIS_SOAK=1. */
export const soaking =
  Deno.permissions.querySync({ name: "env", variable: "CHARYBDIS_SOAK" }).state === "granted" &&
  Deno.env.get("CHARYBDIS_SOAK") === "1";

/**
 * Runs a property with the random numbers of seed 0, 1, 2, …: `slice` of them, or `full` when soaking. What it throws
 * names the seed.
 */
export async function forSeeds(
  counts: { readonly slice: number; readonly full: number },
  property: (random: SeededRandom, seed: number) => void | Promise<void>,
): Promise<void> {
  const count = soaking ? counts.full : counts.slice;
  for (let seed = 0; seed < count; seed++) {
    try {
      await property(new SeededRandom(seed), seed);
    } catch (error) {
      throw new Error(`with seed ${seed}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }
}
