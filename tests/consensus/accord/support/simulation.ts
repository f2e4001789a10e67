/**
 * Simulates clusters of Accord replicas. Checks that all nodes decide the same, that they execute conflicting transactions in one order, and
 * that the history of clients is strict-serializable.
 */

import { assert } from "@std/assert";
import { checkListAppend, type Event } from "../../../../lib/checkers/mod.ts";
import { ACCORD_FORMS } from "../../../../lib/consensus/accord/messages.ts";
import { AccordReplica } from "../../../../lib/consensus/accord/replica.ts";
import type { AccordRules } from "../../../../lib/consensus/accord/safety_rules.ts";
import type { AccordSnapshot, Part, TransactionRecord } from "../../../../lib/consensus/accord/types.ts";
import type { KeyUse, LeaderlessConfig } from "../../../../lib/consensus/leaderless/types.ts";
import type { CommandKind, StateMachine } from "../../../../lib/consensus/mod.ts";
import type { Json } from "../../../../lib/protocol/schema.ts";
import * as leaderless from "../../leaderless/support/simulation.ts";

/** The set-up of a simulation. */
export interface Profile extends leaderless.Profile<TransactionRecord, AccordSnapshot> {
  readonly rules?: AccordRules;
}

type Micro = readonly ["r" | "append", key: number, value: Json];

/** A value that was appended, and its place in the list. */
interface Append {
  readonly key: number;
  readonly place: number;
  readonly value: Json;
}

/** Lists that report each append. */
class Lists implements StateMachine {
  readonly #lists = new Map<number, Json[]>();
  readonly #onAppend: (append: Append) => void;

  constructor(onAppend: (append: Append) => void) {
    this.#onAppend = onAppend;
  }

  kind(command: Json): CommandKind {
    return microsOf(command).every(([f]) => f === "r") ? "read" : "write";
  }

  apply(command: Json): Json {
    return microsOf(command).map(([f, key, value]) => {
      const list = this.#lists.get(key) ?? [];
      if (f === "r") return [f, key, list.length === 0 ? null : [...list]];
      this.#onAppend({ key, place: list.length, value });
      list.push(value);
      this.#lists.set(key, list);
      return [f, key, value];
    });
  }

  query(): undefined {}

  snapshot(): Json {
    return [...this.#lists].map(([key, list]) => [key, [...list]]);
  }

  restore(snapshot: Json): void {
    assert(Array.isArray(snapshot));
    for (const [key, list] of snapshot) this.#lists.set(key, [...list]);
  }
}

function microsOf(command: Json): readonly Micro[] {
  assert(isTransaction(command));
  return command;
}

function isTransaction(command: Json): command is readonly Micro[] {
  return Array.isArray(command) && command.every((each) => Array.isArray(each) && each.length === 3);
}

/** Returns the keys of a transaction. */
export function keysOf(command: Json): readonly KeyUse[] {
  return microsOf(command).map(([f, key]) => ({ key: `${key}`, writes: f !== "r" }));
}

/** Runs a cluster with faults, then without, and returns the first violation. */
export function simulate(seed: number, profile: Profile): leaderless.Outcome {
  return new AccordSimulation(seed, profile).run();
}

class AccordSimulation
  extends leaderless.Simulation<Part, TransactionRecord, AccordSnapshot, AccordReplica, Append> {
  protected readonly readCommand = [["r", 0, null]];
  readonly #profile: Profile;
  readonly #lists = new Map<number, Json[]>();
  readonly #decided = new Map<string, string>();
  readonly #history: Event[] = [];
  #value = 0;

  constructor(seed: number, profile: Profile) {
    const timing = { faultyMs: 2500, retryMs: 12, recoveryMs: 25, requestTimeoutMs: 200 };
    super(seed, profile, { forms: ACCORD_FORMS, thrifty: true, ...timing });
    this.#profile = profile;
  }

  protected replica(
    config: LeaderlessConfig,
    { changed, keysOf: planted = keysOf, ...surroundings }: leaderless.Start<
      TransactionRecord,
      AccordSnapshot,
      Append
    >,
  ): AccordReplica {
    const { rules } = this.#profile;
    return new AccordReplica(config, {
      ...surroundings,
      machine: new Lists(changed),
      keysOf: planted,
      rules,
    });
  }

  protected invoke(client: number): leaderless.Invocation {
    const command = Array.from({ length: 1 + this.random.below(3) }, (): Micro => {
      const key = this.random.below(this.#profile.keys);
      return this.random.chance(0.5) ? ["r", key, null] : ["append", key, ++this.#value];
    });
    this.#record({ process: client, type: "invoke", value: command });
    const completed = (result: Json | undefined) =>
      this.#record({
        process: client,
        type: result === undefined ? "info" : "ok",
        value: result ?? command,
      });
    return { command, completed };
  }

  /** Agreement: all nodes decide the same timestamp. */
  protected checkRecord({ id, phase, commands, executeAt }: TransactionRecord): void {
    if (phase !== "committed") return;
    const text = JSON.stringify([commands, executeAt]);
    const known = this.#decided.get(id);
    if (known !== undefined && known !== text) {
      throw new leaderless.Violation(`disagreement: ${id} is ${known} and ${text}`);
    }
    this.#decided.set(id, text);
  }

  /** Order: all nodes append the same values to a list. */
  protected checkChange({ key, place, value }: Append): void {
    let list = this.#lists.get(key);
    if (list === undefined) this.#lists.set(key, list = []);
    if (place > list.length) throw new leaderless.Violation(`list ${key} lacks places before ${place}`);
    if (place === list.length) list.push(value);
    else if (list[place] !== value) {
      throw new leaderless.Violation(`list ${key} has ${JSON.stringify([list[place], value])} at ${place}`);
    }
  }

  protected override checkHistory(): void {
    const { valid, anomalies } = checkListAppend(this.#history, {
      consistencyModels: ["strict-serializable"],
    });
    if (valid === false) {
      throw new leaderless.Violation(
        `not strict-serializable: ${anomalies.map(({ type }) => type).join(", ")}`,
      );
    }
  }

  #record(event: Pick<Event, "type" | "value"> & { readonly process: number }): void {
    const index = this.#history.length;
    this.#history.push({ ...event, index, time: Math.round(this.now * 1e6) + index, f: "txn" });
  }
}
