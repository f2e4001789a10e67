/**
 * The data of a report, as embedded in its page. Columns instead of objects, because columns compress well. Times are
 * whole microseconds since the first operation could start; earlier events have negative times.
 *
 * Tested by `tests/bench/report/columns_test.ts`.
 */

/** The data that the page draws. */
export interface ReportData {
  readonly workload: string;
  readonly beginUs: number;
  readonly endUs: number;
  readonly nodes: readonly string[];
  readonly operations: OperationColumns;
  /** `null` if no messages were recorded. */
  readonly messages: MessageColumns | null;
  readonly faults: readonly FaultBand[];
  /** By node, the time of its unexpected exit. */
  readonly ends: Readonly<Record<string, number>>;
  readonly findings: readonly FindingMark[];
  readonly traffic: TrafficBins | null;
  /** `null` if no states were recorded. */
  readonly states: StateColumns | null;
  /** The lines that nodes wrote to their logs; `null` if their times were not recorded. */
  readonly logs: LogColumns | null;
  /** The values that clients gave to nodes; `null` if messages were not recorded. */
  readonly carried: CarriedColumns | null;
  /** The account of a failed run, in the order of reading; empty for a valid run. */
  readonly story: readonly StoryMoment[];
  /** The view on which the page opens. */
  readonly opening: OpeningView;
  /** The last output of nodes that exited unexpectedly. */
  readonly lastWords: readonly LastWords[];
  /** Replies that lack what the workload expects, field by field. */
  readonly replies: readonly ReplyDifference[];
}

/** Returns the kinds of faults in the order in which they first started. Their colors and lanes follow this order. */
export function faultKinds(bands: readonly FaultBand[]): string[] {
  return [...new Set(bands.map(({ kind }) => kind))];
}

/** The outcome of an operation. */
export const OUTCOMES = ["ok", "fail", "info", "pending"] as const;

/** The clients' operations, in the order of their invocations. */
export interface OperationColumns {
  /** The names to which `f` refers. */
  readonly names: readonly string[];
  readonly f: readonly number[];
  /** The row of the timeline: a thread, which runs one process after another. */
  readonly lane: readonly number[];
  readonly lanes: number;
  readonly process: readonly number[];
  readonly begin: readonly number[];
  /** -1 for a pending operation. */
  readonly end: readonly number[];
  /** Positions in {@linkcode OUTCOMES}. */
  readonly outcome: readonly number[];
  /** The request as JSON that may be shortened; empty if it is null. */
  readonly asked: readonly string[];
  /** The result; empty if it is null or equals the request. */
  readonly got: readonly string[];
  readonly error: readonly string[];
  /** Indexes in the history: of the invocation, and of the completion or -1. */
  readonly invokeIndex: readonly number[];
  readonly completeIndex: readonly number[];
  /** The number of operations omitted for lack of space. */
  readonly leftOut: number;
  /** Number of characters after which values are shortened. */
  readonly valueMax: number;
  /** The number of values that are shortened. */
  readonly shortened: number;
}

/** The delivery status of a message. */
export const DELIVERY_STATUSES = ["received", "lost", "cut", "dead", "in-flight"] as const;

/** Messages in the order of sending. A copy of a duplicated message has its own row. */
export interface MessageColumns {
  /** Senders and receivers: nodes, then services, then clients. */
  readonly actors: readonly string[];
  readonly services: number;
  readonly types: readonly string[];
  readonly sent: readonly number[];
  /** Time at which the message was delivered or lost; -1 if neither happened. */
  readonly resolved: readonly number[];
  readonly src: readonly number[];
  readonly dest: readonly number[];
  readonly type: readonly number[];
  /** Positions in {@linkcode DELIVERY_STATUSES}. */
  readonly deliveryStatus: readonly number[];
  /** 1 for a copy of a message that was sent once. */
  readonly copy: readonly number[];
  /** -1 if there is none. */
  readonly msgId: readonly number[];
  readonly inReplyTo: readonly number[];
  /** The body as JSON that may be shortened. */
  readonly body: readonly string[];
  readonly leftOut: LeftOut;
}

/** The omitted data of a report. */
export interface LeftOut {
  readonly total: number;
  /** Sentences, one for each kind of omitted data. */
  readonly notes: readonly string[];
}

/** An interval in which a fault was active. */
export interface FaultBand {
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  /** The affected nodes; all nodes if empty. */
  readonly nodes: readonly string[];
  /** True if these nodes do not run. */
  readonly isDown?: boolean;
  /** For a cut network: by receiver, the senders that it does not hear. */
  readonly cuts?: Readonly<Record<string, readonly string[]>>;
  /** For skewed clocks: by node, the rate of its clock. */
  readonly rates?: Readonly<Record<string, number>>;
  readonly text: string;
}

/** The place of a finding in the timeline, shown after a click on its card. */
export interface FindingMark {
  readonly id: string;
  readonly title: string;
  readonly from: number;
  readonly to: number;
  /** Rows of the operations. */
  readonly operations: readonly number[];
  /** For a register: the effect of each operation in the longest linearizable prefix. */
  readonly steps: readonly { readonly row: number; readonly text: string }[];
  /** The row of the operation that does not fit, or -1. */
  readonly failed: number;
}

/** Messages sent in each of many equal spans, before any were omitted. */
export interface TrafficBins {
  readonly beginUs: number;
  readonly binUs: number;
  readonly clients: readonly number[];
  readonly servers: readonly number[];
  readonly undelivered: readonly number[];
}

/** The recorded parts of the nodes' states. A node registers each by name with `node.watch`. */
export interface StateColumns {
  /** The distinct values, as JSON that may be shortened. */
  readonly values: readonly string[];
  /** One track for each node and name, in the order of nodes, then of registration. */
  readonly tracks: readonly StateTrack[];
  readonly leftOut: LeftOut;
}

/** The values of one part of one node's state over time. `browser/states.ts` finds the value at a time. */
export interface StateTrack {
  /** Position in the report's `nodes`. */
  readonly node: number;
  readonly name: string;
  /** The times of the changes, ascending. */
  readonly at: readonly number[];
  /** The value from each of these times on: a position in `values`, or -1 if the node does not run. */
  readonly value: readonly number[];
}

/** The lines of the nodes' logs (of a process: its stderr), in order of time. */
export interface LogColumns {
  /** The time at which the node wrote the line; of a process, at which the bench read it. */
  readonly at: readonly number[];
  /** Positions in the report's `nodes`. */
  readonly node: readonly number[];
  /** The lines, which may be shortened. */
  readonly text: readonly string[];
  readonly leftOut: LeftOut;
}

/** The subjects of the sentences of a story. */
export const STORY_KINDS = [
  "verdict",
  "operation",
  "delivery",
  "absence",
  "fault",
  "read",
  "service",
  "sum",
  "node",
  "state",
  "reply",
] as const;

/** The subject of a sentence of a story. */
export type StoryKind = (typeof STORY_KINDS)[number];

/** One sentence of a story, with the moment of which it speaks. */
export interface StoryMoment {
  readonly kind: StoryKind;
  readonly text: string;
  /** -1 if the sentence speaks of no single moment. */
  readonly at: number;
  /** Rows of messages. */
  readonly messages: readonly number[];
  /** Rows of operations. */
  readonly operations: readonly number[];
}

/** The view on which the page opens: a window, a moment, and a selection. */
export interface OpeningView {
  readonly from: number;
  readonly to: number;
  /** The position of the cursor. */
  readonly at: number;
  /** Rows of messages. */
  readonly messages: readonly number[];
  /** Rows of operations. */
  readonly operations: readonly number[];
}

/** The last output of a node that exited unexpectedly. */
export interface LastWords {
  /** Position in the report's `nodes`. */
  readonly node: number;
  /** The time of the exit; -1 if it is unknown. */
  readonly at: number;
  /** The reason for the exit, in the first line, and the lines of a stack. */
  readonly reason: readonly string[];
  /** The last lines of the node's log, unchanged. */
  readonly lines: readonly string[];
}

/** A reply that differs from what the workload expects. */
export interface ReplyDifference {
  /** Row of the operation. */
  readonly operation: number;
  readonly fields: readonly FieldDifference[];
}

/** One field of a reply: what the workload expects, and what the reply has. */
export interface FieldDifference {
  readonly name: string;
  /** A description, or JSON; empty if the field is not expected. */
  readonly expected: string;
  /** JSON that may be shortened; empty if the field is missing. */
  readonly got: string;
  readonly isEqual: boolean;
}

/** The values that clients gave to nodes, and the messages between nodes that carry them. */
export interface CarriedColumns {
  /** The values as JSON. */
  readonly values: readonly string[];
  /** The time at which a client first gave each value. */
  readonly given: readonly number[];
  /** For each value, the rows of the messages that carry it, ascending. */
  readonly rows: readonly (readonly number[])[];
  /** False if later values are left out for lack of space. */
  readonly isComplete: boolean;
}
