/** Lesson 3: spreading what one node knows, then with fewer and fewer messages. */

import { broadcast, read, topology } from "../../../protocol/broadcast.ts";
import type { Lesson } from "../lesson.ts";

/** Challenges 3a to 3e. */
export const broadcastLesson: Lesson = {
  workload: "broadcast",
  file: "broadcast.ts",
  messages: [topology, broadcast, read],
  template: `/** Challenge 3: a value that one node is handed becomes known to every node. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { broadcast as messages } from "@charybdis/charybdis/protocol";

/** Makes each value that it is handed known to every node. */
export function broadcast(node: Node): void {
  node.on(messages.broadcast, () => {
    throw new RpcError(CODE.notSupported, "this is not written yet");
  });
  node.on(messages.read, () => ({ messages: [] }));
  // Who is suggested as whose neighbour; you may follow it, or not.
  node.on(messages.topology, () => ({}));
  // To tell other nodes: node.send("n1", { type: "gossip", … }), answered by nobody; or await node.rpc("n1", …). Of these
  // types you make up your own, and handle them: node.on("gossip", (body, from) => …).
}

if (import.meta.main) await serve(broadcast);
`,
  exercises: [
    {
      id: "3a",
      task: [
        "One node alone. Clients hand it values by `broadcast`, and ask by `read` for all that it knows.",
        "Values are whole numbers here, each handed in once. The order in which they are read does not matter.",
      ],
      hints: [
        "What must outlive the handler stands outside of it, in the function around it.",
        "const known = new Set<Json>(), with `Json` imported as a type.",
        "`broadcast` adds to the set and returns {}; `read` returns { messages: [...known] }.",
      ],
    },
    {
      id: "3b",
      task: [
        "Five nodes, and a network that loses nothing. A value handed to any of them must soon be read at all of them.",
        "Go on in the same file. Nodes send each other messages of types that you make up.",
      ],
      hints: [
        "`node.peers` are all other nodes, `node.send(peer, { type: …, … })` reaches one, and `node.on` takes what arrives.",
        "If every node passes on what it hears to everybody, values run in circles for ever. What tells a node that it has " +
        "nothing to pass on?",
        "Pass a value on only when you first learn of it. With everybody as everybody's neighbour it is enough that the node " +
        "which a client asked tells the others.",
      ],
    },
    {
      id: "3c",
      task: [
        "Five nodes, and a network that is cut in two for seconds at a time, again and again: messages across the cut are " +
        "lost without a word. Once it is whole again, every value must arrive everywhere.",
        "Clients go on on both sides, and are answered at once.",
      ],
      hints: [
        "A message that was sent is not a message that arrived. How would the sender find out?",
        "Let the receiver acknowledge (`node.rpc` waits for an answer and rejects when none came), or compare from time to " +
        "time what both know (`node.every(500, …)`).",
        "Remember for each peer what it has not acknowledged; every half a second send it all of that in one message. What " +
        "arrives twice does no harm in a set.",
      ],
    },
    {
      id: "3d",
      task: [
        "25 nodes, and each message takes 100 ms. A value must be known everywhere within 600 ms at most and 400 ms in the " +
        "median, with fewer than 30 messages between nodes for each operation.",
        "Half of the operations are reads, which cost nothing: 30 for each operation are 60 for each value, where 24 must at " +
        "least be told. Both bounds are for the run without faults; cut in two, values must still arrive. Acknowledgements " +
        "count as messages.",
      ],
      hints: [
        "How many times does a value travel to a node that has it already? The neighbours that are suggested form a grid, " +
        "where a value takes up to eight steps of 100 ms, and comes to most nodes from several sides.",
        "In a tree each node is told once. In a flat one, everybody is two steps away from everybody: one node in the middle.",
        "Nobody says that a message carries one value. Gather what is new for some tens of ms and send it together: the count " +
        "of messages then does not depend on the count of values. What the hub gathers from all, it sends to all.",
      ],
    },
    {
      id: "3e",
      task: [
        "The same 25 nodes; now with fewer than 20 messages for each operation, and more time: 2 s at most, 1 s in the median.",
        "This exercise trades latency for messages. See how far down you get: our own node needs less than half of a message.",
      ],
      hints: [
        "How long may a value wait before it must leave? There are 100 ms of travel in each step.",
        "Gather longer: with rounds through one hub each round costs two messages a node, whatever was new in it.",
        "An acknowledgement can ride on the next round's message in place of one of its own. One number per origin (how many " +
        "of its values are known) acknowledges all of them: a version vector.",
      ],
    },
  ],
  solution: ["nodes/broadcast.ts", "lib/gossip/strategies/hub.ts", "lib/log/origin_logs.ts"],
};
