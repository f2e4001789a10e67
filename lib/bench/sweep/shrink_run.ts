/** Shrinks a failing run in a worker of any kind. Tested by `tests/bench/sweep/findings_test.ts`. */

import { plural } from "../format.ts";
import {
  caseOf,
  type FailureCase,
  failureKinds,
  INCONCLUSIVE_KINDS,
  jobOf,
  type ScheduledCase,
} from "../replay/case.ts";
import { shrink, type ShrinkOptions } from "../replay/shrink.ts";
import type { JobResult, JobRunner, VirtualJob } from "../worker/job.ts";
import type { FailedRun } from "./seeds.ts";

/** A failing run, as small as possible. */
export interface ShrinkResult {
  readonly recorded: ScheduledCase;
  readonly ran: JobResult;
  readonly tries: number;
}

/**
 * Makes a failing run smaller. A run that does not fail when its choices are replayed stays unchanged. So does one that hung:
 * each attempt would take as long as the time limit of an event.
 */
export async function shrinkRun(
  { job, ran }: FailedRun,
  { worker, ...options }: Omit<ShrinkOptions, "finalsMin"> & { readonly worker: JobRunner },
): Promise<ShrinkResult> {
  const whole = caseOf(job, ran);
  if (ran.hasHung) return { recorded: whole, ran, tries: 0 };
  const signs = decisiveKinds(whole.failure);
  const { smallest, tries } = await shrink(whole, async (candidate) => {
    const tried = await tryCase({ ...whole, ...candidate }, worker);
    return tried !== undefined && hasSameFailure(tried, signs);
  }, { ...options, finalsMin: finalsNeeded(signs) });
  const again = await worker.run({ ...jobOf({ ...whole, ...smallest }), keepMessages: true });
  return { recorded: caseOf(jobOf({ ...whole, ...smallest }), again), ran: again, tries };
}

/**
 * The number of final reads without which a correct node can show a failure, too. A lost element takes one: earlier reads may
 * just be stale.
 */
const FINALS_MIN: ReadonlyMap<string, number> = new Map([["lost", 1], ["unseen", Infinity]]);

/** Returns the number of final reads that a smaller run must keep, so that its failures still show an error. */
export function finalsNeeded(failure: readonly string[]): number {
  return Math.max(0, ...failure.map((kind) => FINALS_MIN.get(kind) ?? 0));
}

/**
 * Returns the failures that a smaller run must share. Those that a correct node can also show count only if there are no
 * others.
 */
export function decisiveKinds(failure: readonly string[]): readonly string[] {
  const wrong = failure.filter((kind) => !INCONCLUSIVE_KINDS.has(kind));
  const decisive = wrong.filter((kind) => FINALS_MIN.get(kind) !== Infinity);
  return decisive.length > 0 ? decisive : wrong.length > 0 ? wrong : failure;
}

/** Returns the result of a candidate; undefined if the candidate cannot run. */
async function tryCase(each: FailureCase, worker: JobRunner): Promise<JobResult | undefined> {
  try {
    return await worker.run({ ...jobOf(each), form: "objects" });
  } catch {
    return undefined;
  }
}

/** Returns true if a run fails in one of the given ways. */
export function hasSameFailure(ran: JobResult, failure: readonly string[]): boolean {
  const kinds = failureKinds(ran.result);
  return failure.some((kind) => kinds.has(kind));
}

/** Returns a summary of the shrunk case in one line. */
export function describeShrunk(job: VirtualJob, { recorded, tries }: ShrinkResult): string {
  const { operations, finalOperations, faults } = recorded.schedule;
  const counts = [
    plural(operations.length + finalOperations.length, "operation"),
    plural(faults.length, "fault"),
    `${recorded.test.nodes.length} of ${plural(job.test.nodes.length, "node")}`,
  ];
  return `seed ${job.seed}, shrunk in ${plural(tries, "attempt")}: ${counts.join(", ")}`;
}
