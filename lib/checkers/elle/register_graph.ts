/**
 * Dependencies between register transactions, and the reasons for them.
 *
 * Tested by `tests/checkers/elle/rw_register_test.ts`.
 */

import { valueAt } from "../columns.ts";
import type { EdgeReason, ExplainedEdge } from "./explain.ts";
import { valueText } from "../value_key.ts";
import { type AddEdge, type Graph, RW, TARGET_SHIFT, WR, WW } from "./graph.ts";
import type { ByVersion, RegisterIndex } from "./register_index.ts";
import type { Transactions } from "./transactions.ts";

/**
 * Adds the data dependencies of committed transactions. Returns true if there is any, even of a transaction on itself.
 *
 * The readers of a version follow its writers (wr). Given two ordered versions, the writers of the later one follow the
 * writers (ww) and the readers (rw) of the earlier one.
 */
export function forEachRegisterEdge(index: RegisterIndex, order: Graph, add: AddEdge): boolean {
  let isTouched = false;
  const linkAll = (
    sources: ByVersion,
    before: number,
    targets: ByVersion,
    after: number,
    kind: number,
  ): void => {
    const sourcesEnd = valueAt(sources.start, before + 1);
    const targetsEnd = valueAt(targets.start, after + 1);
    for (let i = valueAt(sources.start, before); i < sourcesEnd; i++) {
      const source = valueAt(sources.txns, i);
      for (let j = valueAt(targets.start, after); j < targetsEnd; j++) {
        isTouched = true;
        const target = valueAt(targets.txns, j);
        // A transaction that reads its own later write depends on itself.
        if (source !== target || kind === WR) add(source, target, kind);
      }
    }
  };
  const { readers, writers } = index;
  for (let v = 0; v < index.count; v++) {
    linkAll(writers, v, readers, v, WR);
    const end = valueAt(order.offsets, v + 1);
    for (let e = valueAt(order.offsets, v); e < end; e++) {
      const later = valueAt(order.edges, e) >> TARGET_SHIFT;
      linkAll(writers, v, writers, later, WW);
      linkAll(readers, v, writers, later, RW);
    }
  }
  return isTouched;
}

/** Returns the reason for which transaction `a` must precede `b`, for an edge of one kind; null if there is none. */
export function explainRegisterEdge(
  txns: Transactions,
  index: RegisterIndex,
  of: { readonly order: Graph; readonly edge: ExplainedEdge },
): EdgeReason | null {
  const { a, b, kind } = of.edge;
  const sourceIsWrite = kind === RW ? 0 : 1;
  const targetIsWrite = kind === WR ? 0 : 1;
  for (let m = valueAt(txns.start, a); m < valueAt(txns.start, a + 1); m++) {
    if (index.isExternal[m] !== 1 || txns.isWrite[m] !== sourceIsWrite) continue;
    for (let n = valueAt(txns.start, b); n < valueAt(txns.start, b + 1); n++) {
      if (index.isExternal[n] !== 1 || txns.isWrite[n] !== targetIsWrite || txns.key[m] !== txns.key[n]) {
        continue;
      }
      const before = valueAt(index.version, m);
      const after = valueAt(index.version, n);
      const holds = kind === WR ? before === after : comesBefore(of.order, before, after);
      if (holds) return reasonOf(txns, index, { m, n, kind });
    }
  }
  return null;
}

function reasonOf(
  txns: Transactions,
  index: RegisterIndex,
  { m, n, kind }: { m: number; n: number; kind: number },
): EdgeReason {
  const key = txns.keys[valueAt(txns.key, m)];
  const value = txns.value[m];
  const later = txns.value[n];
  const places = { fromMopIndex: valueAt(txns.place, m), toMopIndex: valueAt(txns.place, n) };
  const k = valueText(key);
  const x = valueText(value);
  if (kind === WR) {
    const why = (from: string, to: string): string => `${to} read ${x} from key ${k}, which ${from} wrote`;
    return { type: "wr", key, value, ...places, why };
  }
  const y = valueText(later);
  const reason = orderReason(txns, index, {
    before: valueAt(index.version, m),
    after: valueAt(index.version, n),
  });
  if (kind === WW) {
    const why = (from: string, to: string): string =>
      `${to} set key ${k} to ${y}, which came after the ${x} that ${from} wrote, since ${reason}`;
    return { type: "ww", key, value, nextValue: later, ...places, why };
  }
  const why = (from: string, to: string): string =>
    `${from} read ${x} from key ${k}, and ${to} set it to ${y}, which came after ${x}, since ${reason}`;
  return { type: "rw", key, value, nextValue: later, ...places, why };
}

/** Returns the reason for which one version of a key precedes another. */
function orderReason(
  txns: Transactions,
  index: RegisterIndex,
  { before, after }: { before: number; after: number },
): string {
  if (index.value[before] === null) return "a key is null until it is first written";
  const { readers, writers } = index;
  for (let i = valueAt(readers.start, before); i < valueAt(readers.start, before + 1); i++) {
    for (let j = valueAt(writers.start, after); j < valueAt(writers.start, after + 1); j++) {
      if (readers.txns[i] !== writers.txns[j]) continue;
      const op = txns.op[valueAt(readers.txns, i)];
      return `the transaction at event ${op?.index} read the first and then wrote the second`;
    }
  }
  return "transactions observed them in this order";
}

function comesBefore(order: Graph, before: number, after: number): boolean {
  const end = valueAt(order.offsets, before + 1);
  for (let e = valueAt(order.offsets, before); e < end; e++) {
    if (valueAt(order.edges, e) >> TARGET_SHIFT === after) return true;
  }
  return false;
}
