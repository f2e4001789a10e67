/** A client of each workload whose node keeps a store: writes, and what must be there once a write was acknowledged. */

import type { WorkloadName } from "../../../lib/checkers/workloads.ts";
import type { Body } from "../../../lib/protocol/message.ts";
import type { LogCluster } from "../log_cluster.ts";

/** The writes and reads of a workload's client. */
export interface StoredWorkload {
  readonly name: WorkloadName;
  readonly args?: readonly string[];
  /** The request that writes value `i`. */
  readonly write: (i: number) => Body;
  /** The requests that together read everything back. */
  readonly reads: Body[];
  /** The values that the replies show; `acknowledged` are those that must be there. */
  readonly shown: (replies: readonly Body[], acknowledged: readonly number[]) => ReadonlySet<unknown>;
}

const KEYS = ["0", "1", "2"];
const LIN_KV_KEYS = 10;

/** Counters show a sum alone: if it is at least that of what was acknowledged, nothing of that is missing. */
function shownByCounter([reply]: readonly Body[], acknowledged: readonly number[]): ReadonlySet<unknown> {
  const sum = acknowledged.reduce((sum, i) => sum + i + 1, 0);
  return new Set(Number(reply?.["value"]) >= sum ? acknowledged : []);
}

function shownByList(field: string): StoredWorkload["shown"] {
  return ([reply]) => new Set(listOf(reply?.[field]));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** All workloads whose nodes have a store. */
export const STORED_WORKLOADS: readonly StoredWorkload[] = [
  {
    name: "broadcast",
    write: (i) => ({ type: "broadcast", message: i }),
    reads: [{ type: "read" }],
    shown: shownByList("messages"),
  },
  {
    name: "g-set",
    write: (i) => ({ type: "add", element: i }),
    reads: [{ type: "read" }],
    shown: shownByList("value"),
  },
  ...(["g-counter", "pn-counter"] as const).map((name): StoredWorkload => ({
    name,
    args: ["--store", "nodes"],
    write: (i) => ({ type: "add", delta: i + 1 }),
    reads: [{ type: "read" }],
    shown: shownByCounter,
  })),
  {
    name: "kafka",
    write: (i) => ({ type: "send", key: KEYS[i % 3] ?? "", msg: i }),
    reads: KEYS.flatMap((key) =>
      Array.from({ length: 10 }, (_, page): Body => ({ type: "poll", offsets: { [key]: page * 10 } }))
    ),
    shown: (replies) =>
      new Set(
        replies.flatMap(({ msgs }) => Object.values(msgs ?? {})).flatMap(listOf).map((pair) =>
          listOf(pair)[1]
        ),
      ),
  },
  {
    name: "txn-rw-register",
    write: (i) => ({ type: "txn", txn: [["w", i, i]] }),
    reads: [{ type: "txn", txn: Array.from({ length: 300 }, (_, i) => ["r", i, null]) }],
    shown: ([reply]) => new Set(listOf(reply?.["txn"]).map((operation) => listOf(operation)[2])),
  },
  {
    name: "txn-list-append",
    args: ["--snapshot-entries", "7"],
    write: (i) => ({ type: "txn", txn: [["append", 0, i]] }),
    reads: [{ type: "txn", txn: [["r", 0, null]] }],
    shown: ([reply]) => new Set(listOf(listOf(listOf(reply?.["txn"])[0])[2])),
  },
  {
    name: "lin-kv",
    write: (i) => ({ type: "write", key: i % LIN_KV_KEYS, value: i }),
    reads: Array.from({ length: LIN_KV_KEYS }, (_, key): Body => ({ type: "read", key })),
    // A key shows its last write; what was written to it before is not missing.
    shown: (replies, acknowledged) =>
      new Set(acknowledged.filter((i) => Number(replies[i % LIN_KV_KEYS]?.["value"] ?? -1) >= i)),
  },
];

/** The client's timeout, in ms. A dead node sends no reply. */
const ANSWER_MS = 20;

/** Writes values 0, 1, …, at most `count`, one after another; returns those that were acknowledged. */
export async function writeValues(
  cluster: LogCluster,
  workload: StoredWorkload,
  count: number,
): Promise<number[]> {
  const acknowledged: number[] = [];
  for (let i = 0; i < count; i++) {
    const node = cluster.ids[i % cluster.ids.length] ?? "";
    const reply = await cluster.ask(node, workload.write(i), { withinMs: ANSWER_MS });
    if (reply === undefined && cluster.ids.length === 1) break; // it is dead
    if (reply !== undefined && reply.type !== "error") acknowledged.push(i);
  }
  return acknowledged;
}

/** Reads everything from a node; returns what was acknowledged and does not appear, or undefined if it does not answer. */
export async function missingFrom(
  cluster: LogCluster,
  workload: StoredWorkload,
  { node, acknowledged }: { readonly node: string; readonly acknowledged: readonly number[] },
): Promise<number[] | undefined> {
  const replies: Body[] = [];
  for (const read of workload.reads) {
    const reply = await cluster.ask(node, read, { withinMs: 3000 });
    if (reply === undefined) return undefined;
    replies.push(reply);
  }
  const shown = workload.shown(replies, acknowledged);
  return acknowledged.filter((i) => !shown.has(i));
}
