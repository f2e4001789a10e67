/**
 * Workload txn-rw-register: transactions that read and write registers, checked for the requested isolation.
 *
 * Tested by `tests/bench/workloads/txn_test.ts`.
 */

import { rwRegister } from "../../protocol/txn.ts";
import { call } from "./operations.ts";
import { transactionWorkload } from "./txn_workload.ts";
import type { Workload } from "./workload.ts";

/** The workload txn-rw-register. */
export const txnRwRegisterWorkload: Workload = {
  ...transactionWorkload("txn-rw-register", {
    description: "transactions that read and write registers have the requested isolation",
    write: "w",
    declared: rwRegister,
  }),
  convergence: {
    keys: ({ value }) => {
      const request = { txn: value };
      return rwRegister.request.is(request) ? request.txn.map(([, key]) => key) : [];
    },
    *read(keys) {
      const { txn } = yield* call(rwRegister, { txn: keys.map((key) => ["r", key, null] as const) });
      return (txn ?? []).map(([, , value]) => value);
    },
  },
};
