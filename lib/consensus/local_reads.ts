/**
 * Reads from a node's own copy of the state, which may be older than the leader's.
 *
 * Each result carries its *version*: the number of commands that the state had applied. A node's own copy is always the state of
 * some version, so what is read there fits into the order of all commands (serializable, without real time). A node may also wait
 * until its copy has reached every version that it returned before. Then a client that stays at the node finds its operations in
 * that order too, its own writes included (dissertation §6.4.1 asks for the same of a client that reads at a follower).
 *
 * A node that has just started does not know which versions it returned before. Its first operation goes through the leader, whose
 * version is at least that of anything ever acknowledged.
 */

import { type Json, show } from "../protocol/schema.ts";
import type { CommandKind } from "./client_requests.ts";
import type { StateMachine } from "./replica.ts";

/**
 * The condition under which a node reads from its own copy: never (linearizable), when the copy has reached every version that the
 * node returned before (sequential for a client that stays at the node), or always (some past state).
 */
export type LocalReadPolicy = "never" | "session" | "always";

/** A result with the version of the state that it shows. */
type Versioned = readonly [version: number, result: Json];

/** A state machine that counts its commands, and returns the count with each result. */
export class VersionedMachine implements StateMachine {
  readonly #machine: StateMachine;
  #version = 0;

  constructor(machine: StateMachine) {
    this.#machine = machine;
  }

  /** The number of commands that the state has applied. */
  get version(): number {
    return this.#version;
  }

  kind(command: Json): CommandKind {
    return this.#machine.kind(command);
  }

  apply(command: Json): Json {
    const result = this.#machine.apply(command);
    return [++this.#version, result] satisfies Versioned;
  }

  query(command: Json): Json | undefined {
    const result = this.#machine.query(command);
    return result === undefined ? undefined : [this.#version, result] satisfies Versioned;
  }

  /** Returns the inner machine's result of a query, without the version. */
  peek(command: Json): Json | undefined {
    return this.#machine.query(command);
  }

  snapshot(): Json {
    return [this.#version, this.#machine.snapshot()] satisfies Versioned;
  }

  restore(snapshot: Json): void {
    const [version, state] = versioned(snapshot);
    this.#version = version;
    this.#machine.restore(state);
  }
}

function versioned(value: Json): Versioned {
  if (Array.isArray(value) && typeof value[0] === "number" && value[1] !== undefined) {
    return [value[0], value[1]];
  }
  throw new TypeError(`not a version and a value: ${show(value)}`);
}

/** Executes commands in the replicated state machine: see `Replicated` in `driver.ts`. */
export interface CommandSink {
  /** False while this node's copy may be older than what it returned before. */
  readonly isEligible: boolean;
  submit(command: Json): Promise<Json>;
}

/** Executes commands in a replicated {@linkcode VersionedMachine}, reads as locally as the policy allows. */
export class LocalReader {
  readonly #machine: VersionedMachine;
  readonly #replicated: CommandSink;
  readonly #policy: LocalReadPolicy;
  /** The latest version that this node returned; undefined until one is known. */
  #lastVersionShown: number | undefined;

  constructor(
    replicated: CommandSink,
    options: { readonly machine: VersionedMachine; readonly policy: LocalReadPolicy },
  ) {
    this.#replicated = replicated;
    this.#machine = options.machine;
    this.#policy = options.policy;
  }

  /** Returns the command's result, or a promise if it comes through the leader. It rejects as `Replicated.submit` does. */
  execute(command: Json): Json | Promise<Json> {
    if (this.#mayReadLocally(command)) {
      const result = this.#machine.peek(command);
      if (result !== undefined) {
        this.#recordShown(this.#machine.version);
        return result;
      }
    }
    return this.#submit(command);
  }

  async #submit(command: Json): Promise<Json> {
    const [version, result] = versioned(await this.#replicated.submit(command));
    this.#recordShown(version);
    return result;
  }

  #mayReadLocally(command: Json): boolean {
    if (this.#policy === "never" || this.#machine.kind(command) !== "read") return false; // plant: reads-stale-copy
    if (!this.#replicated.isEligible) return false; // its copy may be older than what it returned before
    return this.#policy === "always" || this.#machine.version >= (this.#lastVersionShown ?? Infinity);
  }

  #recordShown(version: number): void {
    this.#lastVersionShown = Math.max(this.#lastVersionShown ?? 0, version);
  }
}
