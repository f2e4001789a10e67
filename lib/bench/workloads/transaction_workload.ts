/** What the workloads of transactions share: a transaction is random, asked for as it is, and taken as it was answered. */

import type { WorkloadName } from "../../checkers/workloads.ts";
import type { Rpc } from "../../protocol/message.ts";
import { show } from "../../protocol/schema.ts";
import type { Transaction } from "../../protocol/txn.ts";
import { call, MalformedReplyError, recordFailure } from "../operations.ts";
import { KEY_COUNT, randomTransactions } from "./transactions.ts";
import { anyThread, type Workload } from "./workload.ts";

/** A test of transactions that read, and write with the micro-operation `write`. */
export function transactionWorkload<W extends string>(
  name: WorkloadName,
  { about, write, declared, problemOf }: {
    readonly about: string;
    readonly write: W;
    readonly declared: Rpc<Transaction<W>, Transaction<W>>;
    /** What is wrong with an answered transaction, beside its form. */
    readonly problemOf?: (answered: Transaction<W>) => string | undefined;
  },
): Workload {
  return {
    name,
    about,
    generator: ({ keyCount = KEY_COUNT, maxTxnLength, maxWritesPerKey }, random) => {
      const shape = { write, keyCount, maxLength: maxTxnLength, maxWritesPerKey };
      const next = randomTransactions(random, shape);
      return anyThread(() => ({ f: "txn", value: next() }));
    },
    client: () => ({
      *invoke({ value }) {
        const request = { txn: value };
        if (!declared.request.is(request)) throw new TypeError(`no transaction: ${show(value)}`);
        const reply = yield* call(declared, request);
        const problem = problemOf?.(reply);
        if (problem === undefined) return reply.txn;
        throw new MalformedReplyError({ ...request, type: declared.type }, {
          declared,
          reply: { ...reply, type: `${declared.type}_ok` },
          problem,
        });
      },
    }),
    recordFailure,
  };
}
