/** Sweeps in the bench's own workers. Tested by `tests/bench/sweep/merge_test.ts`. */

import { BenchWorker } from "../worker/handle.ts";
import { type FailedRun, runSeeds, type SweepOptions, type SweepResult } from "./seeds.ts";

/** Runs seeds on several workers. Without `keepGoing`, no seed starts after the first that is invalid or unknown. */
export function sweep(
  options: SweepOptions,
): Promise<{ readonly result: SweepResult; readonly failures: readonly FailedRun[] }> {
  return runSeeds(options, () => new BenchWorker());
}
