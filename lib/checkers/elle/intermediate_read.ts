/**
 * The anomaly G1b: a read of a version that its writer then changed within the same transaction.
 *
 * Tested by `tests/checkers/elle/list_append_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { mopOf, type Transactions } from "./transactions.ts";
import type { Findings } from "./verdict.ts";

/** The part of an index that knows intermediate versions. */
export interface IntermediateVersions {
  /** By micro-operation: the version. */
  readonly version: Int32Array;
  /** By version: the transaction that wrote it and then wrote the key again. */
  readonly intermediateWriter: Int32Array;
  /** The versions that `intermediateWriter` requested, although its reply does not contain the write. */
  readonly intermediateRequested: ReadonlySet<number>;
}

/** Adds G1b if micro-operation `m` of transaction `t` read an intermediate version. `element` is the last one it read. */
export function addIntermediateRead(
  txns: Transactions,
  index: IntermediateVersions,
  { t, m, findings, ...element }: {
    readonly t: number;
    readonly m: number;
    readonly findings: Findings;
    readonly element?: unknown;
  },
): void {
  const version = valueAt(index.version, m);
  const writer = valueAt(index.intermediateWriter, version);
  const isRequested = index.intermediateRequested.has(version);
  // A transaction may see its own intermediate state, but not a write that its reply denies.
  if (writer < 0 || (writer === t && !isRequested)) return;
  findings.add("G1b", () => ({
    kind: "read",
    op: txns.op[t],
    mop: mopOf(txns, t, m),
    writer: isRequested ? txns.invocation[writer] : txns.op[writer],
    ...element,
  }));
}
