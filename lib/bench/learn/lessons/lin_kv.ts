/** Lesson 8: Raft, step by step. Tested by `tests/bench/learn/solutions_test.ts`. */

import { cas, read, write } from "../../../protocol/kv.ts";
import { challenge } from "../../grade/challenges.ts";
import type { Lesson } from "../lesson.ts";

const LIN_KV = { workload: "lin-kv", concurrency: "2n", rate: 30, timeLimit: 15 } as const;
const FIVE = { ...LIN_KV, nodeCount: 5 } as const;

/** Exercises 8a to 8d, which Fly.io's challenges do not have. */
export const linKvLesson: Lesson = {
  workload: "lin-kv",
  file: "lin_kv.ts",
  messages: [read, write, cas],
  template: `/** Lesson 8: a linearizable key-value store, replicated by Raft. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { kv as messages } from "@charybdis/charybdis/protocol";

/** Stores values by key. */
export function linKv(node: Node): void {
  // The state of Raft. node.watch shows it in the report, at every moment of a run in virtual time.
  const role = "follower" as "follower" | "candidate" | "leader";
  const term = 0;
  node.watch("role", () => role);
  node.watch("term", () => term);

  node.on(messages.read, () => {
    throw new RpcError(CODE.notSupported, "this is not implemented yet");
  });
  node.on(messages.write, () => {
    throw new RpcError(CODE.notSupported, "this is not implemented yet");
  });
  node.on(messages.cas, () => {
    throw new RpcError(CODE.notSupported, "this is not implemented yet");
  });
  // Between nodes: node.rpc(peer, { type: "vote", term, … }), and node.on("vote", (body, from) => ({ granted: true, … })).
  // Timeouts: node.after and node.every; random numbers: node.random.
}

// With \`storage: true\`, node.storage keeps what a killed node must remember.
if (import.meta.main) await serve(linKv, { storage: true });
`,
  exercises: [
    {
      id: "8a",
      challenge: challenge("8a", "Raft: election", [{ ...LIN_KV, nodeCount: 3 }]),
      task: [
        "Three nodes elect a leader. The leader keeps the values by itself for now, and the others forward requests to it.",
        "Time is divided into terms. A node that hears no leader for a random time starts a new term, votes for itself, and asks the others " +
        "for their votes. Each node votes once per term. The votes of a majority make a leader, which then sends heartbeats.",
        "Read the report of a run: each term must have at most one leader. The next exercise fails if it does not hold.",
      ],
      hints: [
        "Every message carries the sender's term. A node that sees a later term adopts it and becomes a follower.",
        "Draw another timeout for each election, for example 400 + 400 * node.random.next() ms. Otherwise, votes split again and again.",
        'A request at a follower: await node.rpc(leader, { type: "forward", command }). Without a leader, throw the definite error ' +
        "CODE.temporarilyUnavailable.",
      ],
    },
    {
      id: "8b",
      challenge: challenge("8b", "Raft: log", [{ ...FIVE, nemesis: ["pause"] }]),
      task: [
        "Five nodes, some of which pause for several seconds, the leader too. A paused node continues later as if nothing had happened.",
        "The leader appends each command to its log, and sends the entries to the others. It applies a command and replies once a majority " +
        "has the entry. Then any new leader has it, too, if voters refuse candidates whose log is less complete than their own.",
        "Treat reads like writes, as entries of the log: a leader that was paused does not know that there is a new one.",
      ],
      hints: [
        "An append carries the index and the term of the entry before its own. A follower refuses it if its log differs there. The leader " +
        "then tries again from an earlier entry.",
        "A log is more complete if its last entry has a later term, or the same term and a higher index.",
        "If the leader steps down while clients wait, their commands may still be committed. Reply with the indefinite CODE.timeout.",
      ],
    },
    {
      id: "8c",
      challenge: challenge("8c", "Raft: commit", [
        { ...FIVE, nemesis: ["partition"] },
        { ...FIVE, nemesis: ["partition"], nemesisInterval: 4, latency: 20, latencyDist: "exponential" },
      ]),
      task: [
        "Now the network splits, and both sides may have a node that believes it is the leader. Messages also overtake each other.",
        "A leader may commit an entry only after a majority has an entry of its own term. Entries of earlier terms are committed along " +
        "with it. Section 3.6.2 and figure 3.7 of Ongaro's dissertation show the values that are lost otherwise.",
      ],
      hints: [
        "Append an empty entry at the beginning of each term, so that earlier entries are committed without waiting for a client.",
        "A follower deletes its entries only where a received entry has another term. An old append that arrives late must not shorten the log.",
        "Ignore replies of earlier terms. They describe a log that has changed since.",
      ],
    },
    {
      id: "8d",
      challenge: challenge("8d", "Raft: restart", [
        { ...FIVE, nemesis: ["kill"] },
        { ...FIVE, nemesis: ["partition", "kill"] },
      ]),
      task: [
        "Nodes are killed at any moment, and start again with what their disk holds. All of them may be down at the same time.",
        "A node must not vote twice in a term, and must not lose an entry that it has acknowledged. So the term, the vote and the log " +
        "belong on the disk. `node.storage` makes everything durable that a turn has stored before the turn's messages leave.",
      ],
      hints: [
        'node.storage.put("vote", JSON.stringify([term, votedFor])) at each change. node.storage.append("log", JSON.stringify(entry)).',
        'At the start: for (const { value } of node.storage.read("log")) …. The indexes of the storage\'s log begin at 0.',
        "The values and the commit index need no disk: applying the log again restores them.",
      ],
    },
  ],
  solution: ["lib/bench/learn/solutions/raft.ts", "nodes/lin_kv.ts", "lib/consensus/raft/raft.ts"],
};
