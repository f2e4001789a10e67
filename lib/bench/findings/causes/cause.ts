/**
 * The cause of a finding as data: sentences in the order of events, each with its references into the run.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

/**
 * The subject of a sentence: an operation; the delivery of messages, or the absence of any; a fault; a result that lacks or
 * contradicts something; a service's answer; a sum; a node's end.
 */
export type CauseKind =
  | "operation"
  | "delivery"
  | "absence"
  | "fault"
  | "read"
  | "service"
  | "sum"
  | "node";

/** One sentence of a cause. */
export interface CauseSentence {
  readonly kind: CauseKind;
  readonly text: string;
  /** Time of the event, in ns since the first operation could start. */
  readonly timeNs?: number;
  /** Ids of messages in messages.jsonl. */
  readonly messages: readonly number[];
  /** Indexes of events in the history. */
  readonly operations: readonly number[];
}

/** Returns a sentence. */
export function sentence(
  text: string,
  { kind, timeNs, messages = [], operations = [] }: {
    readonly kind: CauseKind;
    readonly timeNs?: number | undefined;
    readonly messages?: readonly number[];
    readonly operations?: readonly number[];
  },
): CauseSentence {
  return { kind, text, ...(timeNs === undefined ? {} : { timeNs }), messages, operations };
}

/** Returns a time in ms with one decimal: `33.8 ms`. */
export function at(timeNs: number): string {
  return `${(timeNs / 1e6).toFixed(1)} ms`;
}

/** Joins names: `n0, n2 and n4`. */
export function names(list: readonly string[]): string {
  return list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`;
}
