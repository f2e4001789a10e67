/**
 * Workload txn-list-append: transactions that read lists and append to them. Any node takes any transaction.
 *
 * Guarantee: strict-serializable, whatever is cut off, lost, doubled, overtaken or paused, as long as clocks keep to the
 * bounds that leases allow for (`--clock-drift`, `--clock-jump-ms`; `--no-lease` needs no bound). Served while a majority
 * can talk to one another; a transaction that comes during an election waits for its end, and one that may have happened,
 * or may yet, is answered by 0. None ever conflicts with another. With `--data DIR` a kill of any or all nodes loses nothing
 * acknowledged; without, it is so as long as a majority keeps its memory (`lib/consensus/raft/diskless_rejoin.ts`).
 *
 * Idea: a whole transaction is one entry of Raft's log (`lib/consensus/raft/`), so that they happen one after another by
 * construction. Messages between n servers for a batch, which is what arrives in one turn or, where a node is busy,
 * within `--batch-interval-ms`: one to the leader and one back, and one there and back to each of a bare majority; for
 * transactions that only read, the first pair alone, or none at the leader (it holds a lease). Beside that 2n - 2 a
 * heartbeat at most. `--consistency` lets transactions that only read see an older state, at once, from the node's own
 * copy: with `strong-session-serializable` never older than what the node showed before, so that whoever stays at a node
 * sees its own writes; with `serializable` any that was.
 * Source: Ongaro, "Consensus: Bridging Theory and Practice" (Stanford, 2014).
 */

import { choice, invariant, type Json, type Node, serve, type Values } from "../lib/mod.ts";
import { listAppend } from "../lib/protocol/txn.ts";
import { raftSettings, replicate } from "../lib/consensus/raft/driver.ts";
import { LocalReader, VersionedMachine } from "../lib/consensus/local_reads.ts";
import type { CommandKind, StateMachine } from "../lib/consensus/mod.ts";

/** What may be set. */
export const settings = {
  ...raftSettings,
  consistency: choice("strict-serializable", {
    of: ["strict-serializable", "strong-session-serializable", "serializable"],
    about:
      "What a transaction that only reads may see: the latest state; or at once one that was, never older than what this " +
      "node showed before; or any that was.",
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
  const lists = new LocalReader(replicate(node, { ...values, machine }), {
    machine,
    policy: LOCAL_READS[values.consistency],
  });
  node.on(listAppend, ({ txn }) => {
    const done = lists.execute(txn);
    return done instanceof Promise ? done.then((later) => ({ txn: txnOf(later) })) : { txn: txnOf(done) };
  });
}

type MicroOperation = readonly ["r" | "append", key: string | number | boolean, value: Json];

/** Lists by key. A command is a transaction, and its result the same with the reads filled in. */
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

  /** A copy, since the list goes on growing. */
  #read(key: MicroOperation[1]): Json {
    const list = this.#lists.get(key);
    return list === undefined ? null : [...list]; // plant: shared-list
  }
}

function txnOf(value: Json): readonly MicroOperation[] {
  invariant(isTxn(value), `no transaction: ${JSON.stringify(value)}`);
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
    about: "Runs transactions over lists, one after another, on all nodes in the same order.",
    settings,
    storage: true,
  });
}
