/**
 * Anomalies of single reads of lists: with respect to their own transaction, to the writer, or to the list itself.
 *
 * Tested by `tests/checkers/elle/list_append_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { addIntermediateRead } from "./intermediate_read.ts";
import { type ListIndex } from "./list_index.ts";
import { isNonemptyList } from "./list_versions.ts";
import { FAIL, mopOf, OK, type Transactions } from "./transactions.ts";
import type { Findings } from "./verdict.ts";

/** Represents the unknown beginning of a list before a transaction's own append. */
const UNKNOWN_PREFIX = "...";

/**
 * Finds internal: a read that contradicts the transaction's last read of the key or its appends since.
 *
 * This is axiom INT of Cerone, Bernardi and Gotsman (2015). At most one case per transaction is reported. Elle 0.2.2
 * expects nothing after a first read of null; newer releases expect null.
 */
export function findInternal(txns: Transactions, findings: Findings): void {
  const { count, outcome, start, isWrite, key, value } = txns;
  const lastTxn = new Int32Array(txns.keys.length).fill(-1);
  const expected: (readonly unknown[] | null)[] = new Array(txns.keys.length).fill(null);
  for (let t = 0; t < count; t++) {
    if (outcome[t] !== OK) continue;
    const begin = valueAt(start, t);
    const end = valueAt(start, t + 1);
    if (end - begin < 2) continue;
    let newer = -1;
    let isInternal = false;
    for (let m = begin; m < end; m++) {
      const k = valueAt(key, m);
      const isKnown = lastTxn[k] === t;
      const before = isKnown ? expected[k] ?? null : null;
      lastTxn[k] = t;
      if (isWrite[m] === 1) {
        expected[k] = isKnown ? [...before ?? [], value[m]] : [UNKNOWN_PREFIX, value[m]];
        continue;
      }
      const list = value[m];
      const read: readonly unknown[] | null = Array.isArray(list) ? list : null;
      const differs = before === null ? isKnown && read !== null : !matches(before, read);
      if (differs && (before !== null || findings.countsNewer)) {
        findings.add(
          "internal",
          () => ({ kind: "read", op: txns.op[t], mop: mopOf(txns, t, m), expected: before }),
        );
        isInternal = true;
        break;
      }
      if (differs && newer < 0) newer = m;
      expected[k] = read;
    }
    if (newer < 0 || isInternal) continue;
    findings.addNewer(
      "internal",
      () => ({ kind: "read", op: txns.op[t], mop: mopOf(txns, t, newer), expected: null }),
    );
  }
}

function matches(expected: readonly unknown[], read: readonly unknown[] | null): boolean {
  const isSuffix = expected[0] === UNKNOWN_PREFIX;
  if (read === null) return false;
  const from = isSuffix ? 1 : 0;
  const length = expected.length - from;
  if (isSuffix ? read.length < length : read.length !== length) return false;
  const shift = read.length - length;
  for (let i = 0; i < length; i++) {
    if (expected[from + i] !== read[shift + i]) return false;
  }
  return true;
}

/** Finds future-read: a transaction read an element that it appended only later. At most one case per transaction. */
export function findFutureReads(txns: Transactions, findings: Findings): void {
  const { count, outcome, start, isWrite, key, value } = txns;
  const lastTxn = new Int32Array(txns.keys.length).fill(-1);
  for (let t = 0; t < count; t++) {
    if (outcome[t] !== OK) continue;
    const begin = valueAt(start, t);
    const end = valueAt(start, t + 1);
    let found = false;
    for (let m = begin; m < end && !found; m++) {
      const k = valueAt(key, m);
      if (isWrite[m] !== 1) {
        if (isNonemptyList(value[m])) lastTxn[k] = t;
        continue;
      }
      if (lastTxn[k] !== t) continue;
      for (let r = begin; r < m; r++) {
        const list = value[r];
        if (isWrite[r] === 1 || key[r] !== k || !isNonemptyList(list) || !list.includes(value[m])) continue;
        findings.add(
          "future-read",
          () => ({ kind: "read", op: txns.op[t], mop: mopOf(txns, t, r), element: value[m] }),
        );
        found = true;
        break;
      }
    }
  }
}

/**
 * Finds G1a: a committed transaction read an element that a failed one appended. Each such element of each read is a
 * case.
 */
export function findAbortedReads(txns: Transactions, index: ListIndex, findings: Findings): void {
  const { count, outcome, start, isWrite, key, value } = txns;
  const keyHasFailed = new Uint8Array(txns.keys.length);
  for (let t = 0; t < count; t++) {
    if (outcome[t] !== FAIL) continue;
    for (let m = valueAt(start, t); m < valueAt(start, t + 1); m++) {
      if (isWrite[m] === 1) keyHasFailed[valueAt(key, m)] = 1;
    }
  }
  for (let t = 0; t < count; t++) {
    if (outcome[t] !== OK) continue;
    const end = valueAt(start, t + 1);
    for (let m = valueAt(start, t); m < end; m++) {
      const list = value[m];
      if (isWrite[m] === 1 || keyHasFailed[valueAt(key, m)] === 0 || !Array.isArray(list)) continue;
      for (const element of list) {
        const version = index.versions.find(valueAt(key, m), element);
        const writer = version < 0 ? -1 : valueAt(index.failedWriter, version);
        if (writer < 0) continue;
        findings.add("G1a", () => ({
          kind: "read",
          op: txns.op[t],
          mop: mopOf(txns, t, m),
          writer: txns.op[writer],
          element,
        }));
      }
    }
  }
}

/** Finds G1b: a committed transaction's read ended in an element after which its writer appended another. */
export function findIntermediateReads(txns: Transactions, index: ListIndex, findings: Findings): void {
  const { count, outcome, start, isWrite, value } = txns;
  for (let t = 0; t < count; t++) {
    if (outcome[t] !== OK) continue;
    const end = valueAt(start, t + 1);
    for (let m = valueAt(start, t); m < end; m++) {
      const list = value[m];
      if (isWrite[m] === 1 || !isNonemptyList(list)) continue;
      addIntermediateRead(txns, index, { t, m, findings, element: list[list.length - 1] });
    }
  }
}

/** Finds duplicate-elements: a read contains an element more than once. */
export function findDuplicateElements(txns: Transactions, index: ListIndex, findings: Findings): void {
  const { count, outcome, start, isWrite, key, value } = txns;
  const { longest, incompatible } = index.orders;
  // If all reads of a key agree, a read has a repetition if the longest one has it within the same length.
  const repeatAt = longest.map((list) => list === undefined ? Infinity : firstRepeat(list));
  for (let t = 0; t < count; t++) {
    if (outcome[t] === FAIL) continue;
    const end = valueAt(start, t + 1);
    for (let m = valueAt(start, t); m < end; m++) {
      const list = value[m];
      if (isWrite[m] === 1 || !isNonemptyList(list)) continue;
      const k = valueAt(key, m);
      const at = incompatible.has(k) ? firstRepeat(list) : repeatAt[k] ?? Infinity;
      if (at >= list.length) continue;
      findings.add("duplicate-elements", () => ({
        kind: "read",
        op: txns.op[t],
        mop: mopOf(txns, t, m),
        duplicates: repeats(list),
      }));
    }
  }
}

function firstRepeat(list: readonly unknown[]): number {
  const seen = new Set<unknown>();
  for (let i = 0; i < list.length; i++) {
    if (seen.has(list[i])) return i;
    seen.add(list[i]);
  }
  return Infinity;
}

function repeats(list: readonly unknown[]): Record<string, number> {
  const counts = new Map<unknown, number>();
  for (const element of list) counts.set(element, (counts.get(element) ?? 0) + 1);
  return Object.fromEntries([...counts].filter(([, n]) => n > 1).map(([element, n]) => [String(element), n]));
}
