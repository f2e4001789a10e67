/**
 * Workload lin-kv: a linearizable key-value store with compare-and-set. Any node takes any request.
 *
 * Guarantee: linearizable, whatever is cut off, lost, doubled, overtaken or paused, as long as clocks keep to the bounds
 * that leases allow for (`--clock-drift`, `--clock-jump-ms`; `--no-lease` needs no bound). Served while a majority can talk
 * to one another; a request that comes during an election waits for its end. Errors 20 and 22 are definite; what may have
 * happened, or may yet, is answered by 0. With `--data DIR` a kill of any or all nodes loses nothing acknowledged; without,
 * it is so as long as a majority keeps its memory (`lib/consensus/raft/diskless_rejoin.ts`).
 *
 * Idea: Raft (`lib/consensus/raft/`), of which this is a state machine. Messages between n servers: a read, or a cas that cannot
 * succeed, costs none at the leader (it holds a lease) and one there and back elsewhere; a change costs one there and
 * back to each of a bare majority more (the others learn by the next heartbeat); all of it per batch: what arrives in
 * one turn, or where a node is busy within `--batch-interval-ms`. Beside that 2n - 2 a heartbeat at most. `--consistency
 * sequential` answers reads from the node's own copy, at once, as soon as that has reached what the node showed before:
 * whoever stays at a node sees its own writes, and all see changes in one order, but perhaps late: by a heartbeat, or
 * for as long as the node is cut off.
 * Source: Ongaro, "Consensus: Bridging Theory and Practice" (Stanford, 2014).
 */

import { choice, CODE, invariant, type Json, type Node, RpcError, serve, type Values } from "../lib/mod.ts";
import { cas, read, write } from "../lib/protocol/kv.ts";
import { raftSettings, replicate } from "../lib/consensus/raft/driver.ts";
import { LocalReader, VersionedMachine } from "../lib/consensus/local_reads.ts";
import type { CommandKind, StateMachine } from "../lib/consensus/mod.ts";

/** What may be set. */
export const settings = {
  ...raftSettings,
  consistency: choice("linearizable", {
    of: ["linearizable", "sequential"],
    about:
      "What reads promise: the latest value; or at once one that was, never older than what this node showed before.",
  }),
} as const;

/** Keeps values by key. */
export function linKv(node: Node, values: Values<typeof settings>): void {
  const machine = new VersionedMachine(new KvStore());
  const store = new LocalReader(replicate(node, { ...values, machine }), {
    machine,
    policy: values.consistency === "sequential" ? "session" : "never",
  });
  const ask = (command: KvCommand): Json | Promise<Json> => {
    const result = store.execute(command);
    return result instanceof Promise
      ? result.then((later) => valueOf(command, later))
      : valueOf(command, result);
  };
  node.on(read, ({ key }) => {
    const value = ask(["read", key]);
    return value instanceof Promise ? value.then((later) => ({ value: later })) : { value };
  });
  node.on(write, async ({ key, value }) => {
    await ask(["write", key, value]);
    return {};
  });
  node.on(cas, async ({ key, from, to, create_if_not_exists: create = false }) => {
    await ask(["cas", key, from, to, create]);
    return {};
  });
}

type KvCommand =
  | readonly ["read", key: Json]
  | readonly ["write", key: Json, value: Json]
  | readonly ["cas", key: Json, from: Json, to: Json, create: boolean];

/** What comes of a command: done, with the value if it was a read; no such key; not the value that was to be replaced. */
type KvResult = readonly ["done", value: Json] | readonly ["absent"] | readonly ["differs", value: Json];

/** The value of a result. Throws `RpcError` 20 or 22: the command surely changed nothing. */
function valueOf([, key, from]: KvCommand, result: Json): Json {
  invariant(isResult(result), `no result: ${JSON.stringify(result)}`);
  switch (result[0]) {
    case "done":
      return result[1];
    case "absent":
      throw new RpcError(CODE.keyDoesNotExist, `there is no key ${JSON.stringify(key)}`);
    case "differs":
      throw new RpcError(
        CODE.preconditionFailed,
        `${JSON.stringify(key)} is ${JSON.stringify(result[1])}, not ${JSON.stringify(from)}`,
      );
  }
}

/** Values by key; equal are those that JSON cannot tell apart. */
class KvStore implements StateMachine {
  readonly #entries = new Map<string, readonly [key: Json, value: Json]>(); // by the key's text

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
    this.#entries.set(textOf(key), [key, known[0] === "cas" ? known[3] : known[2]]);
    return ["done", null] satisfies KvResult;
  }

  query(command: Json): Json | undefined {
    const known = commandOf(command);
    if (known[0] === "write") return undefined;
    const entry = this.#entries.get(textOf(known[1]));
    if (known[0] === "read") {
      return (entry === undefined ? ["absent"] : ["done", entry[1]]) satisfies KvResult;
    }
    const [, , from, , create] = known;
    if (entry === undefined) return create ? undefined : ["absent"] satisfies KvResult;
    return textOf(entry[1]) === textOf(from) ? undefined : ["differs", entry[1]] satisfies KvResult;
  }

  snapshot(): Json {
    return [...this.#entries.values()];
  }

  restore(snapshot: Json): void {
    invariant(isArray(snapshot), "a snapshot is a list of entries");
    this.#entries.clear();
    for (const entry of snapshot) {
      invariant(isArray(entry) && entry[0] !== undefined && entry[1] !== undefined, "an entry has two parts");
      this.#entries.set(textOf(entry[0]), [entry[0], entry[1]]);
    }
  }
}

/** One text for each JSON value, whatever the order of an object's keys. */
function textOf(value: Json): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(textOf).join(",")}]`;
  const fields = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return `{${fields.map(([key, inner]) => `${JSON.stringify(key)}:${textOf(inner)}`).join(",")}}`;
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

const PARTS: Readonly<Record<string, number>> = { read: 2, write: 3, cas: 5 };

function commandOf(value: Json): KvCommand {
  invariant(isCommand(value), `no command: ${JSON.stringify(value)}`);
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
    about: "Keeps values by key, linearizable, with compare-and-set: any node takes any request.",
    settings,
    storage: true,
  });
}
