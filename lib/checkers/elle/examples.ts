/** The evidence for anomalies. Each shape serves several anomalies, which use those of its fields that apply. */

import type { Event } from "../history.ts";
import type { ExplainedCycle } from "./explain.ts";
import type { MalformedTransaction } from "./transactions.ts";

/** A read that a transaction should not have made: G1a, G1b, internal, future-read, duplicate-elements, thin-air-read. */
export interface AnomalousRead {
  /** The shape of the evidence. */
  readonly kind: "read";
  /** The transaction that read. */
  readonly op?: Event | undefined;
  /** Its micro-operation. */
  readonly mop?: unknown;
  /** The transaction that wrote the value. */
  readonly writer?: Event | undefined;
  /** The element of a list that is wrong. */
  readonly element?: unknown;
  /** The value that the transaction's earlier micro-operations imply. */
  readonly expected?: unknown;
  /** The number of times that the list contains each repeated element. */
  readonly duplicates?: Readonly<Record<string, number>>;
}

/** A key whose versions contradict each other: incompatible-order, lost-update, dirty-update, duplicate-writes, cyclic-versions. */
export interface KeyConflict {
  /** The shape of the evidence. */
  readonly kind: "key";
  /** The key. */
  readonly key: unknown;
  /** The version. */
  readonly value?: unknown;
  /** The versions, or the lists that were read. */
  readonly values?: readonly unknown[];
  /** The transactions. Dots represent transactions that were left out. */
  readonly txns?: readonly (Event | "..." | undefined)[];
  /** The transactions that wrote the same value. */
  readonly ops?: readonly (Event | undefined)[];
  /** The versions that precede each other. */
  readonly scc?: readonly unknown[];
  /** The sources of the version order that imply this. */
  readonly sources?: readonly string[];
}

/** A component of the dependency graph that contains a cycle which no named anomaly covers. */
export interface CycleExistsExample {
  /** The shape of the evidence. */
  readonly kind: "cycle-exists";
  /** The name of the anomaly, such as `PL-SI-cycle-exists`. */
  readonly type: string;
  /** The friendly name of the model that does not hold. */
  readonly not: string;
  /** The number of transactions in the component. */
  readonly sccSize: number;
  /** The indexes of the first of their completions. */
  readonly scc: readonly (number | undefined)[];
}

/** The evidence for one case of an anomaly. */
export type ElleExample =
  | AnomalousRead
  | KeyConflict
  | CycleExistsExample
  | ExplainedCycle
  | MalformedTransaction;
