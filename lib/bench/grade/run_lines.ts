/**
 * Runs the lines of challenges, several at a time except those that need the whole machine.
 *
 * Tested by `tests/bench/grade/run_lines_test.ts`.
 */

import type { EndSignal } from "../run/interruption.ts";
import type { ChallengeTest } from "./challenges.ts";
import { type Grade, gradeChallenge, type RunWithResult } from "./grade.ts";
import type { GradedChallenge } from "./grading_file.ts";

/** A run of a line, and the signal that ended it, if any. */
export interface ChallengeRun {
  readonly run: RunWithResult;
  readonly signal?: EndSignal | undefined;
}

/** One run of one line of a challenge. */
export interface PlannedRun {
  readonly challenge: GradedChallenge;
  readonly line: ChallengeTest;
  /** The number of the repetition, from 0. */
  readonly repetition: number;
}

/** A graded challenge with its runs. */
export interface GradedRuns {
  readonly challenge: GradedChallenge;
  readonly grade: Grade;
  readonly runs: readonly RunWithResult[];
}

/** The settings of a grading. */
export interface GradingOptions {
  /** The number of lines that run at a time. */
  readonly jobs: number;
  /** True if the runs are in virtual time, so that none of them needs the whole machine. Default: false. */
  readonly virtual?: boolean;
  readonly run: (planned: PlannedRun) => Promise<ChallengeRun>;
  /** Returns a text that is equal for runs that need not be repeated. */
  readonly keyOf: (planned: PlannedRun) => string;
  /** Returns the reason why a run is not started any more; `done` are the challenge's runs so far. */
  readonly skip?: (planned: PlannedRun, done: readonly RunWithResult[]) => RunWithResult | undefined;
  readonly graded?: (graded: GradedRuns) => void;
}

/**
 * Runs all lines, several at a time except those that need the whole machine. Grades each challenge in order, as soon as it and
 * the previous ones are done. A line that two challenges share with the same arguments runs once.
 */
export async function gradeAll(
  challenges: readonly GradedChallenge[],
  { jobs, virtual = false, run, keyOf, skip, graded }: GradingOptions,
): Promise<{ readonly grades: readonly GradedRuns[]; readonly signal: EndSignal | undefined }> {
  const once = new Map<string, Promise<RunWithResult>>();
  let signal: EndSignal | undefined;
  const queue: Array<{ readonly exclusive: boolean; readonly start: () => Promise<void> }> = [];
  const runs = new Map(challenges.map((challenge) => {
    const done: RunWithResult[] = [];
    const planned = challenge.lines.flatMap((line) =>
      Array.from({ length: challenge.repeat }, (_, repetition) => ({ challenge, line, repetition }))
    );
    const promises = planned.map((each) => {
      const key = keyOf(each);
      let promise = once.get(key);
      if (promise === undefined) {
        const { promise: made, resolve } = Promise.withResolvers<RunWithResult>();
        once.set(key, promise = made);
        const start = async () => {
          if (signal !== undefined) return resolve(notStarted(each));
          const skipped = skip?.(each, done);
          if (skipped !== undefined) return resolve(skipped);
          const ran = await run(each);
          signal ??= ran.signal;
          resolve(ran.run);
        };
        queue.push({ exclusive: !virtual && challenge.exclusive && each.line.providesMetrics, start });
      }
      promise.then((run) => done.push(run));
      return promise;
    });
    return [challenge, promises];
  }));
  const working = work(queue, jobs);
  const grades: GradedRuns[] = [];
  for (const challenge of challenges) {
    const done = await Promise.all(runs.get(challenge) ?? []);
    // A challenge that a signal interrupted has no grade.
    if (done.some(({ problem }) => problem === "interrupted")) continue;
    const grade = gradeChallenge(challenge, done, { repeat: challenge.repeat });
    grades.push({ challenge, grade, runs: done });
    graded?.({ challenge, grade, runs: done });
  }
  await working;
  return { grades, signal };
}

async function work(
  queue: ReadonlyArray<{ readonly exclusive: boolean; readonly start: () => Promise<void> }>,
  jobs: number,
): Promise<void> {
  const others = queue.filter(({ exclusive }) => !exclusive);
  await Promise.all(Array.from({ length: jobs }, async () => {
    for (let next = others.shift(); next !== undefined; next = others.shift()) await next.start();
  }));
  for (const { exclusive, start } of queue) if (exclusive) await start();
}

/** Returns the run of a line that a signal prevented. */
function notStarted({ line }: PlannedRun): RunWithResult {
  return withoutResult(line, { problem: "interrupted" });
}

/** Returns a run without a verdict. */
export function withoutResult(
  line: ChallengeTest,
  why: Partial<Pick<RunWithResult, "problem" | "error" | "nodeArguments">>,
): RunWithResult {
  const base = { arguments: line.arguments, nodeArguments: [], store: null, seconds: 0, result: undefined };
  return { ...base, valid: "unknown", ...why };
}
