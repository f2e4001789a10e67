/**
 * The command `charybdis explore`, which runs every schedule of a small cluster.
 *
 * Tested by `tests/bench/explore/command_test.ts`.
 */

import type { Values } from "../../runtime/settings.ts";
import type { ExplorationOutcome, ExplorationSpec } from "../explore/exploration.ts";
import { frontierFile, type SavedExploration, writeFrontier } from "../explore/frontier_file.ts";
import { type Frontier, type FrontierRun, NOTHING_DONE, runFrontier } from "../explore/parallel.ts";
import { runSample } from "../explore/parallel_sample.ts";
import { countsText, head, type Stage, stageText } from "../explore/stages.ts";
import { findingsOfJob } from "../findings/job_findings.ts";
import { narrate } from "../replay/narrative.ts";
import { seedCaseOf, verdictForSweep } from "../replay/case.ts";
import { parseHistory } from "../../checkers/parse.ts";
import { Interruption, SIGNAL_STATUS } from "../run/interruption.ts";
import { EXIT, exitStatus } from "../exit_status.ts";
import { STORE_DEFAULT } from "../store/run_store.ts";
import { keepFailure } from "../sweep/failures.ts";
import { shareOf } from "../sweep/shards.ts";
import { say, styleFor } from "../terminal/output.ts";
import { summarize } from "../terminal/summary.ts";
import { loadInvariantsOf } from "../invariants/registry.ts";
import type { JobResult, VirtualJob } from "../worker/job.ts";
import { BenchWorker } from "../worker/handle.ts";
import { type ExplorationJob, jobOf, type settings, type Task, taskOf, usage } from "./explore_options.ts";
import { programName } from "./program_name.ts";

/** The interval of progress lines, in ms. */
const PROGRESS_MS = 5000;

/** Runs the command and returns its exit status. */
export async function exploreCommand(args: readonly string[]): Promise<number> {
  const task = taskOf(args);
  const { values } = task;
  if (values.help) {
    say(usage());
    return 0;
  }
  await loadInvariantsOf(task.args);
  const interruption = new Interruption();
  const workers = Array.from({ length: values.states ? 1 : values.jobs }, () => new BenchWorker());
  const stages: Stage[] = [...task.resumed?.stages ?? []];
  let rest: SavedExploration | undefined;
  try {
    for (
      let operations = task.resumed?.operations ?? (values.sample > 0 ? values.operations : 1);
      operations <= values.operations && interruption.signal === undefined;
      operations++
    ) {
      const ran = await runStage(task, { operations, interruption, workers });
      if (ran.stage !== undefined) stages.push(ran.stage);
      rest = savedOf(task, { ran, operations, stages });
      if (ran.failed !== undefined) {
        if (task.shard.total > 1) writeFrontier(fileOf(task), rest);
        return await failed(ran.failed.job, ran.failed.ran, { args: task.args, values, stages });
      }
      if (ran.stage === undefined) break;
      if (!values.json) say(stageText(ran.stage, values.depth));
      if (!ran.stage.exhausted) break; // a sample, too
    }
  } finally {
    for (const worker of workers) worker.stop();
    interruption.end();
  }
  keepRest(task, rest);
  return verdict(task, { stages, signal: interruption.signal });
}

/** Says what the stages prove, and returns the exit status. */
function verdict(
  task: Task,
  { stages, signal }: { readonly stages: readonly Stage[]; readonly signal: Interruption["signal"] },
): number {
  const { values } = task;
  const isTested = stages.some(({ hasSucceeded }) => hasSucceeded);
  if (!isTested && !values.json) {
    say(
      stages.every(({ schedules }) => schedules === 0)
        ? "No schedule ran to its end: nothing was tested. Give the exploration more time: --time-limit."
        : "No operation succeeded in any schedule: nothing was tested. Try another --seed, or more --operations.",
    );
  }
  if (values.json) {
    say(JSON.stringify({ valid: (isTested && isComplete(stages, task)) || "unknown", stages }));
  }
  if (signal !== undefined) return SIGNAL_STATUS[signal];
  return isTested && isComplete(stages, task) ? EXIT.valid : EXIT.unknown;
}

/** The outcome of one number of operations. */
interface StageRun {
  /** Undefined if the stage was interrupted before it had a result, or if a node hangs. */
  readonly stage?: Stage;
  readonly frontier: Frontier;
  readonly failed?: { readonly job: VirtualJob; readonly ran: JobResult };
}

/** The parts of the command that a stage needs. */
interface StageOptions {
  readonly operations: number;
  readonly interruption: Interruption;
  readonly workers: readonly BenchWorker[];
}

/** Runs all schedules of a number of operations, or a sample of them. */
async function runStage(task: Task, { operations, interruption, workers }: StageOptions): Promise<StageRun> {
  const { values, shard, resumed } = task;
  const began = performance.now();
  const secondsBefore = operations === resumed?.operations ? resumed.seconds ?? 0 : 0;
  const job = jobOf(task, operations);
  const exploring = progressTeller(values.json, operations);
  const run = (worker: BenchWorker, spec: Partial<ExplorationSpec>) =>
    interruption.orSignal(worker.run(withSpec(job, spec), { exploring }));
  const parallel = { workers, endsAt: task.endsAt, progress: exploring, run };
  const { sample, depth, maxSchedules } = values;
  const { frontier, failed: found } = values.states
    ? await runAlone(workers, run)
    : sample > 0
    ? await runSample({ ...parallel, ...shareOfSample(task), depth })
    : await runFrontier(operations === resumed?.operations ? resumed.frontier : NOTHING_DONE, {
      ...parallel,
      shard,
      executionsMax: maxSchedules,
    });
  const { done, parts, isDivided } = frontier;
  const stage: Stage = {
    ...done,
    exhausted: done.exhausted && parts.length === 0,
    operations,
    seconds: secondsBefore + (performance.now() - began) / 1000,
    ...(shard.total > 1 && (isDivided || sample > 0) ? { shard } : {}),
  };
  if (found === undefined) return { stage, frontier };
  const { steps } = found.ran.exploration ?? {};
  const failed = { job: withSpec(job, found.spec), ran: found.ran };
  // A node that hangs ends the exploration without an outcome.
  return {
    frontier,
    failed,
    ...(steps === undefined ? {} : { stage: { ...stage, exhausted: false, steps } }),
  };
}

/** Returns the random schedules that the command runs: all of the sample, or those of its shard. */
function shareOfSample({ values: { sample, maxSchedules }, shard }: Task): ReturnType<typeof shareOf> {
  return shareOf(Math.min(sample, maxSchedules), shard);
}

/** Runs a search on one worker. */
async function runAlone(
  [worker]: readonly BenchWorker[],
  run: (worker: BenchWorker, spec: Partial<ExplorationSpec>) => Promise<JobResult | undefined>,
): Promise<FrontierRun> {
  const ran = worker && await run(worker, {});
  if (ran === undefined) return { frontier: NOTHING_DONE };
  const { exploration } = ran;
  if (exploration === undefined) return { frontier: NOTHING_DONE, failed: { spec: {}, ran } };
  const { steps, ...done } = exploration;
  return {
    frontier: { parts: [], done, isDivided: false },
    ...(steps === undefined ? {} : { failed: { spec: {}, ran } }),
  };
}

/** Returns the job with other settings of the exploration. */
function withSpec({ exploration, ...job }: ExplorationJob, spec: Partial<ExplorationSpec>): ExplorationJob {
  return { ...job, exploration: { ...exploration, ...spec } };
}

/** Returns a function that prints counts at intervals. */
function progressTeller(isQuiet: boolean, operations: number): (counts: ExplorationOutcome) => void {
  let shownAt = performance.now();
  return (counts) => {
    const now = performance.now();
    if (isQuiet || now - shownAt < PROGRESS_MS) return;
    shownAt = now;
    say(`${head(operations)}${countsText(counts)} so far`, "stderr");
  };
}

/**
 * Keeps what is left of an exploration, or removes the file of one that is complete. The file of a shard remains, to be merged. A
 * search of random schedules, or of states, cannot be continued.
 */
function keepRest(task: Task, rest: SavedExploration | undefined): void {
  const { shard, resumed, values } = task;
  if (rest === undefined || values.states || (values.sample > 0 && shard.total === 1)) return;
  const path = fileOf(task);
  const isLeft = rest.frontier.parts.length > 0;
  if (isLeft || shard.total > 1) writeFrontier(path, rest);
  else if (resumed !== undefined) Deno.removeSync(path);
  if (isLeft && !values.json) {
    say(`To continue: ${programName()} explore --resume ${path}`);
  }
}

function fileOf({ values: { resume, store = STORE_DEFAULT }, shard }: Task): string {
  return resume ?? `${store}/${frontierFile(shard)}`;
}

function savedOf(
  task: Task,
  { ran, operations, stages }: {
    readonly ran: StageRun;
    readonly operations: number;
    readonly stages: readonly Stage[];
  },
): SavedExploration {
  const { args, values, test, shard } = task;
  return {
    args: withoutResume(args),
    workload: test.workload,
    operations,
    operationsMax: values.operations,
    stages: stages.filter((stage) => stage.operations < operations),
    frontier: ran.frontier,
    ...(ran.stage === undefined ? {} : { seconds: ran.stage.seconds }),
    ...(shard.total > 1 ? { shard } : {}),
    ...(values.sample === 0
      ? {}
      : { sample: { schedules: shareOfSample(task).schedules, depth: values.depth } }),
    hasFailed: ran.failed !== undefined,
  };
}

/** Returns a command line without the file that it continues, which it must not name again. */
function withoutResume(args: readonly string[]): string[] {
  return args.filter((each, i) =>
    each !== "--resume" && args[i - 1] !== "--resume" && !each.startsWith("--resume=")
  );
}

/** Returns true if all that was asked for has run. */
function isComplete(stages: readonly Stage[], task: Task): boolean {
  const { operations, sample } = task.values;
  if (sample > 0) return stages[0]?.schedules === shareOf(sample, task.shard).schedules;
  return stages.length === operations && stages.every(({ exhausted }) => exhausted);
}

/** Reports a failing schedule, and returns the exit status. */
async function failed(
  job: VirtualJob,
  found: JobResult,
  { args, values, stages }: {
    readonly args: readonly string[];
    readonly values: Values<typeof settings>;
    readonly stages: readonly Stage[];
  },
): Promise<number> {
  const steps = found.exploration?.steps ?? [];
  const { exploration } = job;
  const replayed = exploration === undefined ? job : { ...job, exploration: { ...exploration, steps } };
  const ran = await withMessages(replayed, found);
  const recorded = seedCaseOf(replayed, ran);
  const { directory } = keepFailure(values.store ?? STORE_DEFAULT, {
    command: "sweep",
    argv: args,
    recorded,
    ran,
  });
  const valid = verdictForSweep(ran.result) === false ? false : "unknown";
  const { writeCaseReport } = await import("../report/write_report.ts"); // only a failure needs it
  await writeCaseReport(directory, { recorded, ran });
  if (values.json) {
    say(JSON.stringify({ valid, stages, steps, case: `${directory}/case.json` }));
    return exitStatus(valid);
  }
  const last = stages.at(-1);
  if (valid === false && last?.steps !== undefined) {
    say(`${head(last.operations)}one of ${countsText(last)} fails.`);
  }
  say("");
  for (const line of narrate(recorded, parseHistory(ran.history ?? [], { cutOff: "drop" }), ran.messages)) {
    say(line);
  }
  say("");
  const { test, seed } = job;
  const findings = findingsOfJob(test, ran);
  for (
    const line of summarize(ran.result, { test, seed, style: styleFor("stdout"), store: directory, findings })
  ) {
    say(line);
  }
  say(`To replay it byte for byte: ${programName()} replay ${directory}/case.json`);
  return exitStatus(valid);
}

/** Runs a schedule again and keeps its messages. A node that hangs is not run again. */
async function withMessages(job: VirtualJob, found: JobResult): Promise<JobResult> {
  if (found.exploration === undefined) return found;
  const worker = new BenchWorker();
  try {
    return await worker.run({ ...job, keepMessages: true });
  } finally {
    worker.stop();
  }
}
