/**
 * Transactional isolation of a history over registers: each transaction reads and writes named values.
 *
 * A read of a register shows one version and not its predecessors. So the version order is only partly known (see
 * `version_order.ts`), and fewer anomalies are found than with lists. The method is Elle's (Kingsbury and Alvaro, VLDB
 * 2020). Anomalies and their names are those of Elle 0.2.2.
 */

import { valueAt } from "../columns.ts";
import type { History } from "../history.ts";
import { checkTransactions, type TransactionCheckOptions } from "./check_transactions.ts";
import type { Dependencies } from "./dependency_search.ts";
import { PROCESS, REALTIME, RW, WR, WW } from "./graph.ts";
import { explainRegisterEdge, forEachRegisterEdge } from "./register_graph.ts";
import { indexRegisters, type RegisterIndex } from "./register_index.ts";
import { findDirtyReads, findInternal, findUnwrittenReads } from "./register_reads.ts";
import { microOp, type Transactions } from "./transactions.ts";
import { findLostUpdates } from "./updates.ts";
import type { ElleResult, Findings } from "./verdict.ts";
import { versionOrder, type VersionSources } from "./version_order.ts";

/** The options of {@linkcode checkRwRegister}: the expectation, and the assumptions about keys. */
export interface RwRegisterOptions extends TransactionCheckOptions, Partial<VersionSources> {}

/**
 * Checks a history of transactions `[["r", key, value], ["w", key, value], …]`, where null means "never written".
 *
 * As in Maelstrom, the only assumption is that writes follow reads within a transaction (`wfrKeys`). A history without
 * any dependency is invalid.
 *
 * @throws {RangeError} for an unknown consistency model, and never because of the history
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkRwRegister, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "txn", value: [["w", "x", 1], ["w", "x", 2]] },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "txn", value: [["w", "x", 1], ["w", "x", 2]] },
 *   { index: 2, time: 2000000, process: 1, type: "invoke", f: "txn", value: [["r", "x", null]] },
 *   { index: 3, time: 3000000, process: 1, type: "ok", f: "txn", value: [["r", "x", 1]] },
 * ];
 * const result = checkRwRegister(history, { consistencyModels: ["read-committed"] });
 * assertEquals(result.anomalies.some(({ type }) => type === "G1b"), true); // it read what was overwritten within its transaction
 * ```
 */
export function checkRwRegister(history: History, options: RwRegisterOptions = {}): ElleResult {
  const sources: VersionSources = {
    wfrKeys: options.wfrKeys ?? true,
    sequentialKeys: options.sequentialKeys ?? false,
    linearizableKeys: options.linearizableKeys ?? false,
  };
  return checkTransactions(history, options, {
    shape: { write: "w", lists: false },
    inspect: reportMixedKeys,
    index: indexRegisters,
    examine: (txns, index, findings) => examineRegisters(txns, index, { sources, findings }),
    conclude: (result, findings) =>
      findings.has("empty-transaction-graph") ? { ...result, valid: false } : result,
  });
}

function examineRegisters(
  txns: Transactions,
  index: RegisterIndex,
  { sources, findings }: { readonly sources: VersionSources; readonly findings: Findings },
): Dependencies | undefined {
  findUnwrittenReads(txns, index, findings);
  if (reportRepeated(txns, index, findings)) return undefined;
  findInternal(txns, findings);
  findDirtyReads(txns, index, findings);
  findLostUpdates(txns, (mop) => valueAt(index.version, mop), findings);
  const { graph, cycles } = versionOrder(txns, index, sources);
  for (const cycle of cycles) findings.add("cyclic-versions", () => ({ kind: "key", ...cycle }));
  return {
    edges: (add) => forEachRegisterEdge(index, graph, add),
    isTouched: () => forEachRegisterEdge(index, graph, () => {}),
    explainedFirst: [WR, WW, RW, PROCESS, REALTIME],
    explain: (edge) => explainRegisterEdge(txns, index, { order: graph, edge }),
  };
}

/** Reports keys of different types, such as replies that turned the requested key 1 into "1". */
function reportMixedKeys(txns: Transactions, findings: Findings): void {
  const requested = txns.writesDiffer.flatMap((t) => keysOf(txns.invocation[t]?.value));
  const types = new Set([...requested, ...txns.keys].map(typeOf));
  if (types.size < 2) return;
  const counts = new Map<string, number>();
  const count = (key: unknown) => counts.set(typeOf(key), (counts.get(typeOf(key)) ?? 0) + 1);
  for (const key of requested) count(key);
  for (const k of txns.key) count(txns.keys[k]);
  const [common] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  for (let t = 0; t < txns.count; t++) {
    for (let m = valueAt(txns.start, t); m < valueAt(txns.start, t + 1); m++) {
      const key = txns.keys[valueAt(txns.key, m)];
      const type = typeOf(key);
      if (type === common) continue;
      const why = `micro-operation ${
        txns.place[m]
      } has a key of type ${type}, where keys are of type ${common}`;
      findings.add("malformed", () => ({ kind: "malformed", op: txns.op[t], why }));
    }
  }
}

function keysOf(value: unknown): unknown[] {
  const mops: readonly unknown[] = Array.isArray(value) ? value : [];
  return mops.flatMap((mop) => microOp(mop)?.slice(1, 2) ?? []);
}

/** Returns the JSON type of a key. Large integers are numbers. */
function typeOf(key: unknown): string {
  return typeof key === "bigint" ? "number" : typeof key;
}

function reportRepeated(txns: Transactions, index: RegisterIndex, findings: Findings): boolean {
  const { writers, readers } = index;
  for (let v = 0; v < index.count; v++) {
    const isWrittenTwice = valueAt(writers.start, v + 1) - valueAt(writers.start, v) > 1;
    const isRead = valueAt(readers.start, v + 1) > valueAt(readers.start, v);
    if (!isWrittenTwice || !isRead) continue;
    const ops = Array.from(writers.txns.subarray(writers.start[v], writers.start[v + 1]), (t) => txns.op[t]);
    findings.add(
      "duplicate-writes",
      () => ({ kind: "key", key: txns.keys[valueAt(index.key, v)], value: index.value[v], ops }),
    );
  }
  if (!findings.has("duplicate-writes")) return false;
  findings.warnings.push(
    "dependencies were not checked, because a value was written to a key twice",
  );
  return true;
}
