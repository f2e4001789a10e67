/**
 * Simulates clusters of EPaxos replicas. Checks that all nodes commit the same, and that the results of clients are linearizable.
 */

import { assert } from "@std/assert";
import { EPAXOS_FORMS } from "../../../../lib/consensus/epaxos/messages.ts";
import { EpaxosReplica } from "../../../../lib/consensus/epaxos/replica.ts";
import type { EpaxosRules } from "../../../../lib/consensus/epaxos/safety_rules.ts";
import type { EpaxosSnapshot, InstanceRecord, Part } from "../../../../lib/consensus/epaxos/types.ts";
import { isUpTo } from "../../../../lib/consensus/leaderless/instance_ids.ts";
import type { KeyUse, LeaderlessConfig } from "../../../../lib/consensus/leaderless/types.ts";
import type { CommandKind, StateMachine } from "../../../../lib/consensus/mod.ts";
import { isObject, type Json } from "../../../../lib/protocol/schema.ts";
import * as leaderless from "../../leaderless/support/simulation.ts";
import { isRegisterResult, Register, type RegisterCommand, RegisterHistory } from "../../support/register.ts";

/** The set-up of a simulation. With steady delays, announcements are in time, and requests go to a bare quorum. */
export interface Profile extends leaderless.Profile<InstanceRecord, EpaxosSnapshot> {
  /** Planted in the place of the rules of a node. */
  readonly rules?: (node: string) => EpaxosRules;
}

/** The change of a register to a version. */
interface Change {
  readonly key: string;
  readonly value: number;
  readonly version: number;
}

/** A command of a register, and its key. */
type KeyedCommand = RegisterCommand & { readonly key: string };

class Registers implements StateMachine {
  readonly #registers = new Map<string, Register>();
  readonly #onChange: (change: Change) => void;

  constructor(onChange: (change: Change) => void) {
    this.#onChange = onChange;
  }

  kind(command: Json): CommandKind {
    return this.#of(command).kind(command);
  }

  apply(command: Json): Json {
    return this.#of(command).apply(command);
  }

  query(command: Json): Json | undefined {
    return this.#of(command).query(command);
  }

  snapshot(): Json {
    return [...this.#registers].map(([key, register]) => [key, register.snapshot()]);
  }

  restore(snapshot: Json): void {
    assert(Array.isArray(snapshot));
    for (const [key, state] of snapshot) this.#register(key).restore(state);
  }

  #of(command: Json): Register {
    return this.#register(keyOf(command));
  }

  #register(key: string): Register {
    let register = this.#registers.get(key);
    if (register === undefined) {
      register = new Register((value, version) => this.#onChange({ key, value, version }));
      this.#registers.set(key, register);
    }
    return register;
  }
}

function keyOf(command: Json): string {
  assert(isObject(command) && typeof command["key"] === "string");
  return command["key"];
}

function keysOf(command: Json): readonly KeyUse[] {
  return [{ key: keyOf(command), writes: isObject(command) && command["f"] !== "read" }];
}

/** Runs a cluster with faults, then without, and returns the first violation. */
export function simulate(seed: number, profile: Profile): leaderless.Outcome {
  return new EpaxosSimulation(seed, profile).run();
}

class EpaxosSimulation
  extends leaderless.Simulation<Part, InstanceRecord, EpaxosSnapshot, EpaxosReplica, Change> {
  protected readonly readCommand = { f: "read", key: "k0" };
  readonly #profile: Profile;
  readonly #histories = new Map<string, RegisterHistory>();
  readonly #committed = new Map<string, { readonly text: string; readonly record: InstanceRecord }>();
  #value = 0;

  constructor(seed: number, profile: Profile) {
    const timing = { faultyMs: 3000, retryMs: 20, recoveryMs: 60, requestTimeoutMs: 1000 };
    super(seed, profile, { forms: EPAXOS_FORMS, thrifty: profile.steady ?? false, ...timing });
    this.#profile = profile;
  }

  protected replica(
    config: LeaderlessConfig,
    { changed, keysOf: planted = keysOf, ...surroundings }: leaderless.Start<
      InstanceRecord,
      EpaxosSnapshot,
      Change
    >,
  ): EpaxosReplica {
    return new EpaxosReplica(config, {
      ...surroundings,
      machine: new Registers(changed),
      keysOf: planted,
      rules: this.#profile.rules?.(config.id),
    });
  }

  protected invoke(): leaderless.Invocation {
    const key = `k${this.random.below(this.#profile.keys)}`;
    const history = this.#history(key);
    const value = ++this.#value;
    const command: KeyedCommand = this.random.chance(0.4)
      ? { f: "read", key }
      : this.random.chance(0.5)
      ? { f: "write", value, key }
      : { f: "cas", from: Math.max(0, value - 1 - this.random.below(4)), to: value, key };
    const floor = history.invoke(command);
    const completed = (result: Json | undefined) => {
      if (isRegisterResult(result)) check(history.complete(command, floor, result));
    };
    return { command, completed };
  }

  protected checkChange({ key, value, version }: Change): void {
    check(this.#history(key).changed(value, version));
  }

  /** Agreement: all nodes commit the same. */
  protected checkRecord(record: InstanceRecord): void {
    const { id, phase, commands, deps } = record;
    if (phase !== "committed") return;
    const text = JSON.stringify([commands, Object.entries(deps).sort()]);
    const known = this.#committed.get(id)?.text;
    if (known !== undefined && known !== text) {
      throw new leaderless.Violation(`disagreement: ${id} is ${known} and ${text}`);
    }
    if (known === undefined) this.#checkDependencies(record);
    this.#committed.set(id, { text, record });
  }

  /** At least one of two conflicting instances depends on the other, unless all nodes have executed one before the other is committed. */
  #checkDependencies(record: InstanceRecord): void {
    const uses = (record.commands ?? []).flatMap(keysOf);
    for (const { record: other } of this.#committed.values()) {
      if (other.id === record.id || isUpTo(other.deps, record.id) || isUpTo(record.deps, other.id)) continue;
      const doConflict = (other.commands ?? []).flatMap(keysOf).some(({ key, writes }) =>
        uses.some((use) => use.key === key && (writes || use.writes))
      );
      if (doConflict && !this.#isDeleted(other.id)) {
        throw new leaderless.Violation(`independent: ${other.id} and ${record.id}`);
      }
    }
  }

  /** Returns true if a node knows that all nodes have executed an instance. */
  #isDeleted(id: string): boolean {
    return this.nodes.some(({ replica }) =>
      replica !== undefined && !replica.records.some((record) => record.id === id)
    );
  }

  #history(key: string): RegisterHistory {
    let history = this.#histories.get(key);
    if (history === undefined) this.#histories.set(key, history = new RegisterHistory());
    return history;
  }
}

function check(problem: string | undefined): void {
  if (problem !== undefined) throw new leaderless.Violation(problem);
}
