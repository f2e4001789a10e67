/** Workload txn-list-append: transactions that read lists and append to them, checked for the isolation that is asked. */

import { listAppend } from "../../protocol/txn.ts";
import { show } from "../../protocol/schema.ts";
import { call, MalformedReplyError, recordFailure } from "../operations.ts";
import { KEY_COUNT, randomTransactions } from "./transactions.ts";
import { anyThread, type Workload } from "./workload.ts";

/** See the file's head. */
export const txnListAppendWorkload: Workload = {
  name: "txn-list-append",
  about: "transactions that read lists and append to them have the isolation that is asked",
  generator: ({ keyCount = KEY_COUNT, maxTxnLength, maxWritesPerKey }, random) => {
    const shape = { write: "append", keyCount, maxLength: maxTxnLength, maxWritesPerKey };
    const next = randomTransactions(random, shape);
    return anyThread(() => ({ f: "txn", value: next() }));
  },
  client: () => ({
    *invoke({ value }) {
      const request = { txn: value };
      if (!listAppend.request.is(request)) throw new TypeError(`no transaction: ${show(value)}`);
      const reply = yield* call(listAppend, request);
      for (const [f, key, list] of reply.txn) {
        if (f === "append" || list === null || Array.isArray(list)) continue;
        const problem = `the value of ["r", ${show(key)}, …] must be null or an array, but is ${show(list)}`;
        throw new MalformedReplyError({ ...request, type: listAppend.type }, {
          declared: listAppend,
          reply: { ...reply, type: `${listAppend.type}_ok` },
          problem,
        });
      }
      return reply.txn;
    },
  }),
  recordFailure: (error, operation) => recordFailure(error, operation, new Set()),
};
