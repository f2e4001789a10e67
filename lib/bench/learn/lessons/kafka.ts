/** Lesson 5: logs that several nodes write. Tested by `tests/bench/learn/lessons_test.ts`. */

import { commitOffsets, listCommittedOffsets, poll, send } from "../../../protocol/kafka.ts";
import type { Lesson } from "../lesson.ts";

/** Challenges 5a to 5c. */
export const kafkaLesson: Lesson = {
  workload: "kafka",
  file: "kafka.ts",
  messages: [send, poll, commitOffsets, listCommittedOffsets],
  template: `/** Challenge 5: append-only logs, one per key, as in Kafka. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { kafka as messages } from "@charybdis/charybdis/protocol";

/** Keeps a log and a committed offset for each key. */
export function kafka(node: Node): void {
  node.on(messages.send, () => {
    throw new RpcError(CODE.notSupported, "this is not implemented yet");
  });
  // For each requested key: the messages from that offset on, [[offset, message], …].
  node.on(messages.poll, () => ({ msgs: {} }));
  node.on(messages.commitOffsets, () => ({}));
  node.on(messages.listCommittedOffsets, () => ({ offsets: {} }));
}

if (import.meta.main) await serve(kafka);
`,
  exercises: [
    {
      id: "5a",
      task: [
        "One node keeps a log for each key. `send` appends a message and returns its offset; `poll` reads each log from an " +
        "offset on, in order and without gaps; clients commit the offsets that they have processed, and list them.",
        "Offsets of a log only increase. Gaps are allowed.",
      ],
      hints: [
        "A log is an array, and an offset is an index into it.",
        "const logs = new Map<string, Json[]>(): `send` pushes and returns the index.",
        "`poll` returns log.slice(from) with its offsets for each key, and leaves out keys without messages. A map keeps the " +
        "committed offsets, and a lower offset never replaces a higher one.",
      ],
    },
    {
      id: "5b",
      task: [
        "Two nodes, and each accepts messages for any key. No offset of a key may be assigned twice. Every client " +
        "must see every message at the same offset and in the same order at both nodes.",
        "Beware of a message that appears below an offset that a client has already polled: the client never sees it. This is a lost " +
        "write, and the check finds it.",
      ],
      hints: [
        "Which node assigns an offset? The simple answer is one place per key: a node, or a store.",
        "Let each key belong to one node (for example, by a hash of the key). The other node forwards its messages with `node.rpc`. " +
        "It can also forward polls, or answer them from the owner's updates.",
        "Or: one counter per key in the store `lin-kv`, advanced by `cas` (@charybdis/charybdis/clients), gives unique offsets. Then a " +
        "poll may not go past a message that is still in flight.",
      ],
    },
    {
      id: "5c",
      task: [
        "The same test with fewer messages. The check shows your messages per operation. Reduce them " +
        "without losing the guarantees of 5b.",
        "This exercise has no bound. Forwarding each message costs about one message per operation.",
      ],
      hints: [
        "Which messages must be sent immediately, and which can wait for a batch?",
        "Do nodes have to request offsets? Nodes could assign offsets from disjoint sets: of two nodes, one the even " +
        "offsets and one the odd offsets.",
        "Then nodes only need to know up to which offset a log is complete. In rounds, a node sends its messages and an offset " +
        "below which it will assign no more. Polls return the log up to the smallest such offset. Lamport's clock keeps both in step.",
      ],
    },
  ],
  solution: ["nodes/kafka.ts", "lib/log/keyed/keyed_log.ts", "lib/log/causal/causal_order.ts"],
};
