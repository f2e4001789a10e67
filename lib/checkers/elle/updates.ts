/** Updates that were lost, or that follow a failed write. Tested by `tests/checkers/elle/list_append_test.ts`. */

import { valueAt } from "../columns.ts";
import type { Event } from "../history.ts";
import { valueText } from "../value_key.ts";
import type { ListIndex } from "./list_index.ts";
import { listName, listOrders } from "./list_versions.ts";
import { FAIL, OK, type Transactions } from "./transactions.ts";
import type { Findings } from "./verdict.ts";

/**
 * Finds lost-update: several committed transactions first read the same version of a key, and then wrote the key.
 *
 * Adya gives only an example (H_lu). What matters is that both transactions read one version and both overwrote it,
 * in any order. Cycles do not show it if the versions were never read.
 *
 * @param versionRead returns the number of the version that a read saw
 */
export function findLostUpdates(
  txns: Transactions,
  versionRead: (mop: number) => number,
  findings: Findings,
): void {
  const { count, outcome, start, isWrite, key, value, keys } = txns;
  const readTxn = new Int32Array(keys.length).fill(-1);
  const readMop = new Int32Array(keys.length);
  const wroteTxn = new Int32Array(keys.length).fill(-1);
  const firstUpdater = new Map<number, number>();
  const lost = new Map<number, { key: unknown; value: unknown; txns: number[] }>();
  for (let t = 0; t < count; t++) {
    if (outcome[t] !== OK) continue;
    const end = valueAt(start, t + 1);
    for (let m = valueAt(start, t); m < end; m++) {
      const k = valueAt(key, m);
      if (isWrite[m] !== 1) {
        if (readTxn[k] === t) continue;
        readTxn[k] = t;
        readMop[k] = m;
        continue;
      }
      if (readTxn[k] !== t || wroteTxn[k] === t) continue;
      wroteTxn[k] = t;
      const read = valueAt(readMop, k);
      const version = versionRead(read);
      const first = firstUpdater.get(version);
      if (first === undefined) {
        firstUpdater.set(version, t);
        continue;
      }
      const found = lost.get(version);
      if (found === undefined) lost.set(version, { key: keys[k], value: value[read], txns: [first, t] });
      else found.txns.push(t);
    }
  }
  for (const found of lost.values()) {
    findings.add("lost-update", () => ({
      kind: "key",
      key: found.key,
      value: found.value,
      txns: found.txns.map((t) => txns.op[t]),
    }));
  }
}

/**
 * Returns the function that numbers the versions that reads of lists saw, for `findLostUpdates`. Null and [] are
 * different.
 */
export function listVersionRead(txns: Transactions, index: ListIndex): (mop: number) => number {
  const { longest, elements, incompatible } = index.orders;
  const names = new Map<string, number>();
  return (mop) => {
    const k = valueAt(txns.key, mop);
    const list = txns.value[mop];
    // If reads agree and nothing repeats, the last element determines the whole list.
    const isPlain = !incompatible.has(k) && longest[k]?.length === elements[k]?.length;
    if (isPlain || !Array.isArray(list)) return valueAt(index.version, mop);
    const name = `${k} ${listName(list)}`;
    let number = names.get(name);
    if (number === undefined) names.set(name, number = index.versions.count + names.size);
    return number;
  };
}

/**
 * Finds dirty-update: in the version order of a key, an append of a failed transaction precedes one of a committed
 * transaction.
 *
 * It also reports elements that no transaction appended (thin-air-read), and appends that a reply left out or changed
 * (malformed).
 */
export function findDirtyUpdates(txns: Transactions, index: ListIndex, findings: Findings): void {
  const hasFailed = txns.outcome.includes(FAIL);
  const orders = hasFailed ? listOrders(txns, true) : index.orders;
  for (let k = 0; k < txns.keys.length; k++) {
    // The initial state is committed. Transaction −1 represents it.
    let before = -1;
    let values: unknown[] = [];
    for (const element of orders.elements[k] ?? []) {
      const version = index.versions.find(k, element);
      const possible = version < 0 ? -1 : valueAt(index.writer, version);
      const failed = version < 0 ? -1 : valueAt(index.failedWriter, version);
      const writer = Math.max(possible, failed);
      if (writer < 0) {
        reportUnwritten(txns, index, { key: k, element, version }, findings);
        continue;
      }
      if (!hasFailed) continue;
      values.push(element);
      const outcome = txns.outcome[writer];
      const isAborted = before >= 0 && txns.outcome[before] === FAIL;
      if (outcome === OK && isAborted) {
        const cause = before;
        const shown = values;
        findings.add("dirty-update", () => ({
          kind: "key",
          key: txns.keys[k],
          values: shown,
          txns: [txns.op[cause], "...", txns.op[writer]],
        }));
      }
      // An indeterminate transaction does not change this; a failed one remains until another commits.
      if (outcome === OK || (outcome === FAIL && !isAborted)) {
        before = writer;
        values = [element];
      }
    }
  }
}

interface Unwritten {
  readonly key: number;
  readonly element: unknown;
  readonly version: number;
}

function reportUnwritten(
  txns: Transactions,
  index: ListIndex,
  { key, element, version }: Unwritten,
  findings: Findings,
): void {
  const requester = version < 0 ? -1 : valueAt(index.requester, version);
  if (requester >= 0) {
    const [what, where] = [valueText(element), valueText(txns.keys[key])];
    const why = `its reply leaves out its append of ${what} to key ${where}, which was read`;
    findings.add("malformed", () => ({ kind: "malformed", op: txns.op[requester], why }));
    return;
  }
  findings.add("thin-air-read", () => ({ kind: "read", ...readerOf(txns, key, element), element }));
}

function readerOf(txns: Transactions, key: number, element: unknown): { op?: Event; mop?: unknown } {
  for (let t = 0; t < txns.count; t++) {
    for (let m = valueAt(txns.start, t); m < valueAt(txns.start, t + 1); m++) {
      const list = txns.value[m];
      const op = txns.op[t];
      if (txns.isWrite[m] === 1 || txns.key[m] !== key || !Array.isArray(list) || !list.includes(element)) {
        continue;
      }
      if (op !== undefined && Array.isArray(op.value)) return { op, mop: op.value[valueAt(txns.place, m)] };
    }
  }
  return {};
}
