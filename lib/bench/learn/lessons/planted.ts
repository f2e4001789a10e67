/** Lesson 9: nodes with one planted mistake to find and to fix. Tested by `tests/bench/learn/solutions_test.ts`. */

import { broadcast, read } from "../../../protocol/broadcast.ts";
import * as kafka from "../../../protocol/kafka.ts";
import * as kv from "../../../protocol/kv.ts";
import { generate } from "../../../protocol/unique_ids.ts";
import { challenge } from "../../grade/challenges.ts";
import type { Lesson } from "../lesson.ts";

const SEARCH =
  "The first test of this exercise passes as it is. Search for a failing seed, read the story in its report, and find the mistake. " +
  "Then fix the file with as small a change as you can.";

const ids: Lesson = {
  workload: "unique-ids",
  file: "broken_unique_ids.ts",
  messages: [generate],
  template: `/** Generates unique ids, with one mistake. */

import { type Node, serve } from "@charybdis/charybdis";
import { uniqueIds as messages } from "@charybdis/charybdis/protocol";

/** Numbers its ids. */
export function uniqueIds(node: Node): void {
  let count = 0;
  node.on(messages.generate, () => ({ id: \`\${node.id}-\${count++}\` }));
}

if (import.meta.main) await serve(uniqueIds);
`,
  fix: {
    changes: [
      ["  let count = 0;", "  const incarnation = node.random.id();\n  let count = 0;"],
      ["`${node.id}-${count++}`", "`${node.id}-${incarnation}-${count++}`"],
    ],
    reason:
      "A node that was killed starts to count from 0 again, and repeats its ids. A random name per start makes them differ.",
  },
  exercises: [{
    id: "9a",
    challenge: challenge("9a", "Broken: repeated ids", [
      { workload: "unique-ids", nodeCount: 3, rate: 100, timeLimit: 10, nemesis: ["partition"] },
      {
        workload: "unique-ids",
        nodeCount: 3,
        rate: 100,
        timeLimit: 20,
        nemesis: ["kill"],
        nemesisInterval: 4,
      },
    ]),
    task: ["This node numbers its ids, and repeats one of them.", SEARCH],
    hints: [
      "charybdis sweep -w unique-ids --module learn/broken_unique_ids.ts --faults all --seeds 1..50",
      "Which part of the node's state does a fault change?",
    ],
  }],
  solution: ["nodes/unique_ids.ts"],
};

const gossip: Lesson = {
  workload: "broadcast",
  file: "broken_broadcast.ts",
  messages: [broadcast, read],
  template: `/** Broadcasts values with acknowledgements, with one mistake. */

import { type Json, type Node, serve } from "@charybdis/charybdis";
import { broadcast as messages } from "@charybdis/charybdis/protocol";

/** Sends each peer the values that it has not acknowledged, every 200 ms. */
export function broadcast(node: Node): void {
  const known = new Set<Json>();
  const unacknowledged = new Map(node.peers.map((peer) => [peer, new Set<Json>()]));
  node.on(messages.broadcast, ({ message }) => {
    known.add(message);
    for (const values of unacknowledged.values()) values.add(message);
    return {};
  });
  node.on(messages.read, () => ({ messages: [...known] }));
  node.on(messages.topology, () => ({}));
  node.on("gossip", ({ values }) => {
    for (const value of values as Json[]) known.add(value);
    return {};
  });
  node.every(200, () => {
    for (const [peer, values] of unacknowledged) {
      if (values.size === 0) continue;
      node.rpc(peer, { type: "gossip", values: [...values] }).then(() => values.clear(), () => {});
    }
  });
}

if (import.meta.main) await serve(broadcast);
`,
  fix: {
    changes: [[
      `      node.rpc(peer, { type: "gossip", values: [...values] }).then(() => values.clear(), () => {});`,
      `      const sent = [...values];
      node.rpc(peer, { type: "gossip", values: sent }).then(() => {
        for (const value of sent) values.delete(value);
      }, () => {});`,
    ]],
    reason:
      "A value that arrives between the message and its ack is removed with the others, although the message did not contain it.",
  },
  exercises: [{
    id: "9b",
    challenge: challenge("9b", "Broken: lost values", [
      { workload: "broadcast", nodeCount: 3, rate: 2, timeLimit: 5 },
      {
        workload: "broadcast",
        nodeCount: 3,
        rate: 20,
        timeLimit: 10,
        latency: 50,
        latencyDist: "exponential",
      },
    ]),
    task: ["This node retransmits values until they are acknowledged, and still loses some.", SEARCH],
    hints: [
      "charybdis sweep -w broadcast --module learn/broken_broadcast.ts --node-count 3 --latency 50 --seeds 1..50",
      "Find the lost value in the space-time diagram. Which message should have carried it, and what happened between that message and its ack?",
    ],
  }],
  solution: ["nodes/broadcast.ts"],
};

const log: Lesson = {
  workload: "kafka",
  file: "broken_kafka.ts",
  messages: [kafka.send, kafka.poll, kafka.commitOffsets, kafka.listCommittedOffsets],
  template: `/** Replicated logs with one node that assigns the offsets, with one mistake. */

import { type Json, type Node, serve } from "@charybdis/charybdis";
import { kafka as messages } from "@charybdis/charybdis/protocol";

/** The first node assigns the offsets. Every node polls its own copy. */
export function kafka(node: Node): void {
  const first = node.ids[0] ?? node.id;
  const logs = new Map<string, Json[]>();
  const committed: Record<string, number> = {};
  const logOf = (key: string) => {
    const log = logs.get(key) ?? [];
    logs.set(key, log);
    return log;
  };
  node.on(messages.send, async ({ key, msg }) => {
    if (node.id !== first) {
      const { offset } = await node.rpc(first, { type: "send", key, msg });
      return { offset: Number(offset) };
    }
    const offset = logOf(key).push(msg) - 1;
    for (const peer of node.peers) node.send(peer, { type: "copy", key, offset, msg });
    return { offset };
  });
  node.on("copy", ({ key, msg }) => {
    logOf(String(key)).push(msg as Json);
  });
  node.on(messages.poll, ({ offsets }) => ({
    msgs: Object.fromEntries(
      Object.entries(offsets).flatMap(([key, from]) => {
        const log = logOf(key);
        const found = log.slice(from);
        return found.length === 0 ? [] : [[key, found.map((msg, i) => [from + i, msg] as const)]];
      }),
    ),
  }));
  node.on(messages.commitOffsets, async ({ offsets }) => {
    if (node.id !== first) await node.rpc(first, { type: "commit_offsets", offsets });
    for (const [key, offset] of Object.entries(offsets)) {
      committed[key] = Math.max(committed[key] ?? 0, offset);
    }
    return {};
  });
  node.on(messages.listCommittedOffsets, ({ keys }) => ({
    offsets: Object.fromEntries(keys.flatMap((key) => committed[key] === undefined ? [] : [[key, committed[key]]])),
  }));
}

if (import.meta.main) await serve(kafka);
`,
  fix: {
    changes: [
      [
        `  node.on("copy", ({ key, msg }) => {
    logOf(String(key)).push(msg as Json);
  });`,
        `  node.on("copy", ({ key, offset, msg }) => {
    logOf(String(key))[Number(offset)] = msg as Json;
  });`,
      ],
      [
        "        const log = logOf(key);\n",
        "        const log = logOf(key);\n        // A hole is a message that has not arrived yet.\n        const end = log.findIndex((msg) => msg === undefined);\n",
      ],
      ["const found = log.slice(from);", "const found = log.slice(from, end < 0 ? log.length : end);"],
    ],
    reason:
      "Two copies may overtake each other, and then have each other's offset on that node. The offset is part of the message, and a " +
      "poll must stop before a hole.",
  },
  exercises: [{
    id: "9c",
    challenge: challenge("9c", "Broken: swapped messages", [
      { workload: "kafka", nodeCount: 2, concurrency: "2n", rate: 20, timeLimit: 5 },
      {
        workload: "kafka",
        nodeCount: 2,
        concurrency: "2n",
        rate: 100,
        timeLimit: 10,
        latency: 20,
        latencyDist: "exponential",
      },
    ]),
    task: ["On these nodes, two clients find different messages at the same offset.", SEARCH],
    hints: [
      "charybdis sweep -w kafka --module learn/broken_kafka.ts --node-count 2 --latency 20 --seeds 1..50",
      "In which order do two messages arrive that one node sends to another, shortly after each other?",
    ],
  }],
  solution: ["nodes/kafka.ts"],
};

const store: Lesson = {
  workload: "lin-kv",
  file: "broken_lin_kv.ts",
  messages: [kv.read, kv.write, kv.cas],
  template: `/** A key-value store with a primary, with one mistake. */

import { CODE, type Json, type Node, RpcError, serve } from "@charybdis/charybdis";
import { kv as messages } from "@charybdis/charybdis/protocol";

/** The first node keeps the values. The others forward their requests to it. */
export function linKv(node: Node): void {
  const first = node.ids[0] ?? node.id;
  const values = new Map<string, Json>();
  const execute = (kind: string, key: Json, one: Json, two: Json): Json => {
    const id = JSON.stringify(key);
    const now = values.get(id);
    if (kind === "write") values.set(id, one);
    if (kind === "write") return null;
    if (now === undefined) throw new RpcError(CODE.keyDoesNotExist, "the key does not exist");
    if (kind === "read") return now;
    if (now !== one) throw new RpcError(CODE.preconditionFailed, "the value differs");
    values.set(id, two);
    return null;
  };
  const forward = async (kind: string, key: Json, one: Json = null, two: Json = null): Promise<Json> => {
    if (node.id === first) return execute(kind, key, one, two);
    for (;;) {
      try {
        const request = { type: "forward", kind, key, one, two };
        return (await node.rpc(first, request, { timeoutMs: 500 }))["result"] as Json;
      } catch (error) {
        if (!(error instanceof RpcError) || error.code !== CODE.timeout) throw error;
      }
    }
  };
  node.on("forward", ({ kind, key, one, two }) => ({
    result: execute(String(kind), key as Json, one as Json, two as Json),
  }));
  node.on(messages.read, async ({ key }) => ({ value: await forward("read", key) }));
  node.on(messages.write, async ({ key, value }) => {
    await forward("write", key, value);
    return {};
  });
  node.on(messages.cas, async ({ key, from, to }) => {
    await forward("cas", key, from, to);
    return {};
  });
}

if (import.meta.main) await serve(linKv);
`,
  fix: {
    changes: [[
      `    for (;;) {
      try {
        const request = { type: "forward", kind, key, one, two };
        return (await node.rpc(first, request, { timeoutMs: 500 }))["result"] as Json;
      } catch (error) {
        if (!(error instanceof RpcError) || error.code !== CODE.timeout) throw error;
      }
    }`,
      `    const request = { type: "forward", kind, key, one, two };
    return (await node.rpc(first, request, { timeoutMs: 500 }))["result"] as Json;`,
    ]],
    reason:
      "If only the reply is lost, the request has taken effect, and the second one takes effect again, after other clients' writes. The " +
      "outcome of a request without a reply is unknown, so the node must say so (code 0), or let the primary recognize the repetition.",
  },
  exercises: [{
    id: "9d",
    challenge: challenge("9d", "Broken: a value returns", [
      { workload: "lin-kv", nodeCount: 3, concurrency: "2n", rate: 20, timeLimit: 10 },
      {
        workload: "lin-kv",
        nodeCount: 3,
        concurrency: "4n",
        rate: 100,
        timeLimit: 8,
        nemesis: ["loss"],
        nemesisInterval: 1,
      },
    ]),
    task: ["In this store, a value that was overwritten sometimes returns.", SEARCH],
    hints: [
      "charybdis sweep -w lin-kv --module learn/broken_lin_kv.ts --node-count 3 --concurrency 4n --rate 100 --nemesis loss " +
      "--nemesis-interval 1 --seeds 1..50",
      "A reply can be lost alone, without its request. What does the node do then, and what happened in the meantime?",
    ],
  }],
  solution: ["nodes/lin_kv.ts"],
};

/** Exercises 9a to 9d, which Fly.io's challenges do not have. */
export const PLANTED_LESSONS: readonly Lesson[] = [ids, gossip, log, store];
