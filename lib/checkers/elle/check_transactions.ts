/**
 * The course of a check of transactions, which lists and registers share.
 *
 * Tested by `tests/checkers/elle/list_append_test.ts`.
 */

import type { History } from "../history.ts";
import type { CheckControl } from "../result.ts";
import { type Dependencies, findCycles } from "./dependency_search.ts";
import { readTransactions, type Shape, type Transactions } from "./transactions.ts";
import {
  type ElleResult,
  type Expectation,
  Findings,
  prohibitedAnomalies,
  stopped,
  verdict,
} from "./verdict.ts";
import { changedReplies } from "./warnings.ts";

/** The options of a check of transactions. */
export interface TransactionCheckOptions extends Expectation {
  /** The callbacks by which a long check is followed and ended. */
  readonly control?: CheckControl;
}

/** The parts of a check that depend on the data type. */
export interface DataType<Index> {
  readonly shape: Shape;
  /** Finds malformed transactions, in addition to those that cannot be read. */
  readonly inspect?: (txns: Transactions, findings: Findings) => void;
  readonly index: (txns: Transactions) => Index;
  /** Finds the anomalies of single reads and keys. Returns the dependencies; undefined if they are not known. */
  readonly examine: (txns: Transactions, index: Index, findings: Findings) => Dependencies | undefined;
  /** Returns the result of a check that was not stopped. */
  readonly conclude?: (result: ElleResult, findings: Findings) => ElleResult;
}

/** Checks the transactions of a history. Throws `RangeError` for an unknown consistency model. */
export function checkTransactions<Index>(
  history: History,
  options: TransactionCheckOptions,
  { shape, inspect, index: indexOf, examine, conclude = (result) => result }: DataType<Index>,
): ElleResult {
  const prohibited = prohibitedAnomalies(options);
  const control = options.control ?? {};
  const findings = new Findings(options);
  const txns = readTransactions(history, shape);
  for (const malformed of txns.malformed) findings.add("malformed", () => malformed);
  inspect?.(txns, findings);
  control.progress?.(0.2);
  if (control.stopped?.() === true) return stopped(findings, prohibited);
  const index = indexOf(txns);
  control.progress?.(0.4);
  findings.warnings.push(...changedReplies(txns));
  const dependencies = examine(txns, index, findings);
  if (dependencies === undefined) return verdict(findings, prohibited);
  if (control.stopped?.() === true) return stopped(findings, prohibited);
  const finished = findCycles(txns, dependencies, { prohibited, findings, control });
  return finished ? conclude(verdict(findings, prohibited), findings) : stopped(findings, prohibited);
}
