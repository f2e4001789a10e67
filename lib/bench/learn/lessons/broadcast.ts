/**
 * Lesson 3: spread values to all nodes, then with fewer and fewer messages.
 *
 * Tested by `tests/bench/learn/lessons_test.ts`.
 */

import { broadcast, read, topology } from "../../../protocol/broadcast.ts";
import type { Lesson } from "../lesson.ts";

/** Challenges 3a to 3e. */
export const broadcastLesson: Lesson = {
  workload: "broadcast",
  file: "broadcast.ts",
  messages: [topology, broadcast, read],
  template: `/** Challenge 3: every node learns each value that one node receives. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { broadcast as messages } from "@charybdis/charybdis/protocol";

/** Spreads each received value to every node. */
export function broadcast(node: Node): void {
  node.on(messages.broadcast, () => {
    throw new RpcError(CODE.notSupported, "this is not implemented yet");
  });
  node.on(messages.read, () => ({ messages: [] }));
  // The suggested neighbors of each node, which you may ignore.
  node.on(messages.topology, () => ({}));
  // To send to other nodes: node.send("n1", { type: "gossip", … }) without a reply, or await node.rpc("n1", …). Choose your
  // own message types and handle them: node.on("gossip", (body, from) => …).
}

if (import.meta.main) await serve(broadcast);
`,
  exercises: [
    {
      id: "3a",
      task: [
        "A single node. Clients send it values with `broadcast`, and `read` returns all values that it knows.",
        "Values are integers, and each is sent once. The order of the values in a read does not matter.",
      ],
      hints: [
        "State that must outlive the handler belongs outside it, in the enclosing function.",
        "const known = new Set<Json>(), with `Json` imported as a type.",
        "`broadcast` adds to the set and returns {}; `read` returns { messages: [...known] }.",
      ],
    },
    {
      id: "3b",
      task: [
        "Five nodes on a reliable network. A value sent to any node must soon appear in reads at all nodes.",
        "Continue in the same file. Nodes send each other messages of types that you choose.",
      ],
      hints: [
        "`node.peers` lists all other nodes, `node.send(peer, { type: …, … })` sends to one, and `node.on` handles what arrives.",
        "If every node forwards each value to all nodes, values circulate forever. How can a node tell that it has " +
        "nothing to forward?",
        "Forward a value only on its first arrival. If every node is a neighbor of every other node, only the node " +
        "that received the client's request has to send it.",
      ],
    },
    {
      id: "3c",
      task: [
        "Five nodes on a network that repeatedly splits in two for several seconds. Messages across the partition are " +
        "lost silently. After the partition heals, every value must reach every node.",
        "Clients continue on both sides, and nodes must answer them immediately.",
      ],
      hints: [
        "A message that was sent may not have arrived. How can the sender find out?",
        "Let the receiver acknowledge (`node.rpc` waits for a reply and rejects after a timeout), or periodically compare " +
        "the values that both nodes know (`node.every(500, …)`).",
        "Keep the values that each peer has not acknowledged, and send them in one message every half second. Duplicates " +
        "are harmless in a set.",
      ],
    },
    {
      id: "3d",
      task: [
        "25 nodes, and each message takes 100 ms. Every node must know a value within 600 ms, and within 400 ms in the " +
        "median. Nodes must send fewer than 30 messages to each other per operation.",
        "Half of the operations are reads, which cost no messages. So 30 messages per operation are 60 per value, and at least " +
        "24 nodes must learn it. Both bounds apply to the run without faults. Under partitions, values must still arrive. Acks " +
        "count as messages.",
      ],
      hints: [
        "How often does a value travel to a node that already has it? The suggested neighbors form a grid, " +
        "where a value takes up to eight hops of 100 ms and reaches most nodes from several sides.",
        "In a tree, each node receives a value once. In a flat tree with one hub, any two nodes are at most two hops apart.",
        "A message may carry many values. Batch new values for some tens of ms. The number " +
        "of messages then does not depend on the number of values. The hub gathers values from all nodes and sends them to all.",
      ],
    },
    {
      id: "3e",
      task: [
        "The same 25 nodes, now with fewer than 20 messages per operation and more time: 2 s at most, 1 s in the median.",
        "This exercise trades latency for messages. See how low you can get: our own node needs less than half a message.",
      ],
      hints: [
        "How long may a value wait before it must leave? Each hop takes 100 ms.",
        "Batch longer: with rounds through one hub, each round costs two messages per node, regardless of the number of values.",
        "An ack can be part of the next round's message instead of a separate one. One number per origin (the number " +
        "of its known values) acknowledges all of them: a version vector.",
      ],
    },
  ],
  solution: ["nodes/broadcast.ts", "lib/gossip/strategies/hub.ts", "lib/log/origin_logs.ts"],
};
