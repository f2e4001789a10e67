/** Lesson 6: transactions that never wait. */

import { rwRegister } from "../../../protocol/txn.ts";
import type { Lesson } from "../lesson.ts";

/** Challenges 6a to 6c. */
export const txnRwRegisterLesson: Lesson = {
  workload: "txn-rw-register",
  file: "txn_rw_register.ts",
  messages: [rwRegister],
  template: `/** Challenge 6: transactions over registers, all available all the time. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { txn as messages } from "@charybdis/charybdis/protocol";

/** Runs transactions over registers. */
export function txnRwRegister(node: Node): void {
  // A transaction: [["r", key, null], ["w", key, value], …]. The reply is the same list with what was read filled in.
  node.on(messages.rwRegister, () => {
    throw new RpcError(CODE.notSupported, "this is not written yet");
  });
}

if (import.meta.main) await serve(txnRwRegister);
`,
  exercises: [
    {
      id: "6a",
      task: [
        "One node keeps registers by key. A transaction is a list of reads and writes that are done in their order; the reply has " +
        "each read filled in: with null where nothing was written yet.",
        "Every transaction must be answered.",
      ],
      hints: [
        "A read within a transaction sees what the same transaction wrote before it.",
        "const registers = new Map<string | number | boolean, Json>(), and one map over the list.",
        'txn.map((op) => op[0] === "r" ? ["r", op[1], registers.get(op[1]) ?? null] : (registers.set(op[1], op[2]), op)): ' +
        "synchronous, so that nothing comes in between.",
      ],
    },
    {
      id: "6b",
      task: [
        "Two nodes with the same registers. Both answer at once, also while they are cut off from each other, and send each other " +
        "what was written. It must be read uncommitted: no two transactions may overwrite each other's writes in a circle (G0).",
        "So if two transactions write the keys 1 and 2, both nodes must agree, for both keys, which of them came later.",
        "Beware: the challenge's test passes nodes that tell each other nothing, since no transaction then sees what it must not. A " +
        "register that each node has to itself is no solution all the same: read the history in the report, and see whether a write " +
        "at one node is ever read at the other.",
      ],
      hints: [
        "If each node applies writes as they arrive, two nodes that write the same keys at once end with different values. What " +
        "order could both work out by themselves?",
        "Give every transaction a number that is larger than all it has seen (Lamport's clock), with the node's id to break ties; a " +
        "register keeps the write with the largest one. All writes of a transaction carry the same.",
        "After a cut: keep what the other one has not acknowledged, and send it again.",
      ],
    },
    {
      id: "6c",
      task: [
        "Now read committed: nobody may read what a transaction wrote that then failed (G1a), or what it overwrote itself in the end " +
        "(G1b), nor may transactions have seen each other's writes in a circle (G1c).",
        "The network is cut now and then; every transaction is answered at once all the same.",
      ],
      hints: [
        "When does another node learn of a write: while the transaction runs, or when it is done?",
        "Send the last write to each key, of a whole transaction, in one message, when it is done; apply that message at once, " +
        "without an await in the middle.",
        "Circles cannot arise if what a transaction read is older than itself: take over the other's clock whenever you apply its " +
        "writes, so that your next transaction gets a larger number than all it can see.",
      ],
    },
  ],
  solution: ["nodes/txn_rw_register.ts", "lib/log/registers/registers.ts", "lib/log/causal/causal_order.ts"],
};
