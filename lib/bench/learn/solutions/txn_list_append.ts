/**
 * A solution of lesson 7: strictly serializable transactions over lists.
 *
 * All lists are one value in the service lin-kv. A transaction runs on a copy, and replaces the value by one compare-and-set, which fails
 * if another transaction was faster. A transaction that only reads needs no change, because the read itself is linearizable.
 * Cost: two round trips to the service per attempt, and a value that grows with the lists.
 *
 * Tested by `tests/bench/learn/solutions_test.ts`.
 */

import { CODE, type Json, type Node, RpcError, serve } from "@charybdis/charybdis";
import { kvClient } from "@charybdis/charybdis/clients";
import { txn as messages } from "@charybdis/charybdis/protocol";

const KEY = "lists";
const ATTEMPTS_MAX = 5;

type Lists = Readonly<Record<string, readonly Json[]>>;
type Operation = readonly ["r" | "append", Json, Json];

/** Runs transactions over lists. */
export function txnListAppend(node: Node): void {
  const store = kvClient(node, { service: "lin-kv" });
  node.on(messages.listAppend, async ({ txn }) => {
    for (let i = 0; i < ATTEMPTS_MAX; i++) {
      const from = (await store.read(KEY) ?? {}) as Lists;
      const { lists: to, results } = run(from, txn);
      if (to === from || await store.cas(KEY, { from, to, create: true })) return { txn: results };
    }
    throw new RpcError(CODE.txnConflict, "other transactions were faster");
  });
}

/** Returns the results of a transaction, and the lists after it: the same object if it appends nothing. */
function run(before: Lists, txn: readonly Operation[]): { lists: Lists; results: Operation[] } {
  let lists = before;
  const results = txn.map(([kind, key, value]): Operation => {
    const id = JSON.stringify(key);
    if (kind === "r") return [kind, key, lists[id] ?? null];
    lists = { ...lists, [id]: [...(lists[id] ?? []), value] };
    return [kind, key, value];
  });
  return { lists, results };
}

if (import.meta.main) await serve(txnListAppend);
