/**
 * Dependencies between list-append transactions, and the reasons for them.
 *
 * Tested by `tests/checkers/elle/list_append_test.ts`.
 */

import { valueAt } from "../columns.ts";
import type { EdgeReason } from "./explain.ts";
import { valueText } from "../value_key.ts";
import { type AddEdge, RW, WR, WW } from "./graph.ts";
import type { ListIndex } from "./list_index.ts";
import { FAIL, mopOf, type Transactions } from "./transactions.ts";

/**
 * Adds the data dependencies of transactions that may have happened.
 *
 * An append follows the previous version: ww from its writer, rw from its readers. A read follows the append that it
 * ends in: wr. An append that was never read comes after the last version that was. These are Adya's direct conflicts
 * (Adya, Liskov, O'Neil, 2000, section 4.4).
 */
export function forEachListEdge(txns: Transactions, index: ListIndex, add: AddEdge): void {
  const { count, outcome, start, isWrite } = txns;
  const { version, writer, readers, readersStart } = index;
  for (let t = 0; t < count; t++) {
    if (outcome[t] === FAIL) continue;
    const end = valueAt(start, t + 1);
    for (let m = valueAt(start, t); m < end; m++) {
      if (isWrite[m] !== 1) {
        const source = valueAt(writer, valueAt(version, m));
        if (source >= 0 && source !== t) add(source, t, WR);
        continue;
      }
      const before = versionBefore(txns, index, m);
      const source = valueAt(writer, before);
      if (source >= 0 && source !== t) add(source, t, WW);
      const last = valueAt(readersStart, before + 1);
      for (let r = valueAt(readersStart, before); r < last; r++) {
        const reader = valueAt(readers, r);
        if (reader !== t) add(reader, t, RW);
      }
    }
  }
}

function versionBefore(txns: Transactions, index: ListIndex, append: number): number {
  const before = valueAt(index.previous, valueAt(index.version, append));
  return before >= 0 ? before : valueAt(index.last, valueAt(txns.key, append));
}

/** Returns the reason for which transaction `a` must precede `b`, for an edge of one kind; null if there is none. */
export function explainListEdge(
  txns: Transactions,
  index: ListIndex,
  edge: { readonly a: number; readonly b: number; readonly kind: number },
): EdgeReason | null {
  const { a, b, kind } = edge;
  const end = valueAt(txns.start, b + 1);
  for (let m = valueAt(txns.start, b); m < end; m++) {
    if ((txns.isWrite[m] === 1) === (kind === WR)) continue;
    const reason = kind === WR ? explainRead(txns, index, a, m) : explainAppend(txns, index, { a, m, kind });
    if (reason !== null) return { ...reason, toMopIndex: valueAt(txns.place, m) };
  }
  return null;
}

function explainRead(txns: Transactions, index: ListIndex, a: number, m: number): EdgeReason | null {
  const version = valueAt(index.version, m);
  if (index.writer[version] !== a) return null;
  const list = txns.value[m];
  const element = Array.isArray(list) ? list[list.length - 1] : null;
  const key = txns.keys[valueAt(txns.key, m)];
  return {
    type: "wr",
    key,
    value: element,
    fromMopIndex: placeOf(txns, a, (n) => txns.isWrite[n] === 1 && index.version[n] === version),
    why: (from, to) =>
      `${to} read key ${valueText(key)} as ending in ${valueText(element)}, which ${from} appended`,
  };
}

function explainAppend(
  txns: Transactions,
  index: ListIndex,
  { a, m, kind }: { a: number; m: number; kind: number },
): EdgeReason | null {
  const before = versionBefore(txns, index, m);
  const k = valueAt(txns.key, m);
  const key = txns.keys[k];
  const element = txns.value[m];
  const isSeen = valueAt(index.previous, valueAt(index.version, m)) >= 0;
  const isInitial = before === index.versions.initial(k);
  if (kind === WW) {
    if (index.writer[before] !== a) return null;
    const at = placeOf(txns, a, (n) => txns.isWrite[n] === 1 && index.version[n] === before);
    const earlier = appendedAt(txns, a, at);
    return {
      type: "ww",
      key,
      value: earlier,
      nextValue: element,
      fromMopIndex: at,
      why: (from, to) =>
        isSeen
          ? `${to} appended ${valueText(element)} to key ${valueText(key)} right after ${from} appended ${
            valueText(earlier)
          }`
          : `the longest read of key ${valueText(key)} ends in ${
            valueText(earlier)
          }, which ${from} appended, and lacks ${valueText(element)}, which ${to} appended, so later`,
    };
  }
  const at = placeOf(txns, a, (n) => {
    if (txns.isWrite[n] === 1 || txns.key[n] !== k) return false;
    const read = valueAt(index.version, n);
    return read === before || (isInitial && read === index.versions.initialEmpty(k));
  });
  if (at < 0) return null;
  const read = lastOf(mopOfPlace(txns, a, at));
  return {
    type: "rw",
    key,
    value: isInitial ? "init" : read,
    nextValue: element,
    fromMopIndex: at,
    why: (from, to) =>
      isInitial
        ? `${from} read key ${valueText(key)} as empty, and ${to} then changed it by appending ${
          valueText(element)
        }`
        : `${from} read key ${valueText(key)} as ending in ${valueText(read)}, so without ${to}'s append of ${
          valueText(element)
        }, which ${isSeen ? "came next" : "came later"}`,
  };
}

/** Returns the position of the first micro-operation of transaction `t` that satisfies a condition, or −1. */
function placeOf(txns: Transactions, t: number, holds: (mop: number) => boolean): number {
  const end = valueAt(txns.start, t + 1);
  for (let m = valueAt(txns.start, t); m < end; m++) {
    if (holds(m)) return valueAt(txns.place, m);
  }
  return -1;
}

function mopOfPlace(txns: Transactions, t: number, place: number): readonly unknown[] {
  const end = valueAt(txns.start, t + 1);
  for (let m = valueAt(txns.start, t); m < end; m++) {
    if (txns.place[m] !== place) continue;
    const mop = mopOf(txns, t, m);
    if (Array.isArray(mop)) return mop;
  }
  return [];
}

function appendedAt(txns: Transactions, t: number, place: number): unknown {
  return mopOfPlace(txns, t, place)[2] ?? null;
}

function lastOf(mop: readonly unknown[]): unknown {
  const list = mop[2];
  return Array.isArray(list) ? list[list.length - 1] : null;
}
