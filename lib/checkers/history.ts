/** The history of a test: what clients (and the nemesis) did and what came of it, one event a line. */

/** Whether an event begins an operation or says how it ended; `info` means that nobody knows. */
export type EventType = "invoke" | "ok" | "fail" | "info";

/** The process name of fault injection. */
export const NEMESIS = "nemesis";

/**
 * One operation event. An operation is an `invoke` and, by the same process, at most one later `ok` (it happened),
 * `fail` (it surely did not) or `info` (indeterminate; the process never acts again). Times are ns since the test began.
 */
export interface Event {
  /** The place in the history, from 0. */
  readonly index: number;
  /** When it happened, in ns since the test began. */
  readonly time: number;
  /** Who did it: a client, or fault injection. */
  readonly process: number | typeof NEMESIS;
  /** Whether it begins an operation, or how it ended. */
  readonly type: EventType;
  /** The operation's name: `read`, `broadcast`, `txn`, … */
  readonly f: string;
  /** What was asked for, or came of it: each workload's own form. */
  readonly value: unknown;
  /** Why it failed, or is in doubt. */
  readonly error?: unknown;
  /** Set on the reads that follow the recovery at the end of a test. */
  readonly final?: boolean;
  /** Further keys of a recorded event (`node`, `poll-ms`, …) are kept. */
  readonly [key: string]: unknown;
}

/** A whole history, in the order of its indexes. */
export type History = readonly Event[];
