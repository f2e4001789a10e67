/**
 * The common part of the workloads of transactions, whose requests and replies are whole transactions.
 *
 * Tested by `tests/bench/workloads/txn_test.ts`.
 */

import { checkerOf } from "../../checkers/check_history.ts";
import type { Rpc } from "../../protocol/message.ts";
import { show } from "../../protocol/schema.ts";
import type { AnsweredTransaction, Transaction } from "../../protocol/txn.ts";
import { call, PROGRESS_TIMEOUT_MS } from "./operations.ts";
import { KEY_COUNT, randomTransactions } from "./txn_generator.ts";
import { anyThread, type Workload } from "./workload.ts";

/** Returns the test of transactions that read, and write with the micro-operation `write`. */
export function transactionWorkload<W extends string>(
  name: "txn-list-append" | "txn-rw-register",
  { description, write, declared }: {
    readonly description: string;
    readonly write: W;
    readonly declared: Rpc<Transaction<W>, AnsweredTransaction<W>>;
  },
): Workload {
  return {
    name,
    description,
    messages: [declared],
    operations: ["txn"],
    generator: ({ keyCount = KEY_COUNT, maxTxnLength, maxWritesPerKey }, random) => {
      const shape = { write, keyCount, maxLength: maxTxnLength, maxWritesPerKey };
      const next = randomTransactions(random, shape);
      return anyThread(() => ({ f: "txn", value: next() }));
    },
    client: () => ({
      *invoke({ value }) {
        const request = { txn: value };
        if (!declared.request.is(request)) throw new TypeError(`not a transaction: ${show(value)}`);
        return (yield* call<Transaction<W>, AnsweredTransaction<W>>(declared, request)).txn ?? [];
      },
    }),
    keepsClients: true,
    progress: {
      request: () =>
        call<Transaction<W>, AnsweredTransaction<W>>(declared, { txn: [["r", 0, null]] }, {
          timeoutMs: PROGRESS_TIMEOUT_MS,
        }),
    },
    judge: checkerOf(name),
  };
}
