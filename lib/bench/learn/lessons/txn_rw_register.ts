/** Lesson 6: transactions with total availability. Tested by `tests/bench/learn/lessons_test.ts`. */

import { rwRegister } from "../../../protocol/txn.ts";
import type { Lesson } from "../lesson.ts";

/** Challenges 6a to 6c. */
export const txnRwRegisterLesson: Lesson = {
  workload: "txn-rw-register",
  file: "txn_rw_register.ts",
  messages: [rwRegister],
  template: `/** Challenge 6: transactions over registers with total availability. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { txn as messages } from "@charybdis/charybdis/protocol";

/** Runs transactions over registers. */
export function txnRwRegister(node: Node): void {
  // A transaction: [["r", key, null], ["w", key, value], …]. The reply is the same list with the results of reads filled in.
  node.on(messages.rwRegister, () => {
    throw new RpcError(CODE.notSupported, "this is not implemented yet");
  });
}

if (import.meta.main) await serve(txnRwRegister);
`,
  exercises: [
    {
      id: "6a",
      task: [
        "One node keeps registers by key. A transaction is a list of reads and writes that run in order. The reply has " +
        "each read filled in, with null if the key was never written.",
        "The node must answer every transaction.",
      ],
      hints: [
        "A read within a transaction sees the transaction's earlier writes.",
        "const registers = new Map<string | number | boolean, Json>(), and one map over the list.",
        'txn.map((op) => op[0] === "r" ? ["r", op[1], registers.get(op[1]) ?? null] : (registers.set(op[1], op[2]), op)): ' +
        "synchronous, so that no other transaction runs in between.",
      ],
    },
    {
      id: "6b",
      task: [
        "Two nodes with the same registers. Both answer immediately, even during a partition, and send each other " +
        "their writes. The isolation level is read uncommitted: no transactions may overwrite each other's writes in a cycle (G0).",
        "So if two transactions write the keys 1 and 2, both nodes must agree, for both keys, which of them came later.",
        "Beware: the challenge's test also passes nodes that send each other nothing, because their reads show no anomaly. " +
        "Separate registers per node are still not a solution. Read the history in the report, and check that a write " +
        "at one node is read at the other.",
      ],
      hints: [
        "If each node applies writes as they arrive, two nodes that write the same keys concurrently end with different values. Which " +
        "order can both compute independently?",
        "Give every transaction a number larger than all numbers it has seen (Lamport's clock), with the node's id to break ties. A " +
        "register keeps the write with the largest number. All writes of a transaction have the same number.",
        "For partitions: keep the writes that the peer has not acknowledged, and retransmit them.",
      ],
    },
    {
      id: "6c",
      task: [
        "Now read committed: no transaction may read a failed transaction's write (G1a) or a write that its transaction later overwrote " +
        "(G1b). Transactions may not see each other's writes in a cycle (G1c).",
        "The network has occasional partitions. The node must still answer every transaction immediately.",
      ],
      hints: [
        "When does another node learn of a write: during the transaction, or after it?",
        "After the transaction, send its last write to each key in one message. Apply that message as a whole, " +
        "without an await in the middle.",
        "Cycles cannot arise if a transaction is newer than everything it read: adopt the peer's clock when you apply its " +
        "writes, so that your next transaction gets a larger number than any write that it can see.",
      ],
    },
  ],
  solution: ["nodes/txn_rw_register.ts", "lib/log/registers/registers.ts", "lib/log/causal/causal_order.ts"],
};
