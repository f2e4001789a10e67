/** A register that counts its versions, and a check that the results its clients saw are linearizable. */

import { assert } from "@std/assert";
import type { CommandKind, StateMachine } from "../../../lib/consensus/mod.ts";
import type { Json } from "../../../lib/protocol/schema.ts";

/** An operation of a client. Every value is written by one operation only. */
export type RegisterCommand =
  | { readonly f: "read" }
  | { readonly f: "write"; readonly value: number }
  | { readonly f: "cas"; readonly from: number; readonly to: number };

/** The state after the operation, and whether it changed it. */
export interface RegisterResult {
  readonly version: number;
  readonly value: number;
  readonly changed: boolean;
}

/** Returns true if a value is the result of a register. */
export function isRegisterResult(result: unknown): result is RegisterResult {
  return typeof result === "object" && result !== null && "version" in result && "value" in result &&
    "changed" in result;
}

function isRegisterCommand(json: unknown): json is RegisterCommand {
  return typeof json === "object" && json !== null && "f" in json &&
    (json.f === "read" || json.f === "write" || json.f === "cas");
}

function commandOf(json: Json): RegisterCommand {
  assert(isRegisterCommand(json), `not a command: ${JSON.stringify(json)}`);
  return json;
}

/** A register that reports each change. */
export class Register implements StateMachine {
  #version = 0;
  #value = 0;
  readonly #onChange: (value: number, version: number) => void;

  constructor(onChange: (value: number, version: number) => void = () => {}) {
    this.#onChange = onChange;
  }

  kind(command: Json): CommandKind {
    const { f } = commandOf(command);
    return f === "read" ? "read" : f === "write" ? "write" : "conditional";
  }

  apply(command: Json): Json {
    const asked = commandOf(command);
    const changed = asked.f === "write" || (asked.f === "cas" && asked.from === this.#value);
    if (changed) {
      this.#version++;
      this.#value = asked.f === "write" ? asked.value : asked.to;
      this.#onChange(this.#value, this.#version);
    }
    return { version: this.#version, value: this.#value, changed };
  }

  query(command: Json): Json | undefined {
    const asked = commandOf(command);
    if (asked.f === "write" || (asked.f === "cas" && asked.from === this.#value)) return undefined;
    return { version: this.#version, value: this.#value, changed: false };
  }

  snapshot(): Json {
    return [this.#version, this.#value];
  }

  restore(snapshot: Json): void {
    assert(Array.isArray(snapshot));
    const [version, value] = snapshot;
    assert(typeof version === "number" && typeof value === "number");
    this.#version = version;
    this.#value = value;
  }
}

/**
 * The history of all operations. Each change has a version and each value one writer, so the order of all operations is known, except
 * for reads of one version, which commute. So a history is linearizable exactly if no operation returns an older version than one
 * that ended before it began.
 */
export class RegisterHistory {
  #newest = 0; // the newest version that a completed operation saw
  readonly #versionOf = new Map<number, number>();
  readonly #valueAt = new Map<number, number>([[0, 0]]);
  readonly #invoked = new Set<number>([0]);
  operations = 0;
  answered = 0;

  /** Records that an operation begins. The returned number goes to {@linkcode RegisterHistory.complete}. */
  invoke(command: RegisterCommand): number {
    this.operations++;
    if (command.f === "write") this.#invoked.add(command.value);
    if (command.f === "cas") this.#invoked.add(command.to);
    return this.#newest;
  }

  /** Records that an operation ended. Returns the problem of its result, if there is one. */
  complete(
    command: RegisterCommand,
    floor: number,
    { version, value, changed }: RegisterResult,
  ): string | undefined {
    this.answered++;
    this.#newest = Math.max(this.#newest, version);
    const least = changed ? floor + 1 : floor;
    if (version < least) {
      return `stale: ${JSON.stringify(command)} saw version ${version}, after one had seen ${floor}`;
    }
    return this.#saw(value, version);
  }

  /** Records the value of a version at one node. Returns the problem, if there is one. */
  changed(value: number, version: number): string | undefined {
    const known = this.#versionOf.get(value);
    if (known !== undefined && known !== version) {
      return `applied twice: ${value} was written as version ${known} and as version ${version}`;
    }
    this.#versionOf.set(value, version);
    return this.#saw(value, version);
  }

  #saw(value: number, version: number): string | undefined {
    if (!this.#invoked.has(value)) return `${value} was read, which was not written before`;
    const known = this.#valueAt.get(version);
    if (known !== undefined && known !== value) {
      return `lost: version ${version} was ${known}, and is ${value}`;
    }
    this.#valueAt.set(version, value);
    return undefined;
  }
}
