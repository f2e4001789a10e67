/** The messages between the playground's page and its workers. Tested by `tests/bench/playground/page_test.ts`. */

import type { JobResult, VirtualJob } from "../../worker/job.ts";

/** A request to run a job. */
export interface RunRequest {
  readonly job: VirtualJob;
  /** The turn from which on the worker names each node before it runs, so that the page knows which one hangs. */
  readonly nameFrom: number;
  /** The name of the run in its report; without it, no report is made. */
  readonly reportName?: string;
}

/** The report of a run. */
export interface PlayedRun {
  /** The page, without scripts. */
  readonly html: string;
  /** The network's id of each message in the report, by row. */
  readonly messageIds: readonly number[];
}

/** The place of an error in the code. */
export interface CodePlace {
  readonly line: number;
  readonly column: number;
}

/** A message of a worker. */
export type PlayMessage =
  | { readonly kind: "loading" }
  /** A sign of life: the turns so far, and the node that runs, if each turn is named. */
  | { readonly kind: "turn"; readonly turn: number; readonly node?: string | undefined }
  | { readonly kind: "checking" }
  /** The result travels as text, because structured cloning drops the class of numbers that JSON would change. */
  | {
    readonly kind: "ran";
    readonly value: Omit<JobResult, "result">;
    readonly text: string;
    readonly report?: PlayedRun;
  }
  | {
    readonly kind: "error";
    readonly name: string;
    readonly message: string;
    readonly place?: CodePlace | undefined;
  };
