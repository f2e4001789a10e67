/** The parts of the tests that `make test` runs: the number of seeds per property, and slices of lists of cases. */

import { SeededRandom } from "../lib/sim/random.ts";

const may = (permission: Deno.PermissionDescriptor) =>
  Deno.permissions.querySync(permission).state === "granted";
const environment = (variable: string) => may({ name: "env", variable }) ? Deno.env.get(variable) : undefined;

/** True for the full counts: `make soak` sets CHARYBDIS_SOAK=1. */
export const soaking = environment("CHARYBDIS_SOAK") === "1";

/** The number of the commit's slice: `.make/test.sh` sets CHARYBDIS_SLICE to the number of commits. */
const SLICE = Number(environment("CHARYBDIS_SLICE") ?? 0);

/** The first slice of a file of tests. It differs between files, so that all commits take about the same time. */
const FIRST = may({ name: "read" }) ? Deno.mainModule.length - import.meta.url.length : 0;

/**
 * Returns true if this commit tests a case: each commit tests the next of `slices` slices, and soaking tests all cases.
 *
 * A slice within a slice meets every case only if the two numbers of slices have no common divisor.
 */
export function isInSlice(index: number, slices: number): boolean {
  return soaking || (index + SLICE + FIRST) % slices === 0;
}

/** Returns the cases that this commit tests. */
export function sliceOf<T>(cases: readonly T[], slices: number): readonly T[] {
  return cases.filter((_, i) => isInSlice(i, slices));
}

/**
 * Requires that something took less than a number of seconds. Only soaking judges durations: no commit is refused because
 * its machine was busy with other work.
 */
export function assertTook(seconds: number, { lessThan, what }: { lessThan: number; what: string }): void {
  if (!soaking || seconds < lessThan) return;
  throw new Error(`${what} took ${seconds.toFixed(1)} s, and not less than ${lessThan} s`);
}

/** The number of long tests of this file so far. Each file of tests has its own copy of this module. */
let longTests = 0;

/** A test that takes about a second. The long tests of a file take turns: each commit runs every second one. */
export function longTest(name: string, run: () => void | Promise<void>): void {
  Deno.test({ name, ignore: !isInSlice(longTests++, 2), fn: run });
}

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
