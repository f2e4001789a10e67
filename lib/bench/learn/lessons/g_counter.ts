/** Lesson 4: sum the counts of several nodes. Tested by `tests/bench/learn/lessons_test.ts`. */

import { add, read } from "../../../protocol/counter.ts";
import type { Lesson } from "../lesson.ts";

/** Challenge 4. */
export const gCounterLesson: Lesson = {
  workload: "g-counter",
  file: "g_counter.ts",
  messages: [add, read],
  template: `/** Challenge 4: a counter that only grows, the same at all nodes. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { kvClient } from "@charybdis/charybdis/clients";
import { counter as messages } from "@charybdis/charybdis/protocol";

/** Keeps a counter that only grows. */
export function gCounter(node: Node): void {
  // An optional store outside the nodes: await store.read(key), .write(key, value), .cas(key, { from, to, create }).
  const store = kvClient(node, { service: "seq-kv" });
  node.on(messages.add, () => {
    throw new RpcError(CODE.notSupported, "this is not implemented yet");
  });
  node.on(messages.read, async () => ({ value: Number(await store.read("sum") ?? 0) }));
}

if (import.meta.main) await serve(gCounter);
`,
  exercises: [{
    id: "4",
    task: [
      "Three nodes on a network with occasional partitions. Clients add to a counter at any node. At the end, after the " +
      "partitions heal, every node must return the exact sum of the acknowledged additions: none lost, none counted twice.",
      "The challenge offers a store, `seq-kv`, that is sequentially consistent: all nodes see its changes in one order, but a " +
      "read may be stale. A node cannot reach it during a partition from it. Its use is optional.",
    ],
    hints: [
      "If two nodes read 5 and each writes 6, where did one addition go? And if the reply to a write is lost, was " +
      "it done?",
      "Never let two nodes write the same key: each node owns a part that only it changes, and the sum is the " +
      "sum of all parts. A part may be sent or written repeatedly, because it is a total, not a difference.",
      "With the store: one key per node, written only by its owner and read by all nodes. Write your key before " +
      "you read the other keys, so that the reads are not stale. Without the store: send your part to the peers periodically. " +
      "The greater of two values of a part is newer.",
    ],
  }],
  solution: ["nodes/g_counter.ts", "lib/crdt/counter.ts"],
};
