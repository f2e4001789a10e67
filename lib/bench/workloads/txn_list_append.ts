/**
 * Workload txn-list-append: transactions that read lists and append to them, checked for the requested isolation.
 *
 * Tested by `tests/bench/workloads/txn_test.ts`.
 */

import { listAppend } from "../../protocol/txn.ts";
import { transactionWorkload } from "./txn_workload.ts";
import type { Workload } from "./workload.ts";

/** The workload txn-list-append. */
export const txnListAppendWorkload: Workload = transactionWorkload("txn-list-append", {
  description: "transactions that read lists and append to them have the requested isolation",
  write: "append",
  declared: listAppend,
});
