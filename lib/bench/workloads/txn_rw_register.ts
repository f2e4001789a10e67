/** Workload txn-rw-register: transactions that read and write registers, checked for the isolation that is asked. */

import { rwRegister } from "../../protocol/txn.ts";
import { show } from "../../protocol/schema.ts";
import { call, recordFailure } from "../operations.ts";
import { KEY_COUNT, randomTransactions } from "./transactions.ts";
import { anyThread, type Workload } from "./workload.ts";

/** See the file's head. */
export const txnRwRegisterWorkload: Workload = {
  name: "txn-rw-register",
  about: "transactions that read and write registers have the isolation that is asked",
  generator: ({ keyCount = KEY_COUNT, maxTxnLength, maxWritesPerKey }, random) => {
    const next = randomTransactions(random, {
      write: "w",
      keyCount,
      maxLength: maxTxnLength,
      maxWritesPerKey,
    });
    return anyThread(() => ({ f: "txn", value: next() }));
  },
  client: () => ({
    *invoke({ value }) {
      const request = { txn: value };
      if (!rwRegister.request.is(request)) throw new TypeError(`no transaction: ${show(value)}`);
      return (yield* call(rwRegister, request)).txn;
    },
  }),
  recordFailure: (error, operation) => recordFailure(error, operation, new Set()),
  agreement: {
    keys: ({ value }) => {
      const request = { txn: value };
      return rwRegister.request.is(request) ? request.txn.map(([, key]) => key) : [];
    },
    *read(keys) {
      const { txn } = yield* call(rwRegister, { txn: keys.map((key) => ["r", key, null] as const) });
      return txn.map(([, , value]) => value);
    },
  },
};
