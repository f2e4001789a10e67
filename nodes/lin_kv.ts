/**
 * Workload lin-kv: a linearizable key-value store with compare-and-set. Any node takes any request.
 *
 * Guarantee: linearizable under partitions, lost, duplicated and reordered messages, and pauses, as long as clocks keep the bounds of
 * leases (`--clock-drift`, `--clock-jump-ms`; `--no-lease` needs no bounds). Available while a majority of nodes can communicate. Requests
 * that arrive during an election wait for it to finish. Errors 20 and 22 are definite; an operation that may have taken effect, or may
 * still, gets error 0. With `--data DIR`, killing any or all nodes loses no acknowledged operation. Without it, that holds while a
 * majority keeps its state (`lib/consensus/raft/diskless_rejoin.ts`). Nodes leave the membership and join it on request, one at a
 * time; a majority is then one of the members, and nodes outside serve their clients through these.
 *
 * Idea: a state machine that Raft replicates (`lib/consensus/`). With `--consensus epaxos` there is no leader: every node orders its own
 * clients' commands, and needs no bounds of clocks. An operation takes one round trip from any node, and about two if many use its key
 * at the same time. Reads are ordered, too, so that `--consistency` has no effect. Nodes that may be killed
 * need `--data`: a node that has lost its memory does not take part again. At the first start, three nodes must all be up, and four of five.
 *
 * Cost in messages between n nodes, per batch: a batch is everything that arrives in one turn, or within `--batch-interval-ms` on a busy
 * node. A read, or a cas that fails, costs nothing at the leader, which holds a lease, and two messages at another node. A write costs two
 * messages more for each other node of a bare majority; the rest learns by the next heartbeat. Heartbeats cost at most 2n - 2 messages
 * each. `--consistency sequential` serves reads from the node's own copy, once that has reached the state which the node returned before.
 * A client that stays at a node sees its own writes, and all clients see changes in one order, but possibly late: by a heartbeat, or for
 * as long as the node is partitioned.
 * Source: Ongaro, "Consensus: Bridging Theory and Practice" (Stanford, 2014).
 */

import { choice, CODE, invariant, type Json, type Node, RpcError, serve, type Values } from "../lib/mod.ts";
import { canonicalJson } from "../lib/protocol/canonical_json.ts";
import { cas, read, write } from "../lib/protocol/kv.ts";
import { show } from "../lib/protocol/schema.ts";
import { replicateByEpaxos } from "../lib/consensus/epaxos/driver.ts";
import { leaderlessSettings } from "../lib/consensus/leaderless/driver.ts";
import { raftSettings, replicate, type Replicated } from "../lib/consensus/raft/driver.ts";
import { LocalReader, VersionedMachine } from "../lib/consensus/local_reads.ts";
import type { CommandKind, StateMachine } from "../lib/consensus/mod.ts";

/** The settings of the node. */
export const settings = {
  consensus: choice("raft", {
    options: ["raft", "epaxos"],
    description: "The engine that orders commands: through a leader, or at every node.",
  }),
  ...raftSettings,
  ...leaderlessSettings,
  consistency: choice("linearizable", {
    options: ["linearizable", "sequential"],
    description:
      "Consistency of reads: the latest value; or, without waiting, one that is never older than what this node returned before.",
  }),
} as const;

/** Stores values by key. */
export function linKv(node: Node, values: Values<typeof settings>): void {
  const machine = new VersionedMachine(new KvStore());
  const store = new LocalReader(replicated(node, { values, machine }), {
    machine,
    // Under EPaxos, nodes execute commands of different keys in different orders, so that their copies are not states of one order.
    policy: values.consistency === "sequential" && values.consensus === "raft" ? "session" : "never",
  });
  const execute = (command: KvCommand): Json | Promise<Json> => {
    const result = store.execute(command);
    return result instanceof Promise
      ? result.then((later) => valueOf(command, later))
      : valueOf(command, result);
  };
  node.on(read, ({ key }) => {
    const value = execute(["read", key]);
    return value instanceof Promise ? value.then((later) => ({ value: later })) : { value };
  });
  node.on(write, async ({ key, value }) => {
    await execute(["write", key, value]);
    return {};
  });
  node.on(cas, async ({ key, from, to, create_if_not_exists: create = false }) => {
    await execute(["cas", key, from, to, create]);
    return {};
  });
}

function replicated(
  node: Node,
  { values, machine }: { readonly values: Values<typeof settings>; readonly machine: StateMachine },
): Replicated {
  if (values.consensus === "raft") return replicate(node, { ...values, machine });
  return replicateByEpaxos(node, {
    ...values,
    machine,
    keysOf: (command) => {
      const [f, key] = commandOf(command);
      return [{ key: canonicalJson(key), writes: f !== "read" }];
    },
  });
}

type KvCommand =
  | readonly ["read", key: Json]
  | readonly ["write", key: Json, value: Json]
  | readonly ["cas", key: Json, from: Json, to: Json, create: boolean];

/** The result of a command: done, with the value if it was a read; the key is absent; the value differs from the expected one. */
type KvResult = readonly ["done", value: Json] | readonly ["absent"] | readonly ["differs", value: Json];

/** Returns the value of a result. Throws `RpcError` 20 or 22 if the command changed nothing. */
function valueOf([, key, from]: KvCommand, result: Json): Json {
  invariant(isResult(result), () => `not a result: ${show(result)}`);
  switch (result[0]) {
    case "done":
      return result[1];
    case "absent":
      throw new RpcError(CODE.keyDoesNotExist, `key ${show(key)} does not exist`);
    case "differs":
      throw new RpcError(
        CODE.preconditionFailed,
        `${show(key)} is ${show(result[1])}, not ${show(from)}`,
      );
  }
}

/** Values by key. Keys and values are equal if their canonical JSON is. */
class KvStore implements StateMachine {
  readonly #entries = new Map<string, readonly [key: Json, value: Json]>(); // by the key's canonical JSON

  kind(command: Json): CommandKind {
    const [f] = commandOf(command);
    return f === "cas" ? "conditional" : f;
  }

  apply(command: Json): Json {
    const unchanged = this.query(command);
    if (unchanged !== undefined) return unchanged; // plant: unchecked-cas
    const known = commandOf(command);
    invariant(known[0] !== "read", "a read changes nothing");
    const [, key] = known;
    this.#entries.set(canonicalJson(key), [key, known[0] === "cas" ? known[3] : known[2]]);
    return ["done", null] satisfies KvResult;
  }

  query(command: Json): Json | undefined {
    const known = commandOf(command);
    if (known[0] === "write") return undefined;
    const entry = this.#entries.get(canonicalJson(known[1]));
    if (known[0] === "read") {
      return (entry === undefined ? ["absent"] : ["done", entry[1]]) satisfies KvResult;
    }
    const [, , from, , create] = known;
    if (entry === undefined) return create ? undefined : ["absent"] satisfies KvResult;
    return canonicalJson(entry[1]) === canonicalJson(from)
      ? undefined
      : ["differs", entry[1]] satisfies KvResult;
  }

  snapshot(): Json {
    return [...this.#entries.values()];
  }

  restore(snapshot: Json): void {
    invariant(isArray(snapshot), "a snapshot is a list of entries");
    this.#entries.clear();
    for (const entry of snapshot) {
      invariant(isArray(entry) && entry[0] !== undefined && entry[1] !== undefined, "an entry has two parts");
      this.#entries.set(canonicalJson(entry[0]), [entry[0], entry[1]]);
    }
  }
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

const PARTS: Readonly<Record<string, number>> = { read: 2, write: 3, cas: 5 };

function commandOf(value: Json): KvCommand {
  invariant(isCommand(value), () => `not a command: ${show(value)}`);
  return value;
}

function isCommand(value: Json): value is KvCommand {
  return isArray(value) && typeof value[0] === "string" && PARTS[value[0]] === value.length;
}

function isResult(value: Json): value is KvResult {
  return isArray(value) && (value[0] === "absent" || value[0] === "done" || value[0] === "differs");
}

if (import.meta.main) {
  await serve(linKv, {
    description: "A linearizable key-value store with compare-and-set. Any node takes any request.",
    settings,
    storage: true,
  });
}
