/**
 * The writers and readers of each version of a list, and the version order.
 *
 * Tested by `tests/checkers/elle/list_append_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { requestedWrites } from "./requested_writes.ts";
import { isNonemptyList, type ListOrders, listOrders, ListVersions } from "./list_versions.ts";
import { FAIL, INFO, type Transactions } from "./transactions.ts";

/** The index of a list-append history. Columns contain −1 for an absent transaction or version. */
export interface ListIndex {
  readonly versions: ListVersions;
  /** The version orders that follow from the reads of transactions that may have happened. */
  readonly orders: ListOrders;
  /** By micro-operation: the version that an append made, or that a read ended in. */
  readonly version: Int32Array;
  /** By version: the transaction that may have happened and appended it. If there are several, the last. */
  readonly writer: Int32Array;
  readonly failedWriter: Int32Array;
  /** By version: the transaction that appended it and then another element. */
  readonly intermediateWriter: Int32Array;
  /** The versions that `intermediateWriter` requested, although its reply does not contain the append. */
  readonly intermediateRequested: ReadonlySet<number>;
  /** By version: the transaction that requested the append. */
  readonly requester: Int32Array;
  /** The first append that was requested twice; null if there is none. */
  readonly repeated: { readonly key: number; readonly value: unknown } | null;
  /** By version: the previous one, if the version is in the order of its key. */
  readonly previous: Int32Array;
  /** By key: the last version in its order, or its initial version. */
  readonly last: Int32Array;
  /** The transactions that read version v: `readers[readersStart[v]] … readers[readersStart[v + 1] - 1]`. */
  readonly readersStart: Int32Array;
  readonly readers: Int32Array;
}

/** Returns the index of a list-append history. */
export function indexLists(txns: Transactions): ListIndex {
  const { count, outcome, start, isWrite, key, value, keys } = txns;
  const versions = new ListVersions(keys.length);
  const orders = listOrders(txns, false);
  const version = new Int32Array(key.length);
  for (let m = 0; m < key.length; m++) {
    const k = valueAt(key, m);
    const v = value[m];
    if (isWrite[m] === 1) version[m] = versions.number(k, v);
    else if (isNonemptyList(v)) version[m] = versions.number(k, v[v.length - 1]);
    else version[m] = v === null ? versions.initial(k) : versions.initialEmpty(k);
  }
  const last = new Int32Array(keys.length);
  for (let k = 0; k < keys.length; k++) {
    last[k] = versions.initial(k);
    for (const element of orders.elements[k] ?? []) versions.number(k, element);
  }
  const requested = requestedWrites(txns, "append").map((write) => ({
    ...write,
    version: versions.number(write.key, write.value),
  }));
  const none = (): Int32Array => new Int32Array(versions.count).fill(-1);
  const previous = none();
  for (let k = 0; k < keys.length; k++) {
    for (const element of orders.elements[k] ?? []) {
      const v = versions.find(k, element);
      previous[v] = valueAt(last, k);
      last[k] = v;
    }
  }
  const writer = none();
  const failedWriter = none();
  const intermediateWriter = none();
  const requester = none();
  const intermediateRequested = new Set<number>();
  let repeated: ListIndex["repeated"] = null;
  for (const { txn, key: k, value: element, version: v, isIntermediate } of requested) {
    if (requester[v] !== -1) repeated ??= { key: k, value: element };
    requester[v] = txn;
    if (!isIntermediate) continue;
    intermediateWriter[v] = txn;
    intermediateRequested.add(v);
  }
  const writesDiffer = new Uint8Array(count);
  for (const t of txns.writesDiffer) writesDiffer[t] = 1;
  const finalTxn = new Int32Array(keys.length).fill(-1);
  const finalVersion = new Int32Array(keys.length);
  for (let t = 0; t < count; t++) {
    const end = valueAt(start, t + 1);
    const isRequested = writesDiffer[t] === 0 && valueAt(txns.invokedAt, t) >= 0;
    for (let m = valueAt(start, t); m < end; m++) {
      if (isWrite[m] !== 1) continue;
      const k = valueAt(key, m);
      const v = valueAt(version, m);
      if (outcome[t] === FAIL) failedWriter[v] = t;
      else writer[v] = t;
      if (isRequested) {
        if (requester[v] !== -1) repeated ??= { key: k, value: value[m] };
        requester[v] = t;
      }
      if (finalTxn[k] === t) {
        const earlier = valueAt(finalVersion, k);
        intermediateWriter[earlier] = t;
        intermediateRequested.delete(earlier);
      }
      finalTxn[k] = t;
      finalVersion[k] = v;
    }
  }
  return {
    versions,
    orders,
    version,
    writer,
    failedWriter,
    intermediateWriter,
    intermediateRequested,
    requester,
    repeated,
    previous,
    last,
    ...readersOf(txns, version, versions.count),
  };
}

function readersOf(
  txns: Transactions,
  version: Int32Array,
  versions: number,
): { readersStart: Int32Array; readers: Int32Array } {
  const { count, outcome, start, isWrite, value } = txns;
  const readersStart = new Int32Array(versions + 1);
  const forEachRead = (visit: (txn: number, version: number) => void): void => {
    for (let t = 0; t < count; t++) {
      if (outcome[t] === FAIL) continue;
      const end = valueAt(start, t + 1);
      for (let m = valueAt(start, t); m < end; m++) {
        if (isWrite[m] === 1) continue;
        // The null of an indeterminate transaction was requested, not read.
        if (outcome[t] === INFO && value[m] === null) continue;
        const v = valueAt(version, m);
        const isEmptyList = Array.isArray(value[m]) && !isNonemptyList(value[m]);
        visit(t, isEmptyList ? v - 1 : v);
      }
    }
  };
  forEachRead((_, v) => {
    readersStart[v + 1] = valueAt(readersStart, v + 1) + 1;
  });
  for (let v = 0; v < versions; v++) {
    readersStart[v + 1] = valueAt(readersStart, v + 1) + valueAt(readersStart, v);
  }
  const next = readersStart.slice();
  const readers = new Int32Array(valueAt(readersStart, versions));
  forEachRead((t, v) => {
    const at = valueAt(next, v);
    next[v] = at + 1;
    readers[at] = t;
  });
  return { readersStart, readers };
}
