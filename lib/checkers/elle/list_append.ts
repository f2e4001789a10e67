/**
 * Transactional isolation of a history over lists: each transaction reads and appends to named lists.
 *
 * Every read of a list shows all appends to it in order, so the version order is known. The method is Elle's (Kingsbury
 * and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations", VLDB 2020). Anomalies and their
 * names are those of Elle 0.2.2.
 */

import type { History } from "../history.ts";
import type { CheckControl } from "../result.ts";
import { findCycles } from "./dependency_search.ts";
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
import { readTransactions, type Transactions } from "./transactions.ts";
import { changedReplies } from "./warnings.ts";
import { findDirtyUpdates, findLostUpdates, listVersionRead } from "./updates.ts";
import {
  type ElleResult,
  type Expectation,
  Findings,
  prohibitedAnomalies,
  stopped,
  verdict,
} from "./verdict.ts";

/** The options of {@linkcode checkListAppend}. */
export interface ListAppendOptions extends Expectation {
  /** The callbacks by which a long check is followed and ended. */
  readonly control?: CheckControl;
}

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
  const prohibited = prohibitedAnomalies(options);
  const control = options.control ?? {};
  const findings = new Findings(options);
  const txns = readTransactions(history, { write: "append", lists: true });
  for (const malformed of txns.malformed) findings.add("malformed", () => malformed);
  control.progress?.(0.2);
  if (control.stopped?.() === true) return stopped(findings, prohibited);
  const index = indexLists(txns);
  control.progress?.(0.4);
  findings.warnings.push(...changedReplies(txns));
  if (index.repeated !== null) {
    reportRepeated(txns, index.repeated, findings);
    return verdict(findings, prohibited);
  }
  findInternal(txns, findings);
  findFutureReads(txns, findings);
  findAbortedReads(txns, index, findings);
  findIntermediateReads(txns, index, findings);
  findDuplicateElements(txns, index, findings);
  findDirtyUpdates(txns, index, findings);
  findLostUpdates(txns, listVersionRead(txns, index), findings);
  for (const [key, values] of index.orders.incompatible) {
    findings.add("incompatible-order", () => ({ kind: "key", key: txns.keys[key], values }));
  }
  if (control.stopped?.() === true) return stopped(findings, prohibited);
  const finished = findCycles(txns, {
    edges: (add) => forEachListEdge(txns, index, add),
    isTouched: () => false,
    explainedFirst: [WW, WR, RW, PROCESS, REALTIME],
    explain: (edge) => explainListEdge(txns, index, edge),
  }, { prohibited, findings, control });
  return finished ? verdict(findings, prohibited) : stopped(findings, prohibited);
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
