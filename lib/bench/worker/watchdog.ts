/**
 * Ends the bench when a part of a workload file does not return in a test in real time. The clients of such a test run in the
 * main thread, which then answers neither timers nor signals.
 *
 * Tested by `tests/bench/workloads/workload_file_test.ts`.
 */

import { partPlace } from "../run/workload_place.ts";
import { type Enter, WORKLOAD_PARTS } from "../run/workload_guard.ts";
import type { WorkloadSource } from "../workloads/registry.ts";
import { enter } from "./limited_check.ts";
import { WATCH_LENGTH } from "./job.ts";

/** The request to the watchdog's thread. */
export interface WatchdogRequest {
  /** [parts entered, −1 − the running part]. */
  readonly watch: Int32Array;
  /** The error for each part that does not return. */
  readonly errors: readonly string[];
  /** The run's test.json, and its text before and after the error; absent if the run is not kept. */
  readonly kept?: { readonly path: string; readonly text: readonly [before: string, after: string] };
  /** The folder to remove, if there is one. */
  readonly temporary: string | undefined;
}

/** A running watchdog. */
export interface Watchdog {
  /** Receives the part of the workload that runs now. */
  readonly entered: Enter;
  readonly stop: () => void;
}

/** Starts a watchdog for a run, which `name` names in the error. `head` returns the test.json of a kept run with an error. */
export function startWatchdog(
  source: WorkloadSource,
  { name, kept, temporary }: {
    readonly name?: string;
    /** A folder that is removed if the bench ends. */
    readonly temporary?: string;
    readonly kept?: { readonly path: string; readonly head: (error: string) => object };
  },
): Watchdog {
  const watch = new Int32Array(new SharedArrayBuffer(4 * WATCH_LENGTH));
  const worker = new Worker(new URL("./watchdog_worker.ts", import.meta.url), { type: "module" });
  const run = name === undefined ? "" : `${name}: `;
  const request: WatchdogRequest = {
    watch,
    errors: WORKLOAD_PARTS.map((part) => `${run}${partPlace(source, part)}: ${part} did not return in time`),
    ...(kept === undefined ? {} : { kept: { path: kept.path, text: aroundError(kept.head) } }),
    temporary,
  };
  worker.postMessage(request);
  return { entered: (part) => enter(watch, part), stop: () => worker.terminate() };
}

/** Returns the text of a test.json before and after its error. */
function aroundError(head: (error: string) => object): readonly [before: string, after: string] {
  const mark = crypto.randomUUID();
  const [before = "", after = ""] = JSON.stringify(head(mark), undefined, 1).split(JSON.stringify(mark));
  return [before, after];
}
