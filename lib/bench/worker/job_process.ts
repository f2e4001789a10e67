/**
 * Runs jobs in another process of the bench. `Worker.terminate` of Deno does not end a thread while its code runs: a loop without
 * end uses its core and its memory as long as the process lives. A process can always be ended.
 *
 * Tested by `tests/bench/worker/job_process_test.ts`.
 */

import { BenchError, reasonOf } from "../errors.ts";
import type { ModuleSource } from "../cluster/module/messages.ts";
import { unjudged } from "../run/verdict.ts";
import type { WorkloadSource } from "../workloads/registry.ts";
import { frameOf, readFrames, SERVE_JOBS } from "./frames.ts";
import type { Job, JobResult, WorkerMessage } from "./job.ts";
import { jobResultOf } from "./messages.ts";

/** A request to run a job. */
export interface ProcessRequest {
  readonly job: Job;
  /** The files of the job's workload and invariants, unless they are built in. */
  readonly workload: WorkloadSource | undefined;
  readonly invariants: ModuleSource | undefined;
  /** True if the job needs new threads: those of earlier requests may keep state. */
  readonly isFirst: boolean;
}

/** An answer to a request. */
export interface ProcessAnswer {
  readonly message: WorkerMessage;
  /** True if a thread of the process cannot be ended, so that the process should run no further job. */
  readonly isSpent?: boolean;
}

/** Processes of the bench that serve jobs, one each. They end with the bench. */
export class ProcessPool {
  readonly #bench: string;
  readonly #idle: Child[] = [];

  /** Takes the path of the bench. Default: its own. */
  constructor(bench = Deno.execPath()) {
    this.#bench = bench;
  }

  /** Returns an idle process, or a new one. */
  take(): Child {
    return this.#idle.pop() ?? start(this.#bench);
  }

  /** Receives a process without a job. */
  give(child: Child): void {
    this.#idle.push(child);
  }

  /** Ends the idle processes. */
  async stop(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(end));
  }
}

/** Runs one job at a time, all in one process. It is taken from a pool for the first job. */
export class JobProcess {
  readonly #pool: ProcessPool;
  #child: Child | undefined;
  #isRunning = false;

  constructor(pool: ProcessPool) {
    this.#pool = pool;
  }

  /** Runs a job. Rejects with `StartError`, `ArgumentError` or `BenchError`. `receive` gets the messages before the result. */
  async run(
    request: Omit<ProcessRequest, "isFirst">,
    receive: (message: WorkerMessage) => void = () => {},
  ): Promise<JobResult> {
    const isFirst = this.#child === undefined;
    const child = this.#child ??= this.#pool.take();
    this.#isRunning = true;
    const whole: ProcessRequest = { ...request, isFirst };
    await child.requests.write(frameOf(whole)).catch(() => {}); // if the process ended, it does not answer
    for (;;) {
      const { value, done } = await child.answers.next();
      if (done === true) break;
      const { message, isSpent } = value as ProcessAnswer; // from the bench itself
      if (message.kind === "progress" || message.kind === "exploring") {
        receive(message);
        continue;
      }
      this.#isRunning = false;
      if (isSpent) {
        this.#child = undefined;
        await end(child);
      }
      return jobResultOf(message);
    }
    if (this.#child !== child) return await new Promise(() => {}); // like that of a worker, a stopped job never settles
    this.#child = undefined;
    const status = await child.process.status;
    await end(child);
    return endedResult(status);
  }

  /** Ends the current job, which then never settles, and its process. Returns a process without a job to the pool. */
  stop(): void {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    if (this.#isRunning) void end(child);
    else this.#pool.give(child);
  }
}

interface Child {
  readonly process: Deno.ChildProcess;
  readonly requests: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly answers: AsyncGenerator<unknown>;
}

/** Starts the bench with its answers on file descriptor 3, so that what a workload file prints is not among them. */
const SCRIPT = 'exec "$0" "$@" 3>&1 1>&2';

function start(bench: string): Child {
  let process: Deno.ChildProcess;
  try {
    Deno.statSync(bench); // without this, only the shell would fail
    process = new Deno.Command("/bin/sh", {
      args: ["-c", SCRIPT, bench, SERVE_JOBS],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
  } catch (error) {
    throw new BenchError(`cannot start ${bench} again for the module: ${reasonOf(error)}`);
  }
  return { process, requests: process.stdin.getWriter(), answers: readFrames(process.stdout) };
}

async function end({ process, requests, answers }: Child): Promise<void> {
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
  await requests.abort().catch(() => {});
  while (!(await answers.next()).done);
  await process.status;
}

function endedResult({ code, signal }: Deno.CommandStatus): JobResult {
  const how = signal ?? `status ${code}`;
  const result = unjudged(
    `no verdict: the process that ran the test ended (${how}). It probably used too much memory`,
  );
  return { result, operations: 0, tookMs: 0, checkMs: 0, events: 0, hasHung: true };
}
