/** The typed fields of results. A field is undefined where the result does not have it. */

import type { Caveat } from "../../checkers/caveats.ts";
import type { Event } from "../../checkers/history.ts";
import type { Validity } from "../../checkers/result.ts";
import type { Remark } from "../../sim/remarks.ts";
import type { ExceededBound } from "../run/bounds.ts";
import type { Violation } from "../invariants/journal.ts";
import type { StuckNode } from "../run/progress.ts";

/** Counts of operations. */
export interface ParsedCounts {
  readonly valid: Validity | undefined;
  readonly count: number | undefined;
  readonly okCount: number;
  readonly failCount: number;
  readonly infoCount: number;
}

/** The counts of all operations, and of each kind of operation. */
export interface ParsedStats extends ParsedCounts {
  readonly byFunction: ReadonlyMap<string, ParsedCounts>;
}

/** Quantiles of latencies, in ms. */
export interface ParsedLatencies {
  readonly shortest: number | undefined;
  readonly median: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
  readonly longest: number | undefined;
}

/** The evidence of the liveness check. */
export interface ParsedLiveness {
  readonly valid: Validity | undefined;
  readonly withinMs: number | undefined;
  readonly stuck: readonly StuckNode[];
}

/** The evidence of a set checker. */
export interface ParsedSet {
  readonly attemptCount: number | undefined;
  /** The number of elements by outcome: `stable`, `lost`, `never-read`, `stale`, `duplicated`. */
  readonly counts: ReadonlyMap<string, number>;
  readonly lost: readonly unknown[];
  readonly unexpected: readonly unknown[];
  readonly stableLatencies: ParsedLatencies | undefined;
  readonly lostLatencies: ParsedLatencies | undefined;
}

/** The evidence of a counter checker. */
export interface ParsedCounter {
  readonly errors: readonly Event[];
  readonly finalReads: readonly unknown[] | undefined;
  /** Closed ranges of acceptable sums. */
  readonly acceptable: unknown;
}

/** The evidence of a checker of unique ids. */
export interface ParsedIds {
  readonly acknowledgedCount: number;
  readonly duplicatedCount: number | undefined;
}

/** A wrong reply to an echo request. */
export interface ParsedEchoError {
  readonly expected: unknown;
  readonly received: unknown;
}

/** The state of a register's check at the operation that no order explains. */
export interface ParsedRegister {
  readonly key: string;
  readonly failed: Event | undefined;
  readonly linearized: readonly Event[];
  readonly linearizedCount: number | undefined;
  readonly pending: readonly Event[];
  /** The values that the register can have. */
  readonly possibleValues: readonly unknown[];
  readonly malformed: unknown;
  readonly error: unknown;
  /** The reason in words, if the failed operation is not recorded as an event. */
  readonly because: string | undefined;
}

/** The evidence of a linearizability checker. */
export interface ParsedRegisters {
  readonly count: number | undefined;
  readonly failureCount: number;
  readonly failing: readonly ParsedRegister[];
}

/** An anomaly in logs. */
export interface ParsedLogAnomaly {
  readonly kind: string;
  readonly count: number;
  readonly examples: readonly unknown[];
  /** For unpolled messages: key → messages. */
  readonly unseen: ReadonlyMap<string, readonly unknown[]> | undefined;
}

/** The evidence of a log checker. */
export interface ParsedLogs {
  readonly anomalies: readonly ParsedLogAnomaly[];
  readonly badKinds: ReadonlySet<string>;
  readonly worstLag: { readonly lagS: number; readonly key: unknown; readonly process: unknown } | undefined;
}

/** An isolation anomaly. */
export interface ParsedAnomaly {
  readonly type: string;
  readonly count: number | undefined;
  readonly examples: readonly unknown[];
}

/** An anomaly that only a newer release of Elle reports. */
export interface ParsedNewerFinding {
  readonly kind: string;
  readonly count: number;
  /** The release; null if no release reports the anomaly. */
  readonly elle: unknown;
}

/** The evidence of Elle. */
export interface ParsedIsolation {
  readonly types: readonly string[];
  readonly anomalies: readonly ParsedAnomaly[];
  readonly not: readonly unknown[];
  readonly alsoNotCount: number;
  readonly newer: readonly ParsedNewerFinding[];
}

/** An anomaly in the words of its checker. */
export interface ParsedViolation {
  readonly name: string;
  readonly title: string | undefined;
  readonly meaning: string | undefined;
  readonly cause: string | undefined;
  readonly severity: "invalid" | "unknown" | "info";
  readonly count: number;
  readonly examples: readonly { readonly text: string; readonly events: readonly Event[] }[];
}

/** The workload's part of a result. Evidence of other workloads is absent. */
export interface ParsedWorkload {
  readonly valid: Validity | undefined;
  readonly error: string | undefined;
  readonly warning: string | undefined;
  readonly malformed: readonly unknown[];
  /** The number of wrong replies or wrong final reads. */
  readonly errorCount: number;
  /** Elements or ids, each with the number of its occurrences. */
  readonly duplicated: ReadonlyArray<readonly [item: string, times: unknown]>;
  readonly set: ParsedSet | undefined;
  readonly counter: ParsedCounter | undefined;
  readonly ids: ParsedIds | undefined;
  readonly echo: readonly ParsedEchoError[] | undefined;
  readonly registers: ParsedRegisters | undefined;
  readonly logs: ParsedLogs | undefined;
  readonly isolation: ParsedIsolation | undefined;
  readonly violations: readonly ParsedViolation[];
  /** The results of several checkers of one history. */
  readonly parts: readonly ParsedWorkload[];
}

/** A fault of a node, in the form of the result. */
export interface ParsedNodeFault {
  readonly node: string;
  readonly kind: string;
  readonly text: string;
}

/** The outcome of the convergence check. */
export interface ParsedConvergence {
  readonly converged: boolean;
  readonly keyCount: number | undefined;
  readonly differentCount: number;
  readonly silent: readonly string[];
}

/** A result with typed fields. */
export interface ParsedResult {
  readonly valid: Validity | undefined;
  readonly workload: ParsedWorkload;
  readonly stats: ParsedStats;
  readonly availability: { readonly valid: Validity | undefined; readonly okFraction: number | undefined };
  /** The messages between nodes; undefined if they were not counted. */
  readonly servers:
    | { readonly messageCount: number | undefined; readonly perOperation: number | undefined }
    | undefined;
  readonly nodeFaults: readonly ParsedNodeFault[];
  /** The figures that are not below their bounds. */
  readonly exceededBounds: readonly ExceededBound[];
  readonly liveness: ParsedLiveness;
  readonly invariants: { readonly valid: Validity | undefined; readonly violations: readonly Violation[] };
  readonly remarks: readonly Remark[];
  readonly caveats: readonly Pick<Caveat, "text">[];
  readonly convergence: ParsedConvergence | undefined;
  /** The kind of the reason for which the bench ended the run early. */
  readonly earlyEnd: string | undefined;
  readonly interrupted: boolean;
}

/** One step of a cycle of transactions. */
export interface ParsedStep {
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
  readonly key: unknown;
  readonly value: unknown;
  readonly nextValue: unknown;
}

/** An example of an anomaly. Most fields are absent; which ones are there depends on the anomaly. */
export interface ParsedExample {
  readonly steps: readonly ParsedStep[];
  /** The transactions of a cycle. */
  readonly cycle: readonly unknown[];
  readonly key: unknown;
  readonly value: unknown;
  readonly values: readonly unknown[] | undefined;
  readonly delta: number | undefined;
  readonly skipped: readonly unknown[];
  readonly index: unknown;
  readonly offset: unknown;
  readonly offsets: readonly unknown[] | undefined;
  readonly maxReadIndex: number | undefined;
  readonly transactions: readonly unknown[] | undefined;
  readonly microOperation: readonly unknown[] | undefined;
  readonly violatedModel: string | undefined;
  readonly component: readonly unknown[] | undefined;
  readonly expected: unknown;
  readonly element: unknown;
  readonly duplicates: Readonly<Record<string, unknown>> | undefined;
  readonly writer: Event | undefined;
  /** All fields as they are. */
  readonly fields: ReadonlyArray<readonly [name: string, value: unknown]>;
}
