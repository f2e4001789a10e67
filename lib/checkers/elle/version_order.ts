/**
 * The version order of registers, as far as it can be inferred.
 *
 * Each source adds pairs of versions, of which the first precedes the second. A source that would make the order of a
 * key cyclic is reported (cyclic-versions) and left out.
 *
 * The sources are Elle's: the initial null precedes all versions; within a transaction writes follow reads; and, if
 * each key is assumed to be sequentially consistent or linearizable, the order of each process or real time.
 *
 * Tested by `tests/checkers/elle/rw_register_test.ts`.
 */

import { valueAt } from "../columns.ts";
import { forEachRealtimeEdge } from "./event_order.ts";
import { type EdgeSource, type Graph, graphOf, KINDS } from "./graph.ts";
import type { RegisterIndex } from "./register_index.ts";
import { cyclicComponents, isCyclic, stronglyConnected } from "./scc.ts";
import { FAIL, INFO, OK, type Transactions } from "./transactions.ts";

/** The sources of the version order, besides the initial state. */
export interface VersionSources {
  /** True if writes follow reads within a transaction. */
  readonly wfrKeys: boolean;
  /** True if each key is sequentially consistent. */
  readonly sequentialKeys: boolean;
  /** True if each key is linearizable. */
  readonly linearizableKeys: boolean;
}

/** Versions of a key that precede each other. */
export interface CyclicVersions {
  readonly key: unknown;
  readonly scc: readonly unknown[];
  readonly sources: readonly string[];
}

/** The version order. Vertices of `graph` are versions, and each edge goes to a later version. */
export interface VersionOrder {
  readonly graph: Graph;
  readonly cycles: readonly CyclicVersions[];
}

type Pairs = (pair: (before: number, after: number) => void) => void;

/** Returns the version order that follows from the sources. */
export function versionOrder(txns: Transactions, index: RegisterIndex, use: VersionSources): VersionOrder {
  const sources: { name: string; pairs: Pairs }[] = [
    { name: "initial-state", pairs: (pair) => initialPairs(txns, index, pair) },
  ];
  if (use.wfrKeys) sources.push({ name: "wfr-keys", pairs: (pair) => writesFollowReads(txns, index, pair) });
  if (use.sequentialKeys) {
    sources.push({ name: "sequential-keys", pairs: (pair) => processPairs(txns, index, pair) });
  }
  if (use.linearizableKeys) {
    sources.push({ name: "linearizable-keys", pairs: (pair) => realtimePairs(txns, index, pair) });
  }
  const accepted: typeof sources = [];
  const cycles: CyclicVersions[] = [];
  let graph = graphOf(index.count, () => {});
  for (const source of sources) {
    const tried = [...accepted, source];
    const next = graphOf(index.count, distinctPairs(tried.map(({ pairs }) => pairs)));
    const components = stronglyConnected(next, KINDS);
    // A version that precedes itself (a transaction reads what it then writes) remains, because it leads to cycles of
    // transactions.
    if (!isCyclic(components)) {
      accepted.push(source);
      graph = next;
      continue;
    }
    for (const members of cyclicComponents(components)) {
      cycles.push({
        key: txns.keys[valueAt(index.key, valueAt(members, 0))],
        scc: Array.from(members, (v) => index.value[v]),
        sources: tried.map(({ name }) => name),
      });
    }
  }
  return { graph, cycles };
}

/** Returns the pairs of all sources, each once. */
function distinctPairs(sources: readonly Pairs[]): EdgeSource {
  const later = new Map<number, Set<number>>();
  for (const pairs of sources) {
    pairs((before, after) => {
      let known = later.get(before);
      if (known === undefined) later.set(before, known = new Set());
      known.add(after);
    });
  }
  return (add) => {
    for (const [before, all] of later) {
      for (const after of all) add(before, after, 1);
    }
  };
}

function initialPairs(
  txns: Transactions,
  index: RegisterIndex,
  pair: (before: number, after: number) => void,
): void {
  const known = new Uint8Array(index.count);
  for (let t = 0; t < txns.count; t++) {
    if (txns.outcome[t] !== OK) continue; // versions of other transactions count if a committed one read them
    const end = valueAt(txns.start, t + 1);
    for (let m = valueAt(txns.start, t); m < end; m++) {
      if (index.isExternal[m] !== 1) continue;
      const v = valueAt(index.version, m);
      const initial = valueAt(txns.key, m);
      if (v === initial || known[v] === 1) continue;
      known[v] = 1;
      pair(initial, v);
    }
  }
}

function writesFollowReads(
  txns: Transactions,
  index: RegisterIndex,
  pair: (before: number, after: number) => void,
): void {
  const readTxn = new Int32Array(txns.keys.length).fill(-1);
  const readVersion = new Int32Array(txns.keys.length);
  for (let t = 0; t < txns.count; t++) {
    if (txns.outcome[t] !== OK) continue;
    const end = valueAt(txns.start, t + 1);
    for (let m = valueAt(txns.start, t); m < end; m++) {
      if (index.isExternal[m] !== 1) continue;
      const k = valueAt(txns.key, m);
      const v = valueAt(index.version, m);
      if (txns.isWrite[m] !== 1) {
        if (v === k) continue; // null: the initial state has its own source
        readTxn[k] = t;
        readVersion[k] = v;
      } else if (readTxn[k] === t && v !== k) {
        pair(valueAt(readVersion, k), v);
      }
    }
  }
}

/** A key that a transaction accesses: the first and the last version that it read or wrote. */
interface Touch {
  readonly key: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Returns the accesses of each transaction. For an indeterminate one, only the writes are known, of a failed one nothing.
 */
function touches(txns: Transactions, index: RegisterIndex): Touch[][] {
  const all: Touch[][] = [];
  for (let t = 0; t < txns.count; t++) {
    const read = new Map<number, number>();
    const written = new Map<number, number>();
    const end = valueAt(txns.start, t + 1);
    for (let m = valueAt(txns.start, t); m < end && txns.outcome[t] !== FAIL; m++) {
      if (index.isExternal[m] !== 1) continue;
      const isWrite = txns.isWrite[m] === 1;
      if (!isWrite && txns.outcome[t] === INFO) continue;
      (isWrite ? written : read).set(valueAt(txns.key, m), valueAt(index.version, m));
    }
    all.push([...new Set([...read.keys(), ...written.keys()])].map((key) => {
      const r = read.get(key) ?? key;
      const w = written.get(key) ?? key;
      // Version number k is null. A read of null before a write carries less information than the write.
      return { key, first: r !== key ? r : w, last: w !== key ? w : r };
    }));
  }
  return all;
}

function processPairs(
  txns: Transactions,
  index: RegisterIndex,
  pair: (before: number, after: number) => void,
): void {
  const touched = touches(txns, index);
  const last = new Map<unknown, Map<number, number>>();
  for (let t = 0; t < txns.count; t++) {
    if (txns.outcome[t] !== OK) continue;
    const process = txns.op[t]?.process;
    let versions = last.get(process);
    if (versions === undefined) last.set(process, versions = new Map());
    for (const touch of touched[t] ?? []) {
      const before = versions.get(touch.key);
      if (before !== undefined && before !== touch.first) pair(before, touch.first);
      versions.set(touch.key, touch.last);
    }
  }
}

/**
 * Adds, for each key, pairs from each transaction that accesses it to the next ones in real time.
 *
 * The next ones are those reached through transactions that do not access the key. The search goes backwards to the
 * first access of the key.
 */
function realtimePairs(
  txns: Transactions,
  index: RegisterIndex,
  pair: (before: number, after: number) => void,
): void {
  const touched = touches(txns, index);
  const incoming: number[][] = Array.from({ length: txns.count }, () => []);
  forEachRealtimeEdge(txns, (before, after) => incoming[after]?.push(before));
  const byKey = new Map<number, { txn: number; touch: Touch }[]>();
  for (const [txn, list] of touched.entries()) {
    for (const touch of list) {
      const entry = byKey.get(touch.key);
      if (entry === undefined) byKey.set(touch.key, [{ txn, touch }]);
      else entry.push({ txn, touch });
    }
  }
  const seen = new Int32Array(txns.count).fill(-1);
  let search = 0;
  for (const entries of byKey.values()) {
    const lasts = new Map(entries.map(({ txn, touch }) => [txn, touch.last]));
    const firstCompletion = valueAt(txns.completedAt, entries[0]?.txn ?? 0);
    for (const { txn, touch } of entries) {
      const stack = [txn];
      search++;
      while (stack.length > 0) {
        const at = stack.pop() ?? 0;
        for (const before of incoming[at] ?? []) {
          if (seen[before] === search) continue;
          seen[before] = search;
          const last = lasts.get(before);
          if (last === touch.first) continue;
          if (last !== undefined) pair(last, touch.first);
          else if (valueAt(txns.invokedAt, before) > firstCompletion) stack.push(before);
        }
      }
    }
  }
}
