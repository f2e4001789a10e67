/** Lesson 5: logs that many nodes write. */

import { commitOffsets, listCommittedOffsets, poll, send } from "../../../protocol/kafka.ts";
import type { Lesson } from "../lesson.ts";

/** Challenges 5a to 5c. */
export const kafkaLesson: Lesson = {
  workload: "kafka",
  file: "kafka.ts",
  messages: [send, poll, commitOffsets, listCommittedOffsets],
  template: `/** Challenge 5: append-only logs, one a key, in the manner of Kafka. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { kafka as messages } from "@charybdis/charybdis/protocol";

/** Keeps a log for each key, and how far each was processed. */
export function kafka(node: Node): void {
  node.on(messages.send, () => {
    throw new RpcError(CODE.notSupported, "this is not written yet");
  });
  // For each key that is asked for: the messages from that offset on, [[offset, message], …].
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
        "One node keeps a log for each key. `send` appends a message and is told its offset; `poll` reads each log from an " +
        "offset on, in order, leaving nothing out; clients commit offsets that they have processed, and ask for them.",
        "Offsets of a log only grow. They may leave gaps.",
      ],
      hints: [
        "A log is an array, and an offset a place in it.",
        "const logs = new Map<string, Json[]>(): `send` pushes and returns the index.",
        "`poll` gives for each key log.slice(from) with its offsets; a map of numbers keeps the committed ones, of which a lower " +
        "one never replaces a higher one.",
      ],
    },
    {
      id: "5b",
      task: [
        "Two nodes now, and any of them takes messages for any key. No offset of a key may be given twice, and whoever polls " +
        "must see every message at the same offset, in the same order, wherever he asks.",
        "Beware of the message that turns up below what somebody has polled already: he will never see it. That is called a lost " +
        "write, and the check finds it.",
      ],
      hints: [
        "Who decides on an offset? One place for each key is the simple answer: a node, or a store.",
        "Let each key belong to one node (by a hash of the key, say), and the other one hand over what it gets by `node.rpc`. " +
        "Polls too can be passed on, or answered from what the owner sent.",
        "Or: a counter a key in the store `lin-kv`, advanced by `cas` (@charybdis/charybdis/clients), gives unique offsets. Then a " +
        "poll may not go beyond a message that is still on its way.",
      ],
    },
    {
      id: "5c",
      task: [
        "The same test: make it cheap. Count your messages for each operation (the check shows them), and bring them down " +
        "without losing what 5b promised.",
        "There is no bound to stay under. Handing each message over costs about one for each operation.",
      ],
      hints: [
        "What must be asked at once, and what can be told later, together with more of its kind?",
        "Do offsets have to be asked for? Nodes could give offsets of which no other can give the same: of two nodes, one the even " +
        "ones and one the odd ones.",
        "Then what remains is to know up to where a log is complete: a node tells, in rounds, what it took and that it will give " +
        "nothing below an offset any more; polls show a log up to what all have said. Lamport's clock keeps the two in step.",
      ],
    },
  ],
  solution: ["nodes/kafka.ts", "lib/log/keyed/keyed_log.ts", "lib/log/causal/causal_order.ts"],
};
