/**
 * The data of a report, as it is embedded in its page: columns rather than objects, so that it packs well. Times are whole
 * microseconds since the first operation could begin; what happened before has negative times.
 */

/** What the page draws. */
export interface ReportData {
  readonly workload: string;
  readonly beginUs: number;
  readonly endUs: number;
  readonly nodes: readonly string[];
  readonly operations: OperationColumns;
  /** `null` when no messages were recorded. */
  readonly messages: MessageColumns | null;
  readonly faults: readonly FaultBand[];
  /** By node, the time at which it ended by itself. */
  readonly ends: Readonly<Record<string, number>>;
  readonly findings: readonly FindingMark[];
  readonly traffic: TrafficBins | null;
}

/** Returns the kinds of faults in the order in which they first began: their colours and lanes follow from it. */
export function faultKinds(bands: readonly FaultBand[]): string[] {
  return [...new Set(bands.map(({ kind }) => kind))];
}

/** How an operation ended. */
export const OUTCOMES = ["ok", "fail", "info", "pending"] as const;

/** The clients' operations, in the order of their invocations. */
export interface OperationColumns {
  /** The names that `f` counts. */
  readonly names: readonly string[];
  readonly f: readonly number[];
  /** The row of the timeline: a thread, on which one process follows another. */
  readonly lane: readonly number[];
  readonly lanes: number;
  readonly process: readonly number[];
  readonly begin: readonly number[];
  /** -1 while it is pending. */
  readonly end: readonly number[];
  /** Positions in {@linkcode OUTCOMES}. */
  readonly outcome: readonly number[];
  /** What was asked, as JSON that may be cut short; empty where it is null. */
  readonly asked: readonly string[];
  /** What came back; empty where it is null or what was asked. */
  readonly got: readonly string[];
  readonly error: readonly string[];
  /** The indexes in the history: of the invocation, and of the completion or -1. */
  readonly invokeIndex: readonly number[];
  readonly completeIndex: readonly number[];
  /** Operations that there is no room for. */
  readonly leftOut: number;
  /** Values longer than this many characters are cut short. */
  readonly valueMax: number;
}

/** What became of a message. */
export const FATES = ["received", "lost", "cut", "dead", "in flight"] as const;

/** Messages in the order of their sending; a copy of a duplicated message is a row of its own. */
export interface MessageColumns {
  /** Who sends and receives: nodes, then services, then clients. */
  readonly actors: readonly string[];
  readonly services: number;
  readonly types: readonly string[];
  readonly sent: readonly number[];
  /** When its fate was settled; -1 if it never was. */
  readonly met: readonly number[];
  readonly src: readonly number[];
  readonly dest: readonly number[];
  readonly type: readonly number[];
  /** Positions in {@linkcode FATES}. */
  readonly fate: readonly number[];
  /** 1 for the copy of a message that was sent once. */
  readonly copy: readonly number[];
  /** -1 where there is none. */
  readonly msgId: readonly number[];
  readonly inReplyTo: readonly number[];
  /** The body as JSON that may be cut short. */
  readonly body: readonly string[];
  readonly leftOut: LeftOut;
}

/** What a report leaves out, so that it can be said. */
export interface LeftOut {
  readonly total: number;
  /** Sentences, each of something that is not there. */
  readonly notes: readonly string[];
}

/** A time in which a fault was active. */
export interface FaultBand {
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  /** The nodes that it touched; all if none is named. */
  readonly nodes: readonly string[];
  readonly text: string;
}

/** Where a finding lies: what a click on its card shows. */
export interface FindingMark {
  readonly id: string;
  readonly title: string;
  readonly from: number;
  readonly to: number;
  /** Rows of the operations. */
  readonly operations: readonly number[];
  /** Where it is about a register: what an operation did to it, in the longest order that explains all before. */
  readonly steps: readonly { readonly row: number; readonly text: string }[];
  /** The row of the operation that fits nowhere, or -1. */
  readonly failed: number;
}

/** Messages sent in each of many equal spans, before any were left out. */
export interface TrafficBins {
  readonly beginUs: number;
  readonly binUs: number;
  readonly clients: readonly number[];
  readonly servers: readonly number[];
  readonly undelivered: readonly number[];
}
