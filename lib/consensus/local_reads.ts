/**
 * Reads from a node's own copy of the state, which may lag behind the leader's.
 *
 * Each result carries its *version*: how many commands the state that it shows had taken. A node's own copy is always the
 * state of some version, so what is read there matchesPreviousEntry into the order of all commands (serializable, without real time). If a
 * node answers so only once its copy has reached every version that it showed before, then whoever stays at the node finds
 * its operations in that order too, its own writes included (§6.4.1 asks for the same of a client that reads at a
 * follower). A node that has just started cannot know what it showed before; its first operation goes through the leader,
 * whose version is no older than anything that was ever acknowledged.
 */

import type { Json } from "../protocol/schema.ts";
import type { Status } from "./raft/raft.ts";
import type { StateMachine } from "./replica.ts";
import type { CommandKind } from "./client_requests.ts";

/**
 * When a node reads from its own copy: never (linearizable), when the copy has reached what the node showed before
 * (sequential, for whoever stays at the node), or always (some state that was).
 */
export type LocalReadPolicy = "never" | "session" | "always";

/** A result, after the version of the state that it shows. */
type Versioned = readonly [version: number, result: Json];

/** A state machine that counts its commands, and shows the count with each result. */
export class VersionedMachine implements StateMachine {
  readonly #machine: StateMachine;
  #version = 0;

  constructor(machine: StateMachine) {
    this.#machine = machine;
  }

  /** How many commands the state has taken. */
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

  /** What the machine below would answer, without the version. */
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
  throw new TypeError(`no version and value: ${JSON.stringify(value)}`);
}

/** Where commands go that cannot be answered here: see `Replicated` in `driver.ts`. */
export interface CommandSink {
  submit(command: Json): Promise<Json>;
  status(): Status;
}

/** Answers commands from a replicated {@linkcode VersionedMachine}, reads as locally as they may be. */
export class LocalReader {
  readonly #machine: VersionedMachine;
  readonly #replicated: CommandSink;
  readonly #policy: LocalReadPolicy;
  /** The latest version that was shown here; undefined until one is known. */
  #lastVersionShown: number | undefined;

  constructor(
    replicated: CommandSink,
    options: { readonly machine: VersionedMachine; readonly policy: LocalReadPolicy },
  ) {
    this.#replicated = replicated;
    this.#machine = options.machine;
    this.#policy = options.policy;
  }

  /** The command's result; a promise of it where it comes through the leader, which rejects as `Replicated.submit` does. */
  execute(command: Json): Json | Promise<Json> {
    if (this.#mayRead(command)) {
      const result = this.#machine.peek(command);
      if (result !== undefined) {
        this.#show(this.#machine.version);
        return result;
      }
    }
    return this.#submit(command);
  }

  async #submit(command: Json): Promise<Json> {
    const [version, result] = versioned(await this.#replicated.submit(command));
    this.#show(version);
    return result;
  }

  #mayRead(command: Json): boolean {
    if (this.#policy === "never" || this.#machine.kind(command) !== "read") return false;
    if (!this.#replicated.status().eligible) return false; // its state may be older than what it showed before
    return this.#policy === "always" || this.#machine.version >= (this.#lastVersionShown ?? Infinity);
  }

  #show(version: number): void {
    this.#lastVersionShown = Math.max(this.#lastVersionShown ?? 0, version);
  }
}
