/** Versions of registers, with their writers and readers. Tested by `tests/checkers/elle/rw_register_test.ts`. */

import { valueAt } from "../columns.ts";
import { requestedWrites } from "./requested_writes.ts";
import { PairIndex } from "./pair_index.ts";
import { FAIL, OK, type Transactions } from "./transactions.ts";

/** Transactions by version: those of version v are `txns[start[v]] … txns[start[v + 1] - 1]`. */
export interface ByVersion {
  readonly start: Int32Array;
  readonly txns: Int32Array;
}

/**
 * The index of a register history. Versions are pairs of key and value; number k is the initial null of key k.
 *
 * A read is external if it is the first micro-operation of its transaction on its key. A write is external if it is the
 * last one.
 */
export interface RegisterIndex {
  readonly count: number;
  /** By micro-operation: the version that it wrote or read. */
  readonly version: Int32Array;
  /** By micro-operation: 1 if it is external. */
  readonly isExternal: Uint8Array;
  /** The key and the value of each version. */
  readonly key: Int32Array;
  readonly value: readonly unknown[];
  /** The committed transactions that externally wrote or read each version. */
  readonly writers: ByVersion;
  readonly readers: ByVersion;
  readonly failedWriter: Int32Array;
  /** By version: the transaction that wrote it and then another value to the same key. */
  readonly intermediateWriter: Int32Array;
  /** The versions that `intermediateWriter` requested, although its reply does not contain the write. */
  readonly intermediateRequested: ReadonlySet<number>;
}

/** Returns the index of a register history. */
export function indexRegisters(txns: Transactions): RegisterIndex {
  const mops = txns.key.length;
  const keys = txns.keys.length;
  const numbers = new PairIndex();
  const versionKey: number[] = [];
  const versionValue: unknown[] = [];
  for (let k = 0; k < keys; k++) {
    versionKey.push(k);
    versionValue.push(null);
  }
  const version = new Int32Array(mops);
  for (let m = 0; m < mops; m++) {
    const k = valueAt(txns.key, m);
    const value = txns.value[m];
    if (value === null) {
      version[m] = k;
      continue;
    }
    let number = numbers.get(k, value);
    if (number < 0) {
      number = versionKey.length;
      numbers.set(k, value, number);
      versionKey.push(k);
      versionValue.push(value);
    }
    version[m] = number;
  }
  const count = versionKey.length;
  const isExternal = externals(txns);
  const { failedWriter, intermediateWriter } = writersOf(txns, version, count);
  const intermediateRequested = new Set<number>();
  for (const { txn, key, value, isIntermediate } of requestedWrites(txns, "w")) {
    const v = numbers.get(key, value);
    if (!isIntermediate || v < 0 || intermediateWriter[v] !== -1) continue;
    intermediateWriter[v] = txn;
    intermediateRequested.add(v);
  }
  return {
    count,
    version,
    isExternal,
    key: Int32Array.from(versionKey),
    value: versionValue,
    writers: byVersion(txns, { version, isExternal, count, write: 1 }),
    readers: byVersion(txns, { version, isExternal, count, write: 0 }),
    failedWriter,
    intermediateWriter,
    intermediateRequested,
  };
}

function externals(txns: Transactions): Uint8Array {
  const { count, start, isWrite, key, keys } = txns;
  const isExternal = new Uint8Array(key.length);
  const seen = new Int32Array(keys.length).fill(-1);
  const lastWrite = new Int32Array(keys.length).fill(-1);
  for (let t = 0; t < count; t++) {
    const begin = valueAt(start, t);
    const end = valueAt(start, t + 1);
    for (let m = begin; m < end; m++) {
      const k = valueAt(key, m);
      if (isWrite[m] === 1) {
        const earlier = valueAt(lastWrite, k);
        if (earlier >= begin) isExternal[earlier] = 0;
        lastWrite[k] = m;
        isExternal[m] = 1;
      } else if (seen[k] !== t) {
        isExternal[m] = 1;
      }
      seen[k] = t;
    }
  }
  return isExternal;
}

function byVersion(
  txns: Transactions,
  of: { version: Int32Array; isExternal: Uint8Array; count: number; write: 0 | 1 },
): ByVersion {
  const start = new Int32Array(of.count + 1);
  const forEach = (visit: (txn: number, version: number) => void): void => {
    for (let t = 0; t < txns.count; t++) {
      if (txns.outcome[t] !== OK) continue;
      const end = valueAt(txns.start, t + 1);
      for (let m = valueAt(txns.start, t); m < end; m++) {
        if (of.isExternal[m] === 1 && txns.isWrite[m] === of.write) visit(t, valueAt(of.version, m));
      }
    }
  };
  forEach((_, v) => {
    start[v + 1] = valueAt(start, v + 1) + 1;
  });
  for (let v = 0; v < of.count; v++) start[v + 1] = valueAt(start, v + 1) + valueAt(start, v);
  const next = start.slice();
  const found = new Int32Array(valueAt(start, of.count));
  forEach((t, v) => {
    const at = valueAt(next, v);
    next[v] = at + 1;
    found[at] = t;
  });
  return { start, txns: found };
}

function writersOf(
  txns: Transactions,
  version: Int32Array,
  count: number,
): { failedWriter: Int32Array; intermediateWriter: Int32Array } {
  const failedWriter = new Int32Array(count).fill(-1);
  const intermediateWriter = new Int32Array(count).fill(-1);
  const lastTxn = new Int32Array(txns.keys.length).fill(-1);
  const lastVersion = new Int32Array(txns.keys.length);
  for (let t = 0; t < txns.count; t++) {
    const end = valueAt(txns.start, t + 1);
    for (let m = valueAt(txns.start, t); m < end; m++) {
      // Null is the initial state, even if a transaction writes it.
      if (txns.isWrite[m] !== 1 || txns.value[m] === null) continue;
      const k = valueAt(txns.key, m);
      const v = valueAt(version, m);
      if (txns.outcome[t] === FAIL) failedWriter[v] = t;
      if (lastTxn[k] === t) intermediateWriter[valueAt(lastVersion, k)] = t;
      lastTxn[k] = t;
      lastVersion[k] = v;
    }
  }
  return { failedWriter, intermediateWriter };
}
