/**
 * Transactional isolation of a history over lists: each transaction reads and appends to named lists.
 *
 * Every read of a list shows all appends to it in order, so the version order is known. The method is Elle's (Kingsbury
 * and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations", VLDB 2020). Anomalies and their
 * names are those of Elle 0.2.2.
 */

import type { History } from "../history.ts";
import { checkTransactions, type TransactionCheckOptions } from "./check_transactions.ts";
import type { Dependencies } from "./dependency_search.ts";
import { PROCESS, REALTIME, RW, WR, WW } from "./graph.ts";
import { explainListEdge, forEachListEdge } from "./list_graph.ts";
import { indexLists, type ListIndex } from "./list_index.ts";
import {
  findAbortedReads,
  findDuplicateElements,
  findFutureReads,
  findIntermediateReads,
  findInternal,
} from "./list_reads.ts";
import { findOmittedAppends } from "./omitted_appends.ts";
import type { Transactions } from "./transactions.ts";
import { findDirtyUpdates, findLostUpdates, listVersionRead } from "./updates.ts";
import type { ElleResult, Findings } from "./verdict.ts";

/** The options of {@linkcode checkListAppend}. */
export type ListAppendOptions = TransactionCheckOptions;

/**
 * Checks a history of transactions `[["r", key, null | list], ["append", key, element], …]`.
 *
 * The cost is linear in the number of micro-operations and elements read, except for the search in components that
 * contain cycles.
 *
 * @throws {RangeError} for an unknown consistency model, and never because of the history
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkListAppend, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "txn", value: [["append", "x", 1]] },
 *   { index: 1, time: 1000000, process: 0, type: "fail", f: "txn", value: [["append", "x", 1]] },
 *   { index: 2, time: 2000000, process: 1, type: "invoke", f: "txn", value: [["r", "x", null]] },
 *   { index: 3, time: 3000000, process: 1, type: "ok", f: "txn", value: [["r", "x", [1]]] },
 * ];
 * const result = checkListAppend(history, { consistencyModels: ["read-committed"] });
 * assertEquals(result.anomalies.some(({ type }) => type === "G1a"), true); // it read what had failed
 * ```
 */
export function checkListAppend(history: History, options: ListAppendOptions = {}): ElleResult {
  return checkTransactions(history, options, {
    shape: { write: "append", lists: true },
    index: indexLists,
    examine: examineLists,
  });
}

function examineLists(txns: Transactions, index: ListIndex, findings: Findings): Dependencies | undefined {
  if (index.repeated !== null) {
    reportRepeated(txns, index.repeated, findings);
    return undefined;
  }
  findInternal(txns, findings);
  findFutureReads(txns, findings);
  findAbortedReads(txns, index, findings);
  findIntermediateReads(txns, index, findings);
  findDuplicateElements(txns, index, findings);
  findDirtyUpdates(txns, index, findings);
  findOmittedAppends(txns, findings);
  findLostUpdates(txns, listVersionRead(txns, index), findings);
  for (const [key, values] of index.orders.incompatible) {
    findings.add("incompatible-order", () => ({ kind: "key", key: txns.keys[key], values }));
  }
  return {
    edges: (add) => forEachListEdge(txns, index, add),
    isTouched: () => false,
    explainedFirst: [WW, WR, RW, PROCESS, REALTIME],
    explain: (edge) => explainListEdge(txns, index, edge),
  };
}

function reportRepeated(
  txns: Transactions,
  { key, value }: NonNullable<ListIndex["repeated"]>,
  findings: Findings,
): void {
  findings.add("duplicate-writes", () => ({ kind: "key", key: txns.keys[key], value }));
  findings.warnings.push(
    "dependencies were not checked, because an element was appended to a key twice",
  );
}
