/**
 * Anomalies of single reads of registers: with respect to their own transaction, or to the writer.
 *
 * Tested by `tests/checkers/elle/rw_register_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { addIntermediateRead } from "./intermediate_read.ts";
import type { RegisterIndex } from "./register_index.ts";
import { FAIL, mopOf, OK, type Transactions } from "./transactions.ts";
import type { Findings } from "./verdict.ts";

/**
 * Finds internal: a read that contradicts the transaction's last read or write of the key.
 *
 * This is axiom INT of Cerone, Bernardi and Gotsman (2015). At most one case per transaction is reported. Elle 0.2.2
 * expects nothing after a first read of null; newer releases expect null.
 */
export function findInternal(txns: Transactions, findings: Findings): void {
  const { count, outcome, start, isWrite, key, value } = txns;
  const lastTxn = new Int32Array(txns.keys.length).fill(-1);
  const lastMop = new Int32Array(txns.keys.length);
  for (let t = 0; t < count; t++) {
    if (outcome[t] !== OK) continue;
    const end = valueAt(start, t + 1);
    let newer = -1;
    let isInternal = false;
    for (let m = valueAt(start, t); m < end && !isInternal; m++) {
      const k = valueAt(key, m);
      const isKnown = lastTxn[k] === t;
      const expected = isKnown ? value[valueAt(lastMop, k)] ?? null : null;
      if (isWrite[m] !== 1 && isKnown && value[m] !== expected) {
        if (expected !== null || findings.countsNewer) {
          findings.add(
            "internal",
            () => ({ kind: "read", op: txns.op[t], mop: mopOf(txns, t, m), expected }),
          );
          isInternal = true;
        } else if (newer < 0) {
          newer = m;
        }
      }
      lastTxn[k] = t;
      lastMop[k] = m;
    }
    if (newer < 0 || isInternal) continue;
    findings.addNewer(
      "internal",
      () => ({ kind: "read", op: txns.op[t], mop: mopOf(txns, t, newer), expected: null }),
    );
  }
}

/**
 * Finds thin-air-read: a read of a value that no transaction wrote, not even a failed one.
 *
 * No release of Elle reports it for registers, because the value may be older than the test.
 */
export function findUnwrittenReads(txns: Transactions, index: RegisterIndex, findings: Findings): void {
  const { count, outcome, start, isWrite, value } = txns;
  const isWritten = new Uint8Array(index.count);
  for (let m = 0; m < index.version.length; m++) {
    if (isWrite[m] === 1 || value[m] === null) isWritten[valueAt(index.version, m)] = 1;
  }
  for (let t = 0; t < count; t++) {
    if (outcome[t] === FAIL) continue;
    const end = valueAt(start, t + 1);
    for (let m = valueAt(start, t); m < end; m++) {
      if (isWritten[valueAt(index.version, m)] === 1) continue;
      findings.addNewer("thin-air-read", () => ({ kind: "read", op: txns.op[t], mop: mopOf(txns, t, m) }));
    }
  }
}

/** Finds G1a, a read of what a failed transaction wrote, and G1b, a read of what its writer then overwrote. */
export function findDirtyReads(txns: Transactions, index: RegisterIndex, findings: Findings): void {
  const { count, outcome, start, isWrite } = txns;
  for (let t = 0; t < count; t++) {
    if (outcome[t] !== OK) continue;
    const end = valueAt(start, t + 1);
    for (let m = valueAt(start, t); m < end; m++) {
      if (isWrite[m] === 1) continue;
      const version = valueAt(index.version, m);
      const failed = valueAt(index.failedWriter, version);
      if (failed >= 0) {
        findings.add(
          "G1a",
          () => ({ kind: "read", op: txns.op[t], mop: mopOf(txns, t, m), writer: txns.op[failed] }),
        );
      }
      addIntermediateRead(txns, index, { t, m, findings });
    }
  }
}
