/** Sweeps in the bench's own workers. Tested by `tests/bench/sweep/guided_test.ts`. */

import { BenchWorker } from "../worker/handle.ts";
import { type Difference, TwiceRunner } from "./determinism.ts";
import { type GuidedOptions, guidedOptions } from "./guided.ts";
import { type FailedRun, runSeeds, type SweepOptions, type SweepResult } from "./seeds.ts";

/** Runs seeds on several workers. Without `keepGoing`, no seed starts after the first that is invalid or unknown. */
export function sweep(
  options: SweepOptions,
): Promise<{ readonly result: SweepResult; readonly failures: readonly FailedRun[] }> {
  return runSeeds(options, () => new BenchWorker());
}

/** Runs seeds with settings that depend on what earlier seeds reached. */
export function sweepGuided(options: GuidedOptions): ReturnType<typeof sweep> {
  return sweep(guidedOptions(options));
}

/** Runs each seed twice. Without `keepGoing`, no seed starts after the first whose runs differ. */
export async function sweepTwice(
  options: SweepOptions,
): Promise<Awaited<ReturnType<typeof sweep>> & { readonly differences: readonly Difference[] }> {
  const differences: Difference[] = [];
  function* seeds(): Generator<number> {
    for (const seed of options.seeds) {
      if (differences.length > 0 && !options.keepGoing) return;
      yield seed;
    }
  }
  const runner = () =>
    new TwiceRunner(() => new BenchWorker(), (difference) => void differences.push(difference));
  const swept = await runSeeds({ ...options, seeds: seeds() }, runner);
  return { ...swept, differences: differences.sort((a, b) => a.seed - b.seed) };
}
