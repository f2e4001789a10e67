/** Workload txn-list-append: transactions that read lists and append to them, checked for the isolation that is asked. */

import { listAppend } from "../../protocol/txn.ts";
import { transactionWorkload } from "./txn_workload.ts";
import type { Workload } from "./workload.ts";

/** See the file's head. */
export const txnListAppendWorkload: Workload = transactionWorkload("txn-list-append", {
  about: "transactions that read lists and append to them have the isolation that is asked",
  write: "append",
  declared: listAppend,
});
