/** Workload txn-list-append: transactions that read lists and append to them, checked for the isolation that is asked. */

import { show } from "../../protocol/schema.ts";
import { listAppend } from "../../protocol/txn.ts";
import { transactionWorkload } from "./transaction_workload.ts";
import type { Workload } from "./workload.ts";

/** See the file's head. */
export const txnListAppendWorkload: Workload = transactionWorkload("txn-list-append", {
  about: "transactions that read lists and append to them have the isolation that is asked",
  write: "append",
  declared: listAppend,
  problemOf: ({ txn }) => {
    const other = txn.find(([f, , value]) => f === "r" && value !== null && !Array.isArray(value));
    if (other === undefined) return undefined;
    const [, key, value] = other;
    return `the value of ["r", ${show(key)}, …] must be null or an array, but is ${show(value)}`;
  },
});
