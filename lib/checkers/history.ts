/**
 * The history of a test: the events of its clients and of the nemesis.
 *
 * Tested by `tests/checkers/check_history_test.ts`.
 */

/**
 * The type of an event: the beginning of an operation, or one of its three ends. `info` means that the outcome is
 * unknown.
 */
export type EventType = "invoke" | "ok" | "fail" | "info";

/** The process name of fault injection. */
export const NEMESIS = "nemesis";

/**
 * An event of an operation.
 *
 * An operation is an `invoke` and at most one later event of the same process: `ok` (it happened), `fail` (it did not
 * happen) or `info` (it is indeterminate, and the process never acts again).
 */
export interface Event {
  /** The position in the history, from 0. */
  readonly index: number;
  /** The time in ns since the test began. */
  readonly time: number;
  /** The client, or the nemesis. */
  readonly process: number | typeof NEMESIS;
  /** The beginning or the end of an operation. */
  readonly type: EventType;
  /** The operation's name: `read`, `broadcast`, `txn`, … */
  readonly f: string;
  /** The arguments or the outcome, in the form of the workload. */
  readonly value: unknown;
  /** The reason for which the operation failed or is indeterminate. */
  readonly error?: unknown;
  /** True for the reads that follow the recovery at the end of a test. */
  readonly final?: boolean;
  /** Further fields of a recorded event, such as `node` and `poll-ms`. */
  readonly [key: string]: unknown;
}

/** A history in the order of its indexes. */
export type History = readonly Event[];
