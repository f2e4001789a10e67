/**
 * Watches workers. It ends a worker that hangs, and names the node that the worker was running.
 *
 * Tested by `tests/bench/cluster/module_test.ts`.
 */

import type { JepsenHistoryResult } from "../../checkers/jepsen.ts";
import {
  type CheckJob,
  type Job,
  type JobResult,
  WATCH_LENGTH,
  type WorkerMessage,
  type WorkerRequest,
} from "./job.ts";
import { channelMemory, endChannel, endReason, moduleTurn } from "../cluster/module/channel.ts";
import type { ModuleSource } from "../cluster/module/messages.ts";
import { MODULE_MEMORY_MAX } from "../cluster/module/program.ts";
import type { ExplorationOutcome } from "../explore/exploration.ts";
import type { CheckLimits, TestOptions } from "../run/options.ts";
import { type TestResult, unjudged } from "../run/verdict.ts";
import { partPlace } from "../run/workload_place.ts";
import { WORKLOAD_PARTS, type WorkloadPart } from "../run/workload_guard.ts";
import { findWorkload } from "../workloads/registry.ts";
import { findingsOf } from "../findings/findings.ts";
import { invariantSource } from "../invariants/registry.ts";
import { moduleOfCode, type ReadModule, readModule } from "../cluster/node_module.ts";
import { type CheckedHistory, checkedOf, jobResultOf } from "./messages.ts";
import { JobProcess, ProcessPool } from "./job_process.ts";
import { stuckResult } from "./stuck_result.ts";
import { takeThread } from "./thread.ts";

/** Time limit for one event of a node in virtual time, in ms of wall time. */
const STUCK_MS = 10_000;
const WATCH_INTERVAL_MS = 500;
/** The time that a check has to end by itself after its limit, in ms. */
const CHECK_GRACE_MS = 1000;
/** Interval between checks of the memory while a module runs, or a check with a limit, in ms. */
const MEMORY_INTERVAL_MS = 20;
/** The number of memory checks after which an event has lasted long. */
const LONG_EVENT_SAMPLES = 3;
/** The number of bytes by which the bench may grow for each module, however short its events are. */
const BENCH_MEMORY_MAX = 2 * 1024 * 1024 * 1024;

let isMemoryLimited = false;
let processes: ProcessPool | undefined;

/** Limits the memory of modules. It is measured for the whole process, so the process must be the bench's own. */
export function limitModuleMemory(): void {
  isMemoryLimited = true;
}

/** Runs code that is not the bench's own in processes that can be ended. The bench must be an executable of its own. */
export function separateModules(): void {
  processes = new ProcessPool();
}

/** Ends the idle processes, so that none outlives the bench. */
export async function endProcesses(): Promise<void> {
  await processes?.stop();
}

/** The callbacks of a watched job. */
export interface WorkOptions {
  /** Receives the completed fraction, from 0 to 1, of a long job. */
  readonly progress?: (part: number) => void;
  /** Receives the counts of an exploration at times. */
  readonly exploring?: (counts: ExplorationOutcome) => void;
}

/** A worker that does one job at a time. */
export class BenchWorker {
  #worker: Worker | undefined;
  #module: ModuleWorker | undefined;
  #process: JobProcess | undefined;
  #isSpent = false;

  /** True if a thread did not return from the code of a module or a workload file: it runs until this process ends. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** Runs a job. Rejects with `StartError`, `ArgumentError` or `BenchError`. A node that hangs makes the result invalid. */
  async run(job: Job, options: WorkOptions = {}): Promise<JobResult> {
    const { workload, invariants } = filesOf(job.test);
    const hasModule = job.kind === "virtual" && (job.module ?? job.code) !== undefined;
    if (processes !== undefined && (hasModule || workload !== undefined || invariants !== undefined)) {
      this.#process ??= new JobProcess(processes);
      return await this.#process.run(
        { job, workload, invariants },
        (message) => tellProgress(message, options),
      );
    }
    if (job.kind === "judge") return await this.#run({ job }, options);
    const key = job.code ?? job.module;
    if (key === undefined) return await this.#run({ job }, options);
    if (this.#module?.key !== key) {
      this.#module?.stop();
      const read = job.code === undefined ? await readModule(key) : await moduleOfCode(key);
      this.#module = new ModuleWorker(key, read);
    }
    const module = this.#module;
    const stopWatching = module.watchMemory();
    try {
      return await this.#run({ job, module }, options);
    } finally {
      stopWatching();
      if (module.hasEnded) this.#abandon();
    }
  }

  #run(
    { job, module }: { readonly job: Job; readonly module?: ModuleWorker },
    options: WorkOptions,
  ): Promise<JobResult> {
    const watch = new Int32Array(new SharedArrayBuffer(4 * WATCH_LENGTH));
    return new Promise((resolve, reject) => {
      let known: WorkerMessage | undefined; // parsed only if the judge does not return
      const stopWatching = watchFor(watch, job.test.checkLimits, (reason) => {
        const working = watch[1] ?? 1;
        this.#abandon();
        if (working < 0) {
          const ran = known && jobResultOf(known);
          const result = withoutJudgment(stuckText(job.test, working, reason), ran?.result);
          resolve({ ...ran ?? NOTHING_RAN, result, hasHung: true });
        } else if (job.kind === "virtual") resolve(stuckResult(job.test.nodes[working - 1] ?? "?", STUCK_MS));
      });
      const done = (message: WorkerMessage) => {
        if (message.kind === "unjudged") {
          known = message.answer;
          return;
        }
        stopWatching();
        try {
          resolve(jobResultOf(message));
        } catch (error) {
          reject(error);
        }
      };
      const at = module === undefined ? {} : { module: { memory: module.memory, source: module.source } };
      this.#ask({ job, watch, ...at, ...filesOf(job.test) }, { ...options, done });
    });
  }

  /** Judges a history. Rejects with `ArgumentError` or `BenchError` when the history cannot be read. */
  check(job: CheckJob, options: WorkOptions = {}): Promise<CheckedHistory> {
    const watch = new Int32Array(new SharedArrayBuffer(4 * WATCH_LENGTH));
    return new Promise((resolve, reject) => {
      let known: WorkerMessage | undefined; // parsed only if the judge does not return
      const stopWatching = watchFor(watch, job.checkLimits, (reason) => {
        const read = known && checkedOf(known).result;
        const result = withoutJudgment(stuckText(job, watch[1] ?? 0, reason), read);
        this.stop();
        resolve({ result, findings: findingsOf(result, []) });
      });
      const done = (message: WorkerMessage) => {
        if (message.kind === "unjudged") {
          known = message.answer;
          return;
        }
        stopWatching();
        try {
          resolve(checkedOf(message));
        } catch (error) {
          reject(error);
        }
      };
      this.#ask({ job, watch, ...filesOf(job) }, { ...options, done });
    });
  }

  #ask(
    work: WorkerRequest,
    { done, ...options }: WorkOptions & { readonly done: (message: WorkerMessage) => void },
  ): void {
    const worker = this.#worker ??= takeThread();
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      if (!tellProgress(data, options) && data.kind !== "ready") done(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.stop();
      done({ kind: "error", name: "BenchError", message: `the worker failed: ${event.message}` });
    };
    worker.postMessage(work);
  }

  /** Ends the worker and its current job. */
  stop(): void {
    this.#process?.stop();
    this.#process = undefined;
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#module?.stop();
    this.#module = undefined;
  }

  #abandon(): void {
    this.#isSpent = true;
    this.stop();
  }
}

/** Passes a message on if it reports progress. Returns true if it does. */
function tellProgress(message: WorkerMessage, { progress, exploring }: WorkOptions): boolean {
  if (message.kind === "progress") progress?.(message.part);
  else if (message.kind === "exploring") exploring?.(message.counts);
  else return false;
  return true;
}

/** The worker of a module. It may only use its channel, and read the source files of the module. */
class ModuleWorker {
  /** The resident memory of the bench before its first module ran, in bytes. */
  static #baseline = 0;
  /** The number of running modules. */
  static #working = 0;

  /** The path of the module, or its code. */
  readonly key: string;
  readonly source: ModuleSource;
  readonly memory = channelMemory();
  readonly #worker: Worker;

  constructor(key: string, { source, files }: ReadModule) {
    this.key = key;
    this.source = source;
    this.#worker = new Worker(new URL("../cluster/module/worker.ts", import.meta.url), {
      type: "module",
      deno: { permissions: files.length === 0 ? "none" : { read: [...files] } },
    });
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end("timeout");
    };
    this.#worker.postMessage({ memory: this.memory });
  }

  /** True if the worker ended because of an action of the module. */
  get hasEnded(): boolean {
    return endReason(this.memory) !== undefined;
  }

  /**
   * Ends the worker when memory grows too much, since a single worker has no memory limit. The simulation grows too, so a module is
   * ended early only if one event of its has lasted for a while. Returns a function that ends the watch.
   */
  watchMemory(): () => void {
    if (!isMemoryLimited) return () => {};
    if (ModuleWorker.#working === 0) ModuleWorker.#baseline = Deno.memoryUsage().rss;
    const baseline = ModuleWorker.#baseline;
    ModuleWorker.#working++;
    let turn: number | undefined;
    let samples = 0;
    const timer = setInterval(() => {
      const now = moduleTurn(this.memory);
      samples = now !== undefined && now === turn ? samples + 1 : 0;
      turn = now;
      const grown = (Deno.memoryUsage().rss - baseline) / ModuleWorker.#working;
      const allowed = samples >= LONG_EVENT_SAMPLES ? MODULE_MEMORY_MAX : BENCH_MEMORY_MAX;
      if (grown > allowed) this.#end("memory");
    }, MEMORY_INTERVAL_MS);
    return () => {
      clearInterval(timer);
      ModuleWorker.#working--;
    };
  }

  stop(): void {
    this.#worker.terminate();
  }

  #end(reason: "timeout" | "memory"): void {
    this.stop();
    endChannel(this.memory, reason);
  }
}

/** The reason why the bench ended a worker. */
type StuckReason = "time" | "memory";

/**
 * Calls `stuck` when a node or a part of a workload file has been running for too long. A check may take as long and as much
 * memory as its limits allow.
 */
function watchFor(
  watch: Int32Array,
  limits: CheckLimits | undefined,
  stuck: (reason: StuckReason) => void,
): () => void {
  let turn = -1;
  let since = performance.now();
  let memory = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    const turnNow = Atomics.load(watch, 0);
    const working = watch[1] ?? 0;
    if (working === 0 || turnNow !== turn) {
      turn = turnNow;
      since = now;
      memory = Deno.memoryUsage().rss;
      return;
    }
    const isCheck = partOf(working) === "judge";
    const limitMs = isCheck ? (limits?.timeoutS ?? Infinity) * 1000 + CHECK_GRACE_MS : STUCK_MS;
    const isLarge = isCheck && Deno.memoryUsage().rss - memory > (limits?.memoryMb ?? Infinity) * 1_000_000;
    if (now - since <= limitMs && !isLarge) return;
    clearInterval(timer);
    stuck(isLarge ? "memory" : "time");
  }, limits?.memoryMb === undefined ? WATCH_INTERVAL_MS : MEMORY_INTERVAL_MS);
  return () => clearInterval(timer);
}

/** Returns the part of a workload for its number in shared memory; undefined for a node. */
function partOf(working: number): WorkloadPart | undefined {
  return WORKLOAD_PARTS[-1 - working];
}

function stuckText(
  { workload, invariants }: Pick<TestOptions, "workload" | "invariants">,
  working: number,
  reason: StuckReason,
): string {
  const part = partOf(working) ?? "judge";
  const { source } = findWorkload(workload) ?? {};
  const place = part === "invariant"
    ? `${invariants}: an invariant`
    : source === undefined
    ? `the check of ${workload}`
    : `${partPlace(source, part)}: ${part}`;
  if (reason === "memory") {
    return `${place} reached the limit of memory (--check-memory), so the workload has no verdict`;
  }
  const option = part === "judge" ? " (--check-timeout)" : "";
  return `${place} did not return in time${option}, so the workload has no verdict`;
}

/** Returns the code of the files that a job uses, for another thread; undefined for what is built in. */
function filesOf(
  { workload, invariants }: Pick<TestOptions, "workload" | "invariants">,
): Pick<WorkerRequest, "workload" | "invariants"> {
  return { workload: findWorkload(workload)?.source, invariants: invariantSource(invariants) };
}

/** Returns a result whose workload has no verdict, with what is known besides. */
function withoutJudgment<R extends JepsenHistoryResult>(error: string, known: R | undefined): R | TestResult {
  const nothing = unjudged(error);
  return known === undefined ? nothing : { ...known, workload: nothing.workload };
}

const NOTHING_RAN: Omit<JobResult, "result"> = { operations: 0, tookMs: STUCK_MS, checkMs: 0, events: 0 };
