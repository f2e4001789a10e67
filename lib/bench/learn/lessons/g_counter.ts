/** Lesson 4: adding up what many nodes count. */

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
  // A store beside the nodes, for those who want one: await store.read(key), .write(key, value), .cas(key, { from, to, create }).
  const store = kvClient(node, { service: "seq-kv" });
  node.on(messages.add, () => {
    throw new RpcError(CODE.notSupported, "this is not written yet");
  });
  node.on(messages.read, async () => ({ value: Number(await store.read("sum") ?? 0) }));
}

if (import.meta.main) await serve(gCounter);
`,
  exercises: [{
    id: "4",
    task: [
      "Three nodes, and a network that is cut now and then. Clients add to a counter at any of them. In the end, when the " +
      "network is whole again, every node must read the exact sum of what was acknowledged: nothing lost, nothing added twice.",
      "The challenge offers a store, `seq-kv`, that is sequentially consistent: all nodes see its changes in one order, but a " +
      "read may show an old state. It cannot be reached while the node is cut off from it. You may use it, or leave it.",
    ],
    hints: [
      "If two nodes read 5, and each writes back 6, what has become of one addition? And if a write's answer is lost, was " +
      "it done?",
      "Then let no two nodes ever write the same thing: each has a part of its own that it alone changes, and the sum is the " +
      "sum of all parts. A part may be sent or written as often as you like, as it says how much and not how much more.",
      "With the store: one key a node, written by its owner alone after additions, read by all (and your own key written before " +
      "you read the others', so that you do not see an old state). Without: send your part to the others every so often; of two " +
      "values of a part, the greater one is the newer one.",
    ],
  }],
  solution: ["nodes/g_counter.ts", "lib/crdt/counter.ts"],
};
