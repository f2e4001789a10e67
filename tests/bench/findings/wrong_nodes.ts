/** Nodes with one bug each, and a run that shows it, for the goldens of their summaries. */

import { CODE, invariant, type Json, type Node, RpcError } from "../../../lib/mod.ts";

/** A node, and a run in which it is judged. */
export interface WrongNode {
  readonly name: string;
  readonly commandLine: string;
  readonly seed: number;
  readonly storage?: boolean;
  readonly program: (node: Node) => void;
}

/** Returns a field as JSON. It was received as JSON. */
function field(value: unknown): Json {
  return value === undefined ? null : value as Json;
}

function values(node: Node): Set<Json> {
  const known = new Set<Json>();
  node.on("read", () => ({ messages: [...known] }));
  node.on("topology", () => ({}));
  return known;
}

/** Tells each peer once. */
function broadcastOnce(node: Node): void {
  const known = values(node);
  node.on("gossip", ({ values }) => {
    if (Array.isArray(values)) { for (const value of values) known.add(value); }
    return {};
  });
  node.on("broadcast", ({ message }) => {
    known.add(field(message));
    for (const peer of node.peers) {
      node.send(peer, { type: "gossip", values: [field(message)], at: node.now() });
    }
    return {};
  });
}

/** Keeps its values and never sends them to other nodes. */
function neverSends(node: Node): void {
  const known = values(node);
  node.on("broadcast", ({ message }) => {
    known.add(field(message));
    return {};
  });
}

/** Reads and writes a sum in seq-kv without compare-and-set. */
function readThenWrite(node: Node): void {
  const read = async (): Promise<number> => {
    try {
      return Number((await node.rpc("seq-kv", { type: "read", key: "sum" }))["value"]);
    } catch {
      return 0; // there is no such key yet
    }
  };
  node.on("add", async ({ delta }) => {
    const before = await read();
    await node.rpc("seq-kv", { type: "write", key: "sum", value: before + Number(delta) });
    return {};
  });
  node.on("read", async () => ({ value: await read() }));
}

/** Counts its own additions, and sends its peers each sum once. */
function ownSums(node: Node): void {
  const sums = new Map<string, number>([[node.id, 0]]);
  node.on("add", ({ delta }) => {
    const sum = (sums.get(node.id) ?? 0) + Number(delta);
    sums.set(node.id, sum);
    for (const peer of node.peers) {
      if (peer !== "n0" || node.id !== "n2") node.send(peer, { type: "sum", from: node.id, sum });
    }
    return {};
  });
  node.on("sum", ({ from, sum }) => {
    sums.set(String(from), Number(sum));
    return {};
  });
  node.on("read", () => ({ value: [...sums.values()].reduce((a, b) => a + b, 0) }));
}

/** Each node counts offsets by itself. */
function ownOffsets(node: Node): void {
  const logs = new Map<string, Map<number, Json>>();
  const logOf = (key: string) => {
    const log = logs.get(key) ?? new Map<number, Json>();
    logs.set(key, log);
    return log;
  };
  node.on("send", ({ key, msg }) => {
    const log = logOf(String(key));
    const offset = Math.max(-1, ...log.keys()) + 1;
    log.set(offset, field(msg));
    for (const peer of node.peers) {
      node.send(peer, { type: "replicate", key: field(key), offset, msg: field(msg) });
    }
    return { offset };
  });
  node.on("replicate", ({ key, offset, msg }) => {
    logOf(String(key)).set(Number(offset), field(msg));
    return {};
  });
  node.on("poll", ({ offsets }) => {
    const msgs: Record<string, Json> = {};
    for (const [key, from] of Object.entries(offsets ?? {})) {
      msgs[key] = [...logOf(key)].filter(([offset]) => offset >= Number(from)).sort(([a], [b]) => a - b);
    }
    return { msgs };
  });
  node.on("commit_offsets", () => ({}));
  node.on("list_committed_offsets", () => ({ offsets: {} }));
}

type Operation = readonly [f: string, key: Json, value: Json];

function operationsIn(txn: unknown): Operation[] {
  if (!Array.isArray(txn)) return [];
  return txn.map(([f, key, value]: readonly unknown[]) => [String(f), field(key), field(value)] as const);
}

/** Runs transactions on its own copy, and sends the writes to its peers. */
function ownCopy(node: Node): void {
  const copy = new Map<string, Json>();
  node.on("txn", ({ txn }) => {
    const writes: [string, Json][] = [];
    const done = operationsIn(txn).map(([f, key, value]): Json => {
      const name = JSON.stringify(key);
      if (f === "r") return [f, key, copy.get(name) ?? null];
      const next = f === "append" ? [...copy.get(name) as Json[] ?? [], value] : value;
      copy.set(name, next);
      writes.push([name, next]);
      return [f, key, value];
    });
    if (writes.length > 0) { for (const peer of node.peers) node.send(peer, { type: "writes", writes }); }
    return { txn: done };
  });
  node.on("writes", ({ writes }) => {
    if (Array.isArray(writes)) {
      for (const [name, value] of writes as [string, Json][]) copy.set(name, value);
    }
    return {};
  });
}

/** A register on each node, whose writes follow later. */
function ownRegister(node: Node): void {
  const copy = new Map<string, Json>();
  const set = (key: Json, value: Json) => {
    copy.set(JSON.stringify(key), value);
    for (const peer of node.peers) node.send(peer, { type: "written", key, value });
    return {};
  };
  node.on("written", ({ key, value }) => {
    copy.set(JSON.stringify(key), field(value));
    return {};
  });
  node.on("read", ({ key }) => ({ value: copy.get(JSON.stringify(key)) ?? null }));
  node.on("write", ({ key, value }) => set(field(key), field(value)));
  node.on("cas", ({ key, from, to }) => {
    const held = copy.get(JSON.stringify(key)) ?? null;
    if (held !== from) throw new RpcError(CODE.preconditionFailed, `it is ${held}`);
    return set(field(key), field(to));
  });
}

/** Keeps elements in memory alone. */
function forgets(node: Node): void {
  const known = new Set<Json>();
  node.on("add", ({ element }) => {
    known.add(field(element));
    for (const peer of node.peers) node.send(peer, { type: "element", element: field(element) });
    return {};
  });
  node.on("element", ({ element }) => {
    known.add(field(element));
    return {};
  });
  node.on("read", () => ({ value: [...known] }));
}

const ECHO = "-w echo --node-count 1 --time-limit 3";

/** All of them; the first is right. */
export const WRONG_NODES: readonly WrongNode[] = [
  {
    name: "valid",
    commandLine: ECHO,
    seed: 1,
    program: (node) => node.on("echo", ({ echo }) => ({ echo: field(echo) })),
  },
  {
    name: "malformed_reply",
    commandLine: ECHO,
    seed: 1,
    program: (node) => node.on("echo", ({ echo }) => ({ ehco: field(echo) })),
  },
  {
    name: "wrong_echo",
    commandLine: ECHO,
    seed: 1,
    program: (node) => node.on("echo", ({ echo }) => ({ echo: String(echo).slice(0, 8) })),
  },
  { name: "no_handler", commandLine: ECHO, seed: 1, program: () => {} },
  {
    name: "no_answer",
    commandLine: ECHO,
    seed: 1,
    program: (node) => node.on("echo", () => new Promise<void>(() => {})),
  },
  {
    name: "text_as_in_reply_to",
    commandLine: ECHO,
    seed: 1,
    program: (node) =>
      node.on("echo", ({ msg_id }, src) => {
        // The type of bodies excludes such a reply.
        node.send(src, JSON.parse(`{"type":"echo_ok","in_reply_to":"${msg_id}"}`));
        return new Promise<void>(() => {});
      }),
  },
  {
    name: "crash",
    commandLine: ECHO,
    seed: 1,
    program: (node) => {
      let count = 0;
      node.on("echo", ({ echo }) => {
        invariant(count++ < 3, "there are never more than three echoes");
        return { echo: field(echo) };
      });
    },
  },
  {
    name: "exception",
    commandLine: ECHO,
    seed: 1,
    program: (node) =>
      node.on("echo", () => {
        throw new TypeError("echo of nothing");
      }),
  },
  {
    name: "duplicate_ids",
    commandLine: "-w unique-ids --node-count 3 --time-limit 3 --rate 10",
    seed: 1,
    program: (node) => {
      let count = 0;
      node.on("generate", () => ({ id: count++ }));
    },
  },
  {
    name: "ids_after_a_kill",
    commandLine: "-w unique-ids --node-count 2 --time-limit 20 --rate 10 --faults kill --nemesis-interval 2",
    seed: 1,
    program: (node) => {
      let count = 0;
      node.on("generate", () => ({ id: `${node.id}-${count++}` }));
    },
  },
  {
    name: "lost_in_a_partition",
    commandLine: "-w broadcast --node-count 5 --time-limit 10 --faults partition --nemesis-interval 2",
    seed: 1,
    program: broadcastOnce,
  },
  {
    name: "never_told",
    commandLine: "-w broadcast --node-count 3 --time-limit 3",
    seed: 1,
    program: neverSends,
  },
  {
    name: "lost_by_a_kill",
    commandLine: "-w g-set --node-count 3 --time-limit 6 --rate 10 --faults kill --nemesis-interval 1",
    seed: 1,
    program: forgets,
  },
  {
    name: "sum_overwritten",
    commandLine: "-w g-counter --node-count 3 --time-limit 5 --rate 20",
    seed: 1,
    program: readThenWrite,
  },
  {
    name: "sum_lacks_an_addend",
    commandLine: "-w g-counter --node-count 3 --time-limit 5 --rate 10",
    seed: 1,
    program: ownSums,
  },
  {
    name: "doubled_offsets",
    commandLine: "-w kafka --node-count 2 --concurrency 8n --rate 500 --time-limit 2 --latency 5",
    seed: 1,
    program: ownOffsets,
  },
  {
    name: "stale_transaction",
    commandLine: "-w txn-rw-register --node-count 2 --concurrency 4n --time-limit 2 --rate 100 --latency 10",
    seed: 1,
    program: ownCopy,
  },
  {
    name: "lists_that_grow_apart",
    commandLine: "-w txn-list-append --node-count 2 --concurrency 4n --time-limit 2 --rate 100 --latency 10",
    seed: 1,
    program: ownCopy,
  },
  {
    name: "stale_register",
    commandLine: "-w lin-kv --node-count 3 --concurrency 6n --time-limit 3 --rate 50 --latency 20",
    seed: 1,
    program: ownRegister,
  },
];
