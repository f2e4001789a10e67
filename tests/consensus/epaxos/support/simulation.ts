/**
 * Simulates clusters of EPaxos replicas under loss, duplication, reordering, partitions and crashes. Checks that all nodes commit the same,
 * and that the results of clients are linearizable.
 */

import { assert } from "@std/assert";
import type { CommandKind, StateMachine } from "../../../../lib/consensus/mod.ts";
import { EpaxosReplica } from "../../../../lib/consensus/epaxos/replica.ts";
import type { EpaxosRules } from "../../../../lib/consensus/epaxos/safety_rules.ts";
import { EPAXOS_FORMS } from "../../../../lib/consensus/epaxos/messages.ts";
import type { KeyUse } from "../../../../lib/consensus/leaderless/types.ts";
import type {
  EpaxosBatch,
  EpaxosMessage,
  EpaxosSnapshot,
  InstanceRecord,
} from "../../../../lib/consensus/epaxos/types.ts";
import { RecordStorage } from "../../../../lib/consensus/leaderless/record_storage.ts";
import { isUpTo } from "../../../../lib/consensus/leaderless/instance_ids.ts";
import { isObject, type Json } from "../../../../lib/protocol/schema.ts";
import { SeededRandom } from "../../../../lib/sim/random.ts";
import { MachineNetwork } from "../../../support/machine_network.ts";
import { LossyDisk } from "../../raft/support/lossy_disk.ts";
import { isRegisterResult, Register, type RegisterCommand, RegisterHistory } from "../../support/register.ts";

/** The set-up of a simulation. */
export interface Profile {
  readonly nodes: number;
  /** The number of keys: the fewer, the more conflicts. */
  readonly keys: number;
  readonly crashes: boolean;
  /** True if delays vary little, so that announcements are in time, and requests go to a bare quorum. */
  readonly steady?: boolean;
  /** False if nodes have no store. Then at most f nodes crash, and they never take part again. Default: true. */
  readonly stores?: boolean;
  /** Planted in the place of the rules of a node. */
  readonly rules?: (node: string) => EpaxosRules;
  /** Planted in the place of the keys that commands use. */
  readonly keysOf?: (command: Json) => readonly KeyUse[];
  /** Planted in the place of what is stored. */
  readonly save?: (storage: RecordStorage<InstanceRecord, EpaxosSnapshot>, batch: EpaxosBatch) => void;
}

/** The outcome of a simulation. */
export interface Outcome {
  readonly violation: string | undefined;
  readonly answered: number;
}

const FAULTY_MS = 3000;
const CALM_MS = 5000;
const LATENCY_MS = 4;
/** Time in ms after which nodes without a store may crash. If one is lost before, the others may never be confirmed. */
const STARTED_MS = 1000;

interface SimulatedNode {
  readonly id: string;
  readonly disk: LossyDisk;
  replica: EpaxosReplica | undefined;
  incarnation: number;
  timerAt: number;
  readonly waiting: Map<number, (result: Json | undefined) => void>;
  /** The changes of registers in a turn. They count when the turn is synced. */
  readonly changes: (readonly [key: string, value: number, version: number])[];
}

/** A command of a register, and its key. */
type KeyedCommand = RegisterCommand & { readonly key: string };

class Registers implements StateMachine {
  readonly #registers = new Map<string, Register>();
  readonly #onChange: (key: string, value: number, version: number) => void;

  constructor(onChange: (key: string, value: number, version: number) => void) {
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
      register = new Register((value, version) => this.#onChange(key, value, version));
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

/** A violated property. */
class Violation extends Error {}

/** Runs a cluster with faults, then without, and returns the first violation. */
export function simulate(seed: number, profile: Profile): Outcome {
  const world = new World(seed, profile);
  try {
    world.run();
    return { violation: undefined, answered: world.answered };
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { violation: error.message, answered: world.answered };
  }
}

class World {
  answered = 0;
  readonly #profile: Profile;
  readonly #random: SeededRandom;
  readonly #network: MachineNetwork<EpaxosMessage>;
  readonly #nodes: readonly SimulatedNode[];
  readonly #histories = new Map<string, RegisterHistory>();
  readonly #committed = new Map<string, { readonly text: string; readonly record: InstanceRecord }>();
  readonly #blocked = new Set<string>();
  /** The nodes that have lost their state. */
  readonly #lost = new Set<SimulatedNode>();
  #isFaulty = true;
  #value = 0;

  constructor(seed: number, profile: Profile) {
    this.#profile = profile;
    this.#random = new SeededRandom(seed);
    this.#network = new MachineNetwork<EpaxosMessage>({
      delays: () => this.#delays(),
      receive: (to, _from, message) => this.#receive(to, message),
    });
    this.#network.isBlocked = (from, to) => this.#blocked.has(`${from}>${to}`);
    this.#nodes = Array.from({ length: profile.nodes }, (_, i) => ({
      id: `n${i}`,
      disk: new LossyDisk(),
      replica: undefined,
      incarnation: 0,
      timerAt: Infinity,
      waiting: new Map(),
      changes: [],
    }));
  }

  run(): void {
    for (const node of this.#nodes) this.#start(node);
    for (const node of this.#nodes) for (let i = 0; i < 2; i++) this.#client(node);
    this.#every(200, () => this.#partition());
    if (this.#profile.crashes) this.#every(250, () => this.#crash());
    this.#network.run(FAULTY_MS);
    this.#isFaulty = false;
    this.#blocked.clear();
    this.#network.run(FAULTY_MS + CALM_MS);
    let late = 0;
    const serving = this.#nodes.filter((node) => !this.#lost.has(node));
    for (const node of serving) {
      this.#submit(node, { f: "read", key: "k0" }, (result) => late += result === undefined ? 0 : 1);
    }
    this.#network.run(FAULTY_MS + 2 * CALM_MS);
    if (late < serving.length) {
      throw new Violation(`no progress: ${late} of ${serving.length} answered`);
    }
  }

  #delays(): readonly number[] {
    const delay = () =>
      this.#profile.steady
        ? LATENCY_MS * (1 + 0.1 * this.#random.next())
        : this.#random.exponential(LATENCY_MS);
    if (!this.#isFaulty) return [delay()];
    if (this.#random.chance(0.08)) return [];
    return this.#random.chance(0.08) ? [delay(), 10 * delay()] : [delay()];
  }

  #every(meanMs: number, act: () => void): void {
    this.#network.after(this.#random.exponential(meanMs), () => {
      if (!this.#isFaulty) return;
      act();
      this.#every(meanMs, act);
    });
  }

  #partition(): void {
    this.#blocked.clear();
    if (this.#random.chance(0.4)) return;
    const side = new Set(this.#nodes.filter(() => this.#random.chance(0.5)).map(({ id }) => id));
    for (const { id: a } of this.#nodes) {
      for (const { id: b } of this.#nodes) if (side.has(a) !== side.has(b)) this.#blocked.add(`${a}>${b}`);
    }
  }

  #crash(): void {
    const node = this.#random.pick(this.#nodes);
    if (node.replica === undefined || !this.#mayCrash(node)) return;
    this.#die(node);
    this.#network.after(this.#random.exponential(150), () => this.#start(node));
  }

  #mayCrash(node: SimulatedNode): boolean {
    if (this.#profile.stores ?? true) return true;
    const isMajority = 2 * (this.#nodes.length - this.#lost.size - 1) > this.#nodes.length;
    return this.#lost.has(node) || (isMajority && this.#network.now > STARTED_MS);
  }

  #die(node: SimulatedNode): void {
    if (this.#profile.stores === false) this.#lost.add(node);
    node.replica = undefined;
    node.timerAt = Infinity;
    node.changes.length = 0;
    node.disk.crash(this.#random);
    this.#network.crash(node.id);
    const waiting = [...node.waiting.values()];
    node.waiting.clear();
    for (const done of waiting) done(undefined);
  }

  #start(node: SimulatedNode): void {
    if (node.replica !== undefined) return;
    node.incarnation = this.#network.start(node.id);
    const hasStore = this.#profile.stores ?? true;
    const storage = new RecordStorage(hasStore ? node.disk : new LossyDisk(), EPAXOS_FORMS);
    node.replica = new EpaxosReplica({
      id: node.id,
      nodes: this.#nodes.map(({ id }) => id),
      incarnation: storage.incarnation(() => `${node.id}${hasStore ? "" : node.incarnation}`),
      thrifty: this.#profile.steady ?? false,
      retryMs: 20,
      recoveryMs: 60,
      requestTimeoutMs: 1000,
      pendingMax: 1000,
      batchIntervalMs: 0,
      snapshotRecords: 60,
    }, {
      machine: new Registers((...change) => node.changes.push(change)),
      keysOf: this.#profile.keysOf ?? keysOf,
      rules: this.#profile.rules?.(node.id),
      random: () => this.#random.next(),
      stored: storage.load(),
      now: this.#network.now,
    });
    this.#plan(node);
  }

  #receive(to: string, message: EpaxosMessage): void {
    const node = this.#nodes.find(({ id }) => id === to);
    if (node?.replica === undefined) return;
    node.replica.receive(message, this.#network.now);
    this.#turn(node);
  }

  #turn(node: SimulatedNode): void {
    const { replica } = node;
    if (replica === undefined) return;
    const { batches, messages, completed } = replica.turn(this.#network.now);
    const storage = new RecordStorage(node.disk, EPAXOS_FORMS);
    for (const batch of batches) {
      if (this.#profile.save === undefined) storage.save(batch);
      else this.#profile.save(storage, batch);
    }
    if (this.#isFaulty && this.#profile.crashes && this.#random.chance(0.001) && this.#mayCrash(node)) {
      this.#die(node);
      this.#network.after(this.#random.exponential(150), () => this.#start(node));
      return;
    }
    node.disk.sync();
    for (const [key, value, version] of node.changes.splice(0)) this.#history(key).changed(value, version);
    for (const { records } of batches) for (const record of records) this.#check(record);
    for (const message of messages) this.#network.send(node.id, message.to, message);
    for (const { id, outcome } of completed) {
      const done = node.waiting.get(id);
      node.waiting.delete(id);
      done?.(outcome.kind === "result" ? outcome.result : undefined);
    }
    this.#plan(node);
  }

  /** Agreement: all nodes commit the same. */
  #check(record: InstanceRecord): void {
    const { id, phase, commands, deps } = record;
    if (phase !== "committed") return;
    const text = JSON.stringify([commands, Object.entries(deps).sort()]);
    const known = this.#committed.get(id)?.text;
    if (known !== undefined && known !== text) {
      throw new Violation(`disagreement: ${id} is ${known} and ${text}`);
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
        throw new Violation(`independent: ${other.id} and ${record.id}`);
      }
    }
  }

  /** Returns true if a node knows that all nodes have executed an instance. */
  #isDeleted(id: string): boolean {
    return this.#nodes.some(({ replica }) =>
      replica !== undefined && !replica.records.some((record) => record.id === id)
    );
  }

  #plan(node: SimulatedNode): void {
    const at = node.replica?.deadline ?? Infinity;
    if (!Number.isFinite(at) || at >= node.timerAt) return;
    const { incarnation } = node;
    node.timerAt = at;
    this.#network.at(Math.max(at, this.#network.now + 0.01), () => {
      if (!this.#network.isRunning(node.id, incarnation)) return;
      node.timerAt = Infinity;
      node.replica?.tick(this.#network.now);
      this.#turn(node);
    });
  }

  #history(key: string): { changed: (value: number, version: number) => void } & RegisterHistory {
    let history = this.#histories.get(key);
    if (history === undefined) this.#histories.set(key, history = new CheckedHistory());
    return history as CheckedHistory;
  }

  /** A client at a node: one operation after another. */
  #client(node: SimulatedNode): void {
    if (!this.#isFaulty) return;
    const key = `k${this.#random.below(this.#profile.keys)}`;
    const history = this.#history(key);
    const value = ++this.#value;
    const command: KeyedCommand = this.#random.chance(0.4)
      ? { f: "read", key }
      : this.#random.chance(0.5)
      ? { f: "write", value, key }
      : { f: "cas", from: Math.max(0, value - 1 - this.#random.below(4)), to: value, key };
    const floor = history.invoke(command);
    const again = () => this.#network.after(this.#random.exponential(10), () => this.#client(node));
    this.#submit(node, command, (result) => {
      if (isRegisterResult(result)) {
        this.answered++;
        const problem = history.complete(command, floor, result);
        if (problem !== undefined) throw new Violation(problem);
      }
      again();
    });
  }

  #submit(node: SimulatedNode, command: KeyedCommand, done: (result: Json | undefined) => void): void {
    const id = node.replica?.submit(command, this.#network.now);
    if (id === undefined) {
      this.#network.after(50, () => done(undefined));
      return;
    }
    node.waiting.set(id, done);
    this.#turn(node);
  }
}

/** A history whose problems are violations. */
class CheckedHistory extends RegisterHistory {
  override changed(value: number, version: number): undefined {
    const problem = super.changed(value, version);
    if (problem !== undefined) throw new Violation(problem);
  }
}
