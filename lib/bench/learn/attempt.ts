/** Runs a learner's attempt through the tests of its challenge and grades it. */

import { ArgumentError } from "../../runtime/settings.ts";
import { type Challenge, type ChallengeTest } from "../grade/challenges.ts";
import { type Grade, gradeChallenge, type RunWithResult } from "../grade/grade.ts";
import { type EndSignal, Interruption } from "../run/interruption.ts";
import type { JobResult, VirtualJob } from "../worker/job.ts";
import { needDisk } from "../nemesis/faults.ts";
import { type GivenOptions, makeTest, printTest } from "../run/command_line.ts";
import { writeCaseReport } from "../report/write_report.ts";
import { BenchError, StartError } from "../errors.ts";
import { keepFailure, shrinkFailure, tell } from "../sweep/failures.ts";
import type { ShrinkOptions } from "../replay/shrink.ts";
import type { FailedRun } from "../sweep/seeds.ts";
import { runTest } from "../cli/test.ts";
import { BenchWorker } from "../worker/handle.ts";
import { WorkerPool } from "../worker/pool.ts";
import { counts, sweepVariations, type VariationResult } from "./variations.ts";

/** Limits of the search for the smallest failing run: number of smaller runs, and time in ms. */
const SHRINK_TRIES_MAX = 200;
const SHRINK_MS_MAX = 5000;
/** The maximum number of events of a story. A run with more events did not become small in time. */
const STORY_EVENTS_MAX = 40;

/** The attempt and its settings. */
export interface Attempt {
  readonly challenge: Challenge;
  /** A TypeScript module, run in virtual time, or an executable, run in real time. */
  readonly node: { readonly module: string } | { readonly bin: string };
  /** The node's arguments. */
  readonly nodeArguments: readonly string[];
  readonly seed: number;
  /** Number of seeds (for an executable, of runs) of each test that must pass. */
  readonly repeat: number;
  /** Folder for runs. */
  readonly store: string;
  /** Time limit of the search for the smallest failing run, in ms. 0 disables the search. */
  readonly shrinkMsMax?: number;
  /** Called before each run. */
  readonly begins?: (line: ChallengeTest) => void;
  /** Called before further seeds of a test run. */
  readonly sweeps?: (line: ChallengeTest, count: number) => void;
}

/** The outcome of an attempt. */
export type AttemptResult =
  | { readonly kind: "interrupted"; readonly signal: EndSignal }
  | {
    readonly kind: "tried";
    readonly grade: Grade;
    /** True if the challenge is solved: every run passes, and none has a shortfall. */
    readonly solved: boolean;
    /** The decisive run: the first one that is not valid, else the first one, whose figures are graded. */
    readonly run: RunWithResult;
    /** Further seeds of each test, if all of its own runs passed. */
    readonly swept: readonly VariationResult[];
    /** The smallest failing run, if one was found. */
    readonly smallest?: SmallestRun | undefined;
  };

/** The smallest run that fails as an attempt did. */
export interface SmallestRun {
  /** The run as text; empty if it is still long. */
  readonly story: readonly string[];
  /** Its folder, with its page. */
  readonly store: string;
}

/** Runs an attempt up to the first run that is not valid. Throws `ArgumentError` if no run could start. */
export async function runAttempt(attempt: Attempt): Promise<AttemptResult> {
  const { challenge, node, repeat } = attempt;
  const perLine = "module" in node ? 1 : repeat;
  const runs: RunWithResult[] = [];
  for (const line of challenge.lines) {
    const ran = await runRepeatedly(attempt, line, perLine);
    if (ran.signal !== undefined) return { kind: "interrupted", signal: ran.signal };
    runs.push(...ran.runs);
    if (ran.runs.some(({ valid }) => valid !== true)) break;
  }
  const grade = gradeChallenge(challenge, runs, { repeat: perLine });
  const failed = runs.find(({ valid }) => valid !== true);
  const run = failed ?? runs[0];
  if (run === undefined) throw new ArgumentError(`exercise ${challenge.id} has no test`);
  if ("bin" in node) return { kind: "tried", grade, solved: isSolved(grade), run, swept: [] };
  const interruption = new Interruption();
  try {
    const decided = { grade, run, interruption };
    const tried = failed !== undefined
      ? await withStory(attempt, decided)
      : isSolved(grade)
      ? await sweepLines(attempt, decided)
      : { kind: "tried" as const, grade, solved: false, run, swept: [] };
    const { signal } = interruption;
    return signal === undefined ? tried : { kind: "interrupted", signal };
  } finally {
    interruption.end();
  }
}

function isSolved({ passed, shortfalls }: Grade): boolean {
  return passed && shortfalls.length === 0;
}

type DecisiveRun = {
  readonly grade: Grade;
  readonly run: RunWithResult;
  readonly interruption: Interruption;
};

/** Runs further seeds of every test until one fails. */
async function sweepLines(
  attempt: Attempt,
  { grade, run, interruption }: DecisiveRun,
): Promise<AttemptResult> {
  const { challenge, repeat } = attempt;
  const swept: VariationResult[] = [];
  for (const line of challenge.lines) {
    const count = repeat - 1;
    if (count === 0) continue;
    attempt.sweeps?.(line, count);
    let found: VariationResult;
    try {
      found = await sweepVariations(jobOf(attempt, line), { line, count, interruption });
    } catch (error) {
      if (!isAttempt(error)) throw error;
      const { message } = error;
      const failedGrade = {
        ...grade,
        passed: false,
        valid: "unknown",
        reasons: [{ kind: "error", text: message }],
      } as const;
      const failing = { ...run, valid: "unknown", error: message } as const;
      return { kind: "tried", grade: failedGrade, solved: false, run: failing, swept };
    }
    swept.push(found);
    if (found.failure === undefined) continue;
    const { seed } = found.failure.job;
    const { smallest, result } = await shrinkAndKeep(attempt, found.failure, interruption);
    const store = smallest?.store ?? run.store;
    const failing = { ...run, valid: result.valid, store, result, arguments: line.arguments };
    const verdict = found.failure.verdict === false ? "invalid" : "unknown";
    const failedGrade = {
      ...grade,
      passed: false,
      valid: found.failure.verdict,
      reasons: [{ kind: "verdict", text: `${verdict} at seed ${seed}` }],
    } as const;
    return { kind: "tried", grade: failedGrade, solved: false, run: failing, swept, smallest };
  }
  return { kind: "tried", grade, solved: true, run, swept };
}

/** Finds the smallest run that fails as the attempt's own run does. */
async function withStory(
  attempt: Attempt,
  { grade, run, interruption }: DecisiveRun,
): Promise<AttemptResult> {
  const tried = { kind: "tried", grade, solved: false, run, swept: [] } as const;
  const line = attempt.challenge.lines.find(({ arguments: args }) => args === run.arguments);
  if (
    line === undefined || run.valid !== false || run.error !== undefined || run.hasHung || !isShrunk(attempt)
  ) {
    return tried;
  }
  const job = jobOf(attempt, line);
  const worker = new BenchWorker();
  try {
    const ran = await interruption.orSignal(worker.run(job));
    if (ran === undefined || ran.result.valid !== false) return tried;
    const { smallest } = await shrinkAndKeep(attempt, { verdict: false, job, ran }, interruption);
    return { ...tried, smallest };
  } finally {
    worker.stop();
  }
}

/** True if the attempt asks for the smallest failing run. */
function isShrunk({ shrinkMsMax }: Attempt): boolean {
  return shrinkMsMax !== 0;
}

function shrinkBounds({ shrinkMsMax = SHRINK_MS_MAX }: Attempt, interruption: Interruption): ShrinkOptions {
  const began = performance.now();
  const stopped = () => interruption.signal !== undefined || performance.now() - began > shrinkMsMax;
  return { triesMax: SHRINK_TRIES_MAX, stopped };
}

/** Shrinks a failing run, and keeps the smallest one with its page. Keeps nothing if the attempt does not ask for it. */
async function shrinkAndKeep(
  attempt: Attempt,
  failure: FailedRun,
  interruption: Interruption,
): Promise<{ readonly smallest: SmallestRun | undefined; readonly result: JobResult["result"] }> {
  if (!isShrunk(attempt)) return { smallest: undefined, result: failure.ran.result };
  const shrunk = await shrinkFailure(failure, shrinkBounds(attempt, interruption));
  const { directory } = keepFailure(attempt.store, { ...shrunk, command: "sweep", argv: [] });
  await writeCaseReport(directory, shrunk);
  const isSmall = (shrunk.ran.history?.length ?? 0) <= STORY_EVENTS_MAX;
  return {
    smallest: { story: isSmall ? tell(shrunk) : [], store: directory },
    result: shrunk.ran.result,
  };
}

/** Returns the job that runs a test of an attempt on a module. */
function jobOf(attempt: Attempt, line: ChallengeTest): VirtualJob {
  const { test, run, nodeArguments } = makeTest(
    optionsOf(attempt, line, attempt.seed),
    attempt.nodeArguments,
  );
  const storage = needDisk(test.faults) && !run.noData;
  const base = {
    kind: "virtual",
    test,
    seed: attempt.seed,
    nodeArguments,
    module: run.module,
    storage,
  } as const;
  return { ...base, keepHistory: "invalid", keepMessages: false };
}

/** Returns the options of one run. */
function optionsOf({ node, store }: Attempt, line: ChallengeTest, seed: number): GivenOptions {
  const program = "module" in node ? { virtual: true, report: true, module: node.module } : { bin: node.bin };
  return { ...line.options, ...program, seed, store };
}

/** Runs a test several times, up to the first run that is not valid. Repeats a run once if its faults had no effect. */
async function runRepeatedly(
  attempt: Attempt,
  line: ChallengeTest,
  count: number,
): Promise<{ readonly runs: readonly RunWithResult[]; readonly signal?: EndSignal }> {
  const runs: RunWithResult[] = [];
  const spared: RunWithResult[] = [];
  const workers = new WorkerPool();
  try {
    for (let i = 0; runs.length < count && spared.length <= count; i++) {
      attempt.begins?.(line);
      const { run, signal, isCounted } = await runVariation(attempt, line, {
        seed: attempt.seed + i,
        workers,
      });
      if (signal !== undefined) return { runs, signal };
      if (run.valid !== true) return { runs: [...runs, run] };
      (isCounted || count === 1 ? runs : spared).push(run);
    }
    return { runs: [...runs, ...spared].slice(0, count) };
  } finally {
    workers.stop();
  }
}

async function runVariation(
  attempt: Attempt,
  line: ChallengeTest,
  { seed, workers }: { readonly seed: number; readonly workers: WorkerPool },
): Promise<
  { readonly run: RunWithResult; readonly signal?: EndSignal | undefined; readonly isCounted: boolean }
> {
  const options = optionsOf(attempt, line, seed);
  const began = performance.now();
  const told = { arguments: line.arguments, nodeArguments: attempt.nodeArguments };
  const seconds = () => Math.round((performance.now() - began) / 100) / 10;
  try {
    const { result, store, signal, hasHung } = await runTest(
      makeTest(options, attempt.nodeArguments),
      printTest(options, attempt.nodeArguments),
      { workers, quiet: !Deno.stderr.isTerminal() },
    );
    const faults = result.faults === undefined ? {} : { faults: result.faults };
    const run = {
      ...told,
      valid: result.valid,
      store: store?.directory ?? null,
      seconds: seconds(),
      ...faults,
      result,
      hasHung,
    };
    return { run, signal, isCounted: counts({ result }) };
  } catch (error) {
    if (!isAttempt(error)) throw error;
    const base = { ...told, valid: "unknown", store: null, seconds: seconds(), result: undefined } as const;
    return { run: { ...base, error: error.message }, isCounted: true };
  }
}

/** True if the attempt itself failed: a node does not start, or a file cannot be loaded. */
function isAttempt(error: unknown): error is StartError | ArgumentError | BenchError {
  return error instanceof StartError || error instanceof ArgumentError || error instanceof BenchError;
}
