/**
 * Workload txn-list-append: transactions that read lists and append to them. Any node takes any transaction.
 *
 * Guarantee: strict-serializable under partitions, lost, duplicated and reordered messages, and pauses, as long as clocks keep the bounds
 * of leases (`--clock-drift`, `--clock-jump-ms`; `--no-lease` needs no bounds). Available while a majority of nodes can communicate.
 * Transactions that arrive during an election wait for it to finish; one that may have taken effect, or may still, gets error 0.
 * Transactions never conflict. With `--data DIR`, killing any or all nodes loses no acknowledged transaction. Without it, that holds while
 * a majority keeps its state (`lib/consensus/raft/diskless_rejoin.ts`). Nodes leave the membership and join it on request, one at a
 * time; a majority is then one of the members, and nodes outside serve their clients through these.
 *
 * Idea: a whole transaction is one entry of Raft's log (`lib/consensus/`), so transactions execute one after another. With `--consensus
 * accord` no node leads. Each node gives its clients' transactions a timestamp, and only transactions with a common key wait for each other.
 * Safety needs no bounds of clocks. Nodes that may be killed need `--data`: a node that has lost its memory does not take part again. At the
 * first start, three nodes must all be up, and four of five.
 *
 * Cost in messages between n nodes, per batch: a batch is everything that arrives in one turn, or within `--batch-interval-ms` on a busy
 * node. Two messages between the node and the leader, and two for each other node of a bare majority. Transactions that only read need
 * the first two only, or none at the leader, which holds a lease. Heartbeats cost at most 2n - 2 messages each. `--consistency` lets
 * transactions that only read see an older state in the node's own copy, without waiting: with `strong-session-serializable` never
 * older than the state which the node returned before, so that a client that stays at a node sees its own writes; with `serializable`
 * any past state.
 * Source: Ongaro, "Consensus: Bridging Theory and Practice" (Stanford, 2014).
 */

import { choice, invariant, type Json, type Node, serve, type Values } from "../lib/mod.ts";
import { show } from "../lib/protocol/schema.ts";
import { listAppend } from "../lib/protocol/txn.ts";
import { replicateByAccord } from "../lib/consensus/accord/driver.ts";
import { leaderlessSettings } from "../lib/consensus/leaderless/driver.ts";
import { raftSettings, replicate, type Replicated } from "../lib/consensus/raft/driver.ts";
import { LocalReader, VersionedMachine } from "../lib/consensus/local_reads.ts";
import type { CommandKind, StateMachine } from "../lib/consensus/mod.ts";

/** The settings of the node. */
export const settings = {
  consensus: choice("raft", {
    options: ["raft", "accord"],
    description: "The engine that orders transactions: through a leader, or at every node.",
  }),
  ...raftSettings,
  ...leaderlessSettings,
  consistency: choice("strict-serializable", {
    options: ["strict-serializable", "strong-session-serializable", "serializable"],
    description:
      "Consistency of transactions that only read: the latest state; or, without waiting, one that is never older than what " +
      "this node returned before; or any past state.",
  }),
} as const;

const LOCAL_READS = {
  "strict-serializable": "never",
  "strong-session-serializable": "session",
  "serializable": "always",
} as const;

/** Runs transactions over lists. */
export function txnListAppend(node: Node, values: Values<typeof settings>): void {
  const machine = new VersionedMachine(new Lists());
  const lists = new LocalReader(replicated(node, { values, machine }), {
    machine,
    // Under Accord, nodes execute transactions without a common key in different orders, so that their copies are not states of one order.
    policy: values.consensus === "raft" ? LOCAL_READS[values.consistency] : "never",
  });
  node.on(listAppend, ({ txn }) => {
    const result = lists.execute(txn);
    return result instanceof Promise
      ? result.then((later) => ({ txn: txnOf(later) }))
      : { txn: txnOf(result) };
  });
}

function replicated(
  node: Node,
  { values, machine }: { readonly values: Values<typeof settings>; readonly machine: StateMachine },
): Replicated {
  if (values.consensus === "raft") return replicate(node, { ...values, machine });
  return replicateByAccord(node, {
    ...values,
    machine,
    keysOf: (transaction) =>
      txnOf(transaction).map(([f, key]) => ({ key: JSON.stringify(key), writes: f !== "r" })),
  });
}

type MicroOperation = readonly ["r" | "append", key: string | number | boolean, value: Json];

/** Lists by key. A command is a transaction, and its result is the transaction with the values of its reads. */
class Lists implements StateMachine {
  readonly #lists = new Map<MicroOperation[1], Json[]>();

  kind(command: Json): CommandKind {
    return txnOf(command).every(([f]) => f === "r") ? "read" : "write";
  }

  apply(command: Json): Json {
    return txnOf(command).map(([f, key, value]) => {
      if (f === "r") return [f, key, this.#read(key)];
      const list = this.#lists.get(key);
      if (list === undefined) this.#lists.set(key, [value]);
      else list.push(value);
      return [f, key, value];
    });
  }

  query(command: Json): Json | undefined {
    return this.kind(command) === "read"
      ? txnOf(command).map(([f, key]) => [f, key, this.#read(key)])
      : undefined;
  }

  snapshot(): Json {
    return [...this.#lists].map(([key, list]) => [key, [...list]]);
  }

  restore(snapshot: Json): void {
    invariant(isArray(snapshot), "a snapshot is a list of keys and lists");
    this.#lists.clear();
    for (const entry of snapshot) {
      invariant(isArray(entry), "a key and its list");
      const [key, list] = entry;
      invariant(isKey(key) && isArray(list), "a key and its list");
      this.#lists.set(key, [...list]);
    }
  }

  /** Returns a copy, because the list can grow later. */
  #read(key: MicroOperation[1]): Json {
    const list = this.#lists.get(key);
    return list === undefined ? null : [...list]; // plant: shared-list
  }
}

function txnOf(value: Json): readonly MicroOperation[] {
  invariant(isTxn(value), () => `not a transaction: ${show(value)}`);
  return value;
}

function isTxn(value: Json): value is readonly MicroOperation[] {
  return isArray(value) && value.every((each) => isArray(each) && each.length === 3 && isKey(each[1]));
}

function isKey(value: Json | undefined): value is MicroOperation[1] {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

if (import.meta.main) {
  await serve(txnListAppend, {
    description:
      "Transactions over lists, executed in the same order on every node. Any node takes any transaction.",
    settings,
    storage: true,
  });
}
