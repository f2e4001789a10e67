/** Lesson 7: serializable transactions. Tested by `tests/bench/learn/solutions_test.ts`. */

import { listAppend } from "../../../protocol/txn.ts";
import { challenge } from "../../grade/challenges.ts";
import type { Lesson } from "../lesson.ts";

const TXN = { workload: "txn-list-append", concurrency: "2n", rate: 50, timeLimit: 10 } as const;
const SERIALIZABLE = { consistencyModels: ["serializable"] } as const;

/** Exercises 7a to 7c, which Fly.io's challenges do not have. */
export const txnListAppendLesson: Lesson = {
  workload: "txn-list-append",
  file: "txn_list_append.ts",
  messages: [listAppend],
  template: `/** Lesson 7: serializable transactions over lists. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { txn as messages } from "@charybdis/charybdis/protocol";

/** Runs transactions over lists. */
export function txnListAppend(node: Node): void {
  // A transaction: [["r", key, null], ["append", key, element], …]. The reply is the same list with the results of reads filled in.
  node.on(messages.listAppend, () => {
    throw new RpcError(CODE.notSupported, "this is not implemented yet");
  });
}

if (import.meta.main) await serve(txnListAppend);
`,
  exercises: [
    {
      id: "7a",
      challenge: challenge("7a", "Serializable, one node", [{ ...TXN, ...SERIALIZABLE, nodeCount: 1 }]),
      task: [
        "One node keeps lists by key. A transaction reads lists and appends elements to them. Its operations run in order, " +
        "and see the transaction's earlier appends.",
        "The transactions must be serializable: the result is one that they could have given one after the other.",
      ],
      hints: [
        "A handler without an await runs alone, so its transaction is isolated from all others.",
        "const lists = new Map<string, Json[]>(), by JSON.stringify(key). An absent list reads as null.",
        "Replace the list on each append ([...list, element]), so that a reply keeps the list that its read has seen.",
      ],
    },
    {
      id: "7b",
      challenge: challenge("7b", "Serializable, three nodes", [{ ...TXN, ...SERIALIZABLE, nodeCount: 3 }]),
      task: [
        "Three nodes that run transactions over the same lists. Now two nodes can change the same list at the same time.",
        'A node may keep its data in Maelstrom\'s service `lin-kv`: kvClient(node, { service: "lin-kv" }) from ' +
        "@charybdis/charybdis/clients. Its compare-and-set changes one key at a time.",
        "A transaction that cannot run may fail with the error txn-conflict. At least some must succeed.",
      ],
      hints: [
        "A transaction spans several keys, but compare-and-set changes only one. How can one change publish several lists at once?",
        "Keep all lists in a single value. Read it, run the transaction on a copy, and replace it if it has not changed in the meantime.",
        "If cas resolves to false, throw new RpcError(CODE.txnConflict, …), or start again from the read.",
      ],
    },
    {
      id: "7c",
      challenge: challenge("7c", "Strict serializability", [
        { ...TXN, nodeCount: 3, nemesis: ["partition"], consistencyModels: ["strict-serializable"] },
      ]),
      task: [
        "The same with partitions, and with a stronger demand: the order of the transactions must also agree with real time. A " +
        "transaction that begins after another has ended must come later.",
        "The service is reachable from every node at all times.",
      ],
      hints: [
        "Which transactions can see an old state? Does every transaction read the newest one, even if it only reads?",
        "lin-kv is linearizable, so a read returns the newest value. seq-kv is not. A copy that the node keeps is not, either.",
        "If a cas times out, its effect is unknown. Do not run the transaction again then: reply with code 0.",
      ],
    },
  ],
  solution: ["lib/bench/learn/solutions/txn_list_append.ts", "nodes/txn_list_append.ts"],
};
