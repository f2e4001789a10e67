/**
 * The command `charybdis test`, which runs a test and judges it.
 *
 * Tested by `tests/bench/cluster/process_cluster_test.ts`.
 */

import { VERDICT_STATUSES } from "./exit_statuses.ts";
import { programName } from "./program_name.ts";
import { resultText } from "../../checkers/parse.ts";
import { mergeValidity, type Validity } from "../../checkers/result.ts";
import { ArgumentError, describeSettings } from "../../runtime/settings.ts";
import { VERSION } from "../version.ts";
import { reasonOf } from "../errors.ts";
import { say, styleFor } from "../terminal/output.ts";
import { loadProgram } from "../cluster/builtin_nodes.ts";
import { findExecutable, optionsOf } from "../cluster/executable.ts";
import { charactersOf } from "../store/file_limit.ts";
import { type EndSignal, Interruption, SIGNAL_STATUS } from "../run/interruption.ts";
import { jobOfTest, type JobResult } from "../worker/job.ts";
import { describeFaultKinds, needDisk } from "../nemesis/faults.ts";
import { type ParsedTest, parseTest, runSettings, testSettings } from "../run/options.ts";
import { Progress } from "../terminal/progress.ts";
import { limitedMessages, RECORDED_LENGTH_MAX } from "../run/message_limit.ts";
import { findingsIn } from "../store/run_record.ts";
import type { WrittenReport } from "../report/report_worker.ts";
import { writeReportAside } from "../report/write_report.ts";
import { shownMessages } from "../run/shown_messages.ts";
import { eventLine, fileHead } from "../store/format.ts";
import { makeRunStore, type RunStore, STORE_DEFAULT } from "../store/run_store.ts";
import { StateLines, STATES_LENGTH_MAX } from "../run/state_journal.ts";
import { summarize } from "../terminal/summary.ts";
import { plural } from "../format.ts";
import { exitStatus } from "../exit_status.ts";
import { type TestResult, unjudged } from "../run/verdict.ts";
import { runProcesses } from "../run/process_run.ts";
import type { Enter } from "../run/workload_guard.ts";
import { registeredWorkload } from "../workloads/registry.ts";
import { startWatchdog, type Watchdog } from "../worker/watchdog.ts";
import { WorkerPool } from "../worker/pool.ts";
import type { NodeSandbox } from "../cluster/process_cluster.ts";
import { sandboxOf } from "../sandbox/node_sandbox.ts";
import type { RunObservations } from "../run/run_observations.ts";
import { parseResult } from "../store/parse_result.ts";

/** A test after its run and its verdict. */
export interface TestRunResult {
  readonly result: TestResult;
  /** The signal that ended the run early. The run then has no verdict. */
  readonly signal: EndSignal | undefined;
  /** The number of operations that clients started. */
  readonly operations: number;
  readonly seed: number;
  readonly store: RunStore | undefined;
  readonly seconds: number;
  /** The run's report, if one was written. */
  readonly report?: WrittenReport | undefined;
  /** True if the run or its check did not end by itself. Such a run is not repeated. */
  readonly hasHung?: boolean | undefined;
}

/** Runs the command and returns its exit status. */
export async function testCommand(args: readonly string[]): Promise<number> {
  const custom = parseTest(args);
  if (custom.run.help) {
    say(usage());
    return 0;
  }
  const workers = new WorkerPool();
  try {
    let valid: Validity = true;
    for (let count = 0; count < custom.run.testCount; count++) {
      const tested = await runTest(custom, args, { workers, quiet: custom.run.json });
      show(tested, custom);
      if (tested.signal !== undefined) return SIGNAL_STATUS[tested.signal];
      valid = mergeValidity([valid, tested.result.valid]);
      if (valid !== true) break;
    }
    return exitStatus(valid);
  } finally {
    workers.stop();
  }
}

/** Runs one test and stores its results. */
export async function runTest(
  custom: ParsedTest,
  argv: readonly string[],
  { workers, quiet, reports = "all", ...given }: {
    readonly workers: WorkerPool;
    /** True if progress is not shown. */
    readonly quiet: boolean;
    /** The runs in real time whose reports are written. */
    readonly reports?: "all" | "failed";
    /** The sandbox of the nodes, instead of that of the options. */
    readonly sandbox?: NodeSandbox | undefined;
  },
): Promise<TestRunResult> {
  const { test, run, nodeArguments } = custom;
  // Before the store is touched: a wrong command line leaves no run behind.
  const bin = executableOf(run);
  if (bin === undefined && run.module === undefined && nodeArguments.length > 0) {
    await loadProgram({ workload: test.workload, args: nodeArguments });
  }
  const sandbox = bin === undefined || given.sandbox !== undefined || !run.sandbox
    ? given.sandbox
    : await sandboxOf(bin, { ...run, store: run.store ?? STORE_DEFAULT });
  const seed = run.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const started = new Date();
  const head = {
    ...fileHead(),
    argv,
    test,
    nodeArguments,
    seed,
    virtual: run.virtual,
    started: started.toISOString(),
  };
  const open = () => {
    const store = makeRunStore(run.store ?? STORE_DEFAULT, { workload: test.workload, started });
    store.writeJson("test.json", { ...head, state: "running" });
    return store;
  };
  let store = run.virtual && !isAlwaysKept(run) ? undefined : open();
  const interruption = new Interruption(() =>
    store?.writeJson("test.json", { ...head, state: "interrupted" })
  );
  const { source } = registeredWorkload(test.workload);
  let watchdog: Watchdog | undefined;
  let job: JobResult;
  try {
    if (bin !== undefined && source !== undefined) {
      const path = `${(store ??= open()).directory}/test.json`;
      const failed = (error: string) => ({ ...head, state: "failed", error });
      watchdog = startWatchdog(source, { kept: { path, head: failed } });
    }
    job = bin === undefined
      ? await runInVirtualTime(custom, { seed, report: run.report, interruption, workers })
      : await runInRealTime(custom, {
        bin,
        sandbox,
        seed,
        store: store ??= open(),
        quiet,
        interruption,
        workers,
        entered: watchdog?.entered,
      });
  } catch (error) {
    store?.writeJson("test.json", { ...head, state: "failed", error: reasonOf(error) });
    throw error;
  } finally {
    watchdog?.stop();
    interruption.end();
  }
  const { signal } = interruption;
  const { operations, hasHung } = job;
  if (signal !== undefined) {
    store?.writeJson("test.json", { ...head, state: "interrupted", signal });
    store?.writeResults(job.result);
    return { result: job.result, signal, operations, seed, store, seconds: secondsSince(started) };
  }
  if (job.result.valid !== true) store ??= open(); // runs that are not valid are always kept
  let report: WrittenReport | undefined;
  if (store !== undefined) {
    keep(store, job);
    store.writeResults(job.result);
    const { result: { valid }, checkMs } = job;
    store.writeJson("test.json", { ...head, state: "done", valid, seconds: secondsSince(started), checkMs });
    const isReported = run.report || valid !== true || (!run.virtual && reports === "all");
    if (isReported) report = await writeReportAside(store.directory);
  }
  return {
    result: job.result,
    signal,
    operations,
    seed,
    store,
    seconds: secondsSince(started),
    report,
    hasHung,
  };
}

function secondsSince(started: Date): number {
  return (Date.now() - started.getTime()) / 1000;
}

/**
 * Returns the outcome of a run that a signal ended. The run is not judged, because a truncated history incriminates correct
 * nodes.
 */
function interruptedJob(signal: EndSignal, operations: number): JobResult {
  const result = { ...unjudged(`the run was ended by ${signal}`), interrupted: signal };
  return { result, operations, tookMs: 0, checkMs: 0, events: 0 };
}

/** Returns the path of the nodes' executable; undefined in virtual time. Throws `ArgumentError` if there is none to run. */
function executableOf(
  { virtual, bin, module, sandbox, sandboxDir, sandboxRead }: ParsedTest["run"],
): string | undefined {
  if (!sandbox && (sandboxDir !== undefined || sandboxRead.length > 0)) {
    throw new ArgumentError(`--sandbox-${sandboxDir === undefined ? "read" : "dir"} needs --sandbox`);
  }
  if (virtual) {
    if (bin === undefined) return undefined;
    throw new ArgumentError("--bin and --virtual exclude each other: processes need real time");
  }
  if (module !== undefined) {
    throw new ArgumentError("--module needs --virtual: a module runs in virtual time");
  }
  if (bin === undefined) {
    throw new ArgumentError(
      "--bin FILE is missing: the executable that runs a node (or --virtual, for a built-in one)",
    );
  }
  return findExecutable(bin);
}

/** Returns true if a run in virtual time is kept even if it is valid. */
function isAlwaysKept({ store, report, logMessages }: ParsedTest["run"]): boolean {
  return store !== undefined || report || logMessages;
}

/** Repeats an invalid run whose messages were not kept, so that its report shows them. The same seed gives the same run. */
async function runInVirtualTime(
  custom: ParsedTest,
  { seed, report, interruption, workers }: {
    readonly seed: number;
    readonly report: boolean;
    readonly interruption: Interruption;
    readonly workers: WorkerPool;
  },
): Promise<JobResult> {
  const { test, run } = custom;
  // A check with a limit, or an event of a module, may need all of its time, and a repetition would need it again.
  const mayHang = test.checkLimits !== undefined || run.module !== undefined;
  const keepMessages = run.logMessages || report || mayHang;
  const job = await workers.use((worker) =>
    interruption.orSignal(worker.run(jobOfTest(custom, {
      seed,
      keepMessages,
      keepHistory: isAlwaysKept(run) ? "always" : "invalid",
    })))
  );
  if (job === undefined) return interruptedJob(await interruption.asked, 0);
  // A run whose history has reached its limit does not justify using twice the memory, and one that hung twice the time.
  const isLarge = parseResult(job.result).earlyEnd === "history-limit";
  const again = !isLarge && job.hasHung !== true && job.result.valid !== true && !keepMessages;
  return again ? await runInVirtualTime(custom, { seed, report: true, interruption, workers }) : job;
}

async function runInRealTime(
  { test, run, nodeArguments }: ParsedTest,
  { bin, sandbox, seed, store, quiet, interruption, workers, entered }: {
    readonly bin: string;
    readonly sandbox: NodeSandbox | undefined;
    readonly seed: number;
    readonly store: RunStore;
    readonly quiet: boolean;
    readonly interruption: Interruption;
    readonly workers: WorkerPool;
    /** Receives the part of a workload file that runs now. */
    readonly entered: Enter | undefined;
  },
): Promise<JobResult> {
  const args = sandbox !== undefined
    ? () => nodeArguments
    : await argumentsOf(bin, { custom: { test, run, nodeArguments }, store });
  const history = store.lines("history.jsonl");
  const messageFile = store.lines("messages.jsonl");
  const stateFile = store.lines("states.jsonl");
  const write = (line: string) => messageFile.write(line);
  const lengthMax = charactersOf(run.fileLimitMb);
  const messages = limitedMessages(
    write,
    run.logMessages ? lengthMax : Math.min(lengthMax, RECORDED_LENGTH_MAX),
  );
  const logs = new Map(test.nodes.map((node) => [node, store.nodeLog(node, lengthMax)]));
  const path = `${store.directory}/history.jsonl`;
  const judgeSoFar = async (observations: RunObservations) => {
    history.flush();
    return (await workers.use((worker) => worker.run({ kind: "judge", test, observations, path }))).result;
  };
  const progress = new Progress({ quiet, timeLimitS: test.timeLimitS });
  try {
    const observations = await runProcesses({
      test,
      seed,
      fileLimitMb: run.fileLimitMb,
      bin,
      sandbox,
      judgeSoFar: run.failFast ? judgeSoFar : undefined,
      args,
      record: (event) => {
        history.write(eventLine(event));
        if (entered !== undefined) history.flush(); // the code of a workload file may stop this thread
        progress.count(event);
      },
      stderr: (node, chunk) => {
        logs.get(node)?.write(chunk);
        if (run.logStderr) progress.note(`${node}: ${new TextDecoder().decode(chunk).trimEnd()}`);
      },
      messages: shownMessages(messages.sink, {
        sent: run.logNetSend,
        received: run.logNetRecv,
        say: (text) => progress.note(text),
      }),
      states: (now) =>
        new StateLines(now, (line) => stateFile.write(line), Math.min(lengthMax, STATES_LENGTH_MAX)),
      progress: (phase) => progress.phase(phase),
      entered,
      interruptible: (interrupt) => void interruption.asked.then(interrupt),
    });
    history.flush();
    progress.phase("checking");
    const judged = observations.interrupted ? undefined : await interruption.orSignal(
      workers.use((worker) =>
        worker.run({ kind: "judge", test, observations, path }, {
          progress: (part) => progress.checking(part),
        })
      ),
    );
    return judged ?? interruptedJob(await interruption.asked, progress.operations);
  } finally {
    await progress.end();
    history.close();
    messages.end();
    messageFile.close();
    stateFile.close();
    for (const log of logs.values()) log.close();
  }
}

/** Returns the arguments of each node's process. If nodes are killed, those that can keep their state get a directory for it. */
async function argumentsOf(
  bin: string,
  { custom: { test, run, nodeArguments }, store }: { readonly custom: ParsedTest; readonly store: RunStore },
): Promise<() => readonly string[]> {
  const own = nodeArguments.includes("--data");
  if (own || run.noData || !needDisk(test.faults) || !(await optionsOf(bin)).has("--data")) {
    return () => nodeArguments;
  }
  const data = `${Deno.realPathSync(store.directory)}/data`;
  const id = crypto.randomUUID();
  return () => [...nodeArguments, "--data", data, "--run", id];
}

/** Writes a worker's results to the store. */
function keep(store: RunStore, { history, messages, states, logs }: JobResult): void {
  const files = { "history.jsonl": history, "messages.jsonl": messages, "states.jsonl": states };
  for (const [name, lines] of Object.entries(files)) {
    if (lines !== undefined) store.writeText(name, lines.map((line) => `${line}\n`).join(""));
  }
  for (const [node, lines] of logs ?? []) {
    store.writeText(
      `node-logs/${node}.log`,
      lines.map((line) => `${line}\n`).join(""),
    );
  }
}

function show(tested: TestRunResult, { test, run }: ParsedTest): void {
  const { result, seed, store, signal, report } = tested;
  if (signal === "SIGHUP") return; // the terminal is gone
  if (run.json) {
    say(resultText(result));
    return;
  }
  if (signal !== undefined) return say(describeInterruption(signal, tested));
  if (run.verbose) say(resultText(result, 1));
  const where = store === undefined ? {} : {
    store: store.directory,
    findings: report?.findings ?? findingsIn(store.directory, result),
  };
  const lines = summarize(result, { test, style: styleFor("stdout"), seed, ...where });
  for (const line of lines) say(line);
}

function describeInterruption(signal: EndSignal, { operations, store, seconds }: TestRunResult): string {
  const ended = `Interrupted by ${signal} after ${seconds.toFixed(1)} s: no verdict.`;
  if (store === undefined || operations === 0) return ended;
  const { directory } = store;
  return `${ended} ${
    plural(operations, "operation")
  } are kept in ${directory}. To judge them: ${programName()} check ${directory}`;
}

function usage(): string {
  return [
    "Usage: charybdis test -w WORKLOAD --bin FILE [options] [-- arguments of the node]",
    "       charybdis test -w WORKLOAD --virtual [--seed N] [options]",
    "",
    "Starts nodes, sends requests from clients, injects faults, and judges the history. Options of the test:",
    describeSettings(testSettings),
    "",
    "Options of the run and its results:",
    describeSettings(runSettings),
    "",
    "Faults, for --nemesis:",
    describeFaultKinds(),
    "",
    "Terms: an operation is ok, failed (it surely did not happen) or indeterminate (it may have happened). An element is",
    "stable (from some moment on every read holds it), stale (stable, but a read that began after it was known lacks it),",
    "lost (known, and the last reads lack it) or never-read.",
    "",
    VERDICT_STATUSES,
    `Charybdis ${VERSION}`,
  ].join("\n");
}
