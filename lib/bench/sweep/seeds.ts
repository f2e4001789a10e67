/** Runs many seeds on several workers of any kind. Tested by `tests/bench/sweep/merge_test.ts`. */

import { mergeValidity, type Validity } from "../../checkers/result.ts";
import { verdictForSweep } from "../replay/case.ts";
import type { Interruption } from "../run/interruption.ts";
import type { JobResult, JobRunner, VirtualJob } from "../worker/job.ts";
import { addCoverage, addCross, type Coverage, type Cross, NO_COVERAGE } from "../run/coverage.ts";
import { neverSucceeded, outcomesOf } from "./outcomes.ts";

/** The result of a sweep. */
export interface SweepResult {
  /** The number of seeds that ran. */
  readonly seeds: number;
  /** The seeds whose run was invalid. */
  readonly invalid: readonly number[];
  /** The seeds whose verdict is unknown. */
  readonly unknown: readonly number[];
  /** The number of runs in which too few operations succeeded to prove anything. */
  readonly inconclusive: number;
  /** The number of operations that clients started, over all seeds. */
  readonly operations: number;
  /** Virtual time of all seeds, each in whole ms. */
  readonly virtualMs: number;
  /** Operation → ok, fail, info → count. */
  readonly outcomes: Cross;
  readonly coverage: Coverage;
}

/** A run that was invalid or unknown, with the job that makes it. */
export interface FailedRun {
  readonly verdict: false | "unknown";
  readonly job: VirtualJob;
  readonly ran: JobResult;
}

/** Returns the verdict on all seeds. An operation that never succeeded in any of them was not tested. */
export function verdictOf({ invalid, unknown, outcomes }: SweepResult): Validity {
  const tested = unknown.length === 0 && neverSucceeded(outcomes).length === 0;
  return mergeValidity([invalid.length === 0, tested || "unknown"]);
}

/** The settings of a sweep. */
export interface SweepOptions {
  readonly seeds: Iterable<number>;
  readonly jobs: number;
  readonly keepGoing: boolean;
  /** Returns the run of a seed. A guided sweep first waits for the results of earlier seeds. */
  readonly job: (seed: number) => VirtualJob | Promise<VirtualJob>;
  readonly progress?: (result: SweepResult) => void;
  /** Receives each run that ended. */
  readonly ran?: (job: VirtualJob, ran: JobResult) => void;
  /** Ends the sweep early. Seeds in progress at that time do not count. */
  readonly interruption?: Pick<Interruption, "signal" | "orSignal">;
}

/** Runs seeds on several workers. Without `keepGoing`, no seed starts after the first that is invalid or unknown. */
export async function runSeeds(
  options: SweepOptions,
  makeWorker: () => JobRunner,
): Promise<{ readonly result: SweepResult; readonly failures: readonly FailedRun[] }> {
  const seeds = options.seeds[Symbol.iterator]();
  const failures: FailedRun[] = [];
  let count = 0;
  let inconclusive = 0;
  let operations = 0;
  let virtualMs = 0;
  let outcomes: Cross = {};
  let coverage = NO_COVERAGE;
  const ordered = (which: FailedRun["verdict"]) =>
    failures.filter(({ verdict }) => verdict === which).map(({ job }) => job.seed).sort((a, b) => a - b);
  const result = (): SweepResult => ({
    seeds: count,
    operations,
    virtualMs,
    inconclusive,
    invalid: ordered(false),
    unknown: ordered("unknown"),
    outcomes,
    coverage,
  });
  const work = async () => {
    const worker = makeWorker();
    try {
      while (options.interruption?.signal === undefined && (options.keepGoing || failures.length === 0)) {
        const next = seeds.next();
        if (next.done) break;
        const { interruption } = options;
        const planned = options.job(next.value);
        const job = await (planned instanceof Promise ? interruption?.orSignal(planned) ?? planned : planned);
        if (job === undefined) break;
        const running = worker.run(job);
        const ran = await (interruption?.orSignal(running) ?? running);
        if (ran === undefined) break;
        count++;
        options.ran?.(job, ran);
        operations += ran.operations;
        virtualMs += Math.round(ran.virtualMs ?? 0); // sums of integers do not depend on their order
        coverage = addCoverage(coverage, ran.coverage ?? NO_COVERAGE);
        outcomes = addCross(outcomes, outcomesOf(ran.result));
        const verdict = verdictForSweep(ran.result);
        if (verdict === "inconclusive") inconclusive++;
        else if (verdict !== true) failures.push({ verdict, job, ran });
        options.progress?.(result());
      }
    } finally {
      worker.stop();
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return { result: result(), failures: failures.sort((a, b) => a.job.seed - b.job.seed) };
}
