/**
 * The page's side of a worker. It ends a worker whose node never returns, and finds out the node's name.
 *
 * Tested by `tests/bench/playground/page_test.ts`.
 */

/// <reference lib="dom" />

import type { Job, JobResult } from "../../worker/job.ts";
import { jobResultOf } from "../../worker/messages.ts";
import { stuckResult } from "../../worker/stuck_result.ts";
import type { CodePlace, PlayedRun, PlayMessage, RunRequest } from "../worker/messages.ts";

/** Time limit for one event of a node, and for the top level of a module, in ms. */
const STUCK_MS = 3000;
const WATCH_INTERVAL_MS = 250;

/** An error of the code or of the options, with its place in the code. */
export class PlayError extends Error {
  readonly place: CodePlace | undefined;

  constructor(message: string, place: CodePlace | undefined) {
    super(message);
    this.name = "PlayError";
    this.place = place;
  }
}

/** A run that ended because its user stopped it. */
export class StoppedError extends Error {}

/** The outcome of a run, with its report if one was requested. */
export interface PlayResult extends JobResult {
  readonly report?: PlayedRun;
}

/** A worker that runs one job at a time. */
export class PlayWorker {
  readonly #address: string;
  #worker: Worker | undefined;
  /** The code of the last job. Other code gets a new worker, because it must not depend on what the last one did there. */
  #code: string | undefined;
  #stopCurrent: () => void = () => {};

  /** Creates a worker from the address of its script. */
  constructor(address: string) {
    this.#address = address;
  }

  /**
   * Runs a job. Rejects with `PlayError`, or with `StoppedError` after `stop`. A node that never returns makes the result
   * invalid.
   */
  async run(job: Job, options: { readonly reportName?: string } = {}): Promise<PlayResult> {
    if (job.kind !== "virtual") throw new Error("a browser runs virtual time only");
    if (job.code !== this.#code) this.#end();
    this.#code = job.code;
    const first = await this.#watched({ job, nameFrom: Infinity, ...options });
    if (first.kind === "ran") return first.result;
    // The same run in a new worker, which now names each node before it runs.
    const again = await this.#watched({ job, nameFrom: first.turn });
    return again.kind === "ran" ? again.result : stuckResult(again.node ?? "?", STUCK_MS);
  }

  /** Starts the worker, so that the first run does not wait for it. */
  warmUp(): void {
    this.#started();
  }

  /** Ends the worker and its job. */
  stop(): void {
    this.#stopCurrent();
    this.#end();
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #started(): Worker {
    return this.#worker ??= new Worker(this.#address);
  }

  #watched(request: RunRequest): Promise<Watched> {
    const worker = this.#started();
    return new Promise((resolve, reject) => {
      const heartbeat = new Heartbeat();
      const timer = setInterval(() => {
        if (!heartbeat.isSilent()) return;
        settle();
        this.#end();
        const { turn, node } = heartbeat;
        if (turn === undefined) reject(loadingError());
        else resolve({ kind: "stuck", turn, node });
      }, WATCH_INTERVAL_MS);
      const settle = () => {
        clearInterval(timer);
        this.#stopCurrent = () => {};
      };
      this.#stopCurrent = () => {
        settle();
        reject(new StoppedError());
      };
      worker.onmessage = ({ data }: MessageEvent<PlayMessage>) => {
        heartbeat.note(data);
        if (data.kind === "ran") resolve({ kind: "ran", result: resultOf(data) });
        else if (data.kind === "error") reject(new PlayError(data.message, data.place));
        else return;
        settle();
      };
      worker.onerror = (event) => {
        event.preventDefault();
        settle();
        this.#end();
        reject(new PlayError(`the worker failed: ${event.message}`, undefined));
      };
      worker.postMessage(request);
    });
  }
}

type Watched =
  | { readonly kind: "ran"; readonly result: PlayResult }
  | { readonly kind: "stuck"; readonly turn: number; readonly node: string | undefined };

/** The last messages of a worker that runs a job. */
class Heartbeat {
  /** The number of turns; undefined while the module loads. */
  turn: number | undefined;
  node: string | undefined;
  #isWatched = false;
  /** True after a check that found the worker silent. Messages that a busy page has not read yet come before the next check. */
  #wasSilent = false;
  #lastMs = performance.now();

  note(message: PlayMessage): void {
    this.#lastMs = performance.now();
    this.#wasSilent = false;
    this.#isWatched = message.kind === "loading" || message.kind === "turn";
    if (message.kind === "turn") ({ turn: this.turn, node: this.node = this.node } = message);
  }

  /** True at the second check in a row that finds no message for too long. */
  isSilent(): boolean {
    const was = this.#wasSilent;
    this.#wasSilent = this.#isWatched && performance.now() - this.#lastMs > STUCK_MS;
    return was && this.#wasSilent;
  }
}

function loadingError(): PlayError {
  return new PlayError(
    `its top level did not end within ${STUCK_MS / 1000} s: a loop, or an await of nothing. ` +
      "Start work in the program, with node.after or node.every.",
    undefined,
  );
}

function resultOf({ value, text, report }: PlayMessage & { readonly kind: "ran" }): PlayResult {
  return { ...jobResultOf({ kind: "result", value, text }), ...(report === undefined ? {} : { report }) };
}
