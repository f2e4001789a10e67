/**
 * Simulates clusters of Accord replicas under loss, duplication, reordering, partitions, skewed clocks and crashes. Checks that all nodes
 * decide the same, that they execute conflicting transactions in one order, and that the history of clients is strict-serializable.
 */

import { assert } from "@std/assert";
import type { CommandKind, StateMachine } from "../../../../lib/consensus/mod.ts";
import { ACCORD_FORMS } from "../../../../lib/consensus/accord/messages.ts";
import { AccordReplica } from "../../../../lib/consensus/accord/replica.ts";
import type { AccordRules } from "../../../../lib/consensus/accord/safety_rules.ts";
import type {
  AccordBatch,
  AccordMessage,
  AccordSnapshot,
  TransactionRecord,
} from "../../../../lib/consensus/accord/types.ts";
import { RecordStorage } from "../../../../lib/consensus/leaderless/record_storage.ts";
import type { KeyUse } from "../../../../lib/consensus/leaderless/types.ts";
import { checkListAppend, type Event } from "../../../../lib/checkers/mod.ts";
import type { Json } from "../../../../lib/protocol/schema.ts";
import { SeededRandom } from "../../../../lib/sim/random.ts";
import { MachineNetwork } from "../../../support/machine_network.ts";
import { LossyDisk } from "../../raft/support/lossy_disk.ts";

/** The store of a node. */
export type AccordStorage = RecordStorage<TransactionRecord, AccordSnapshot>;

/** The set-up of a simulation. */
export interface Profile {
  readonly nodes: number;
  /** The number of keys: the fewer, the more conflicts. */
  readonly keys: number;
  readonly crashes: boolean;
  /** The largest difference between clocks in ms. Default: 5. */
  readonly skewMs?: number;
  readonly rules?: AccordRules;
  /** Planted in the place of the keys that commands use. */
  readonly keysOf?: (command: Json) => readonly KeyUse[];
  /** Planted in the place of what is stored. */
  readonly save?: (storage: AccordStorage, batch: AccordBatch) => void;
}

/** The outcome of a simulation. */
export interface Outcome {
  readonly violation: string | undefined;
  readonly answered: number;
}

const FAULTY_MS = 2500;
const CALM_MS = 5000;
const LATENCY_MS = 4;
const SKEW_MS_DEFAULT = 5;

type Micro = readonly ["r" | "append", key: number, value: Json];

interface SimulatedNode {
  readonly id: string;
  readonly disk: LossyDisk;
  readonly skewMs: number;
  replica: AccordReplica | undefined;
  incarnation: number;
  timerAt: number;
  readonly waiting: Map<number, (result: Json | undefined) => void>;
  /** The values that were appended in a turn, by key, and their places. They count when the turn is synced. */
  readonly appended: (readonly [key: number, place: number, value: Json])[];
}

/** Lists that report each append. */
class Lists implements StateMachine {
  readonly #lists = new Map<number, Json[]>();
  readonly #onAppend: (key: number, place: number, value: Json) => void;

  constructor(onAppend: (key: number, place: number, value: Json) => void) {
    this.#onAppend = onAppend;
  }

  kind(command: Json): CommandKind {
    return microsOf(command).every(([f]) => f === "r") ? "read" : "write";
  }

  apply(command: Json): Json {
    return microsOf(command).map(([f, key, value]) => {
      const list = this.#lists.get(key) ?? [];
      if (f === "r") return [f, key, list.length === 0 ? null : [...list]];
      this.#onAppend(key, list.length, value);
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
  readonly #network: MachineNetwork<AccordMessage>;
  readonly #nodes: readonly SimulatedNode[];
  readonly #lists = new Map<number, Json[]>();
  readonly #decided = new Map<string, string>();
  readonly #blocked = new Set<string>();
  readonly #history: Event[] = [];
  #isFaulty = true;
  #value = 0;
  #process = 0;

  constructor(seed: number, profile: Profile) {
    this.#profile = profile;
    this.#random = new SeededRandom(seed);
    this.#network = new MachineNetwork<AccordMessage>({
      delays: () => this.#delays(),
      receive: (to, _from, message) => this.#receive(to, message),
    });
    this.#network.isBlocked = (from, to) => this.#blocked.has(`${from}>${to}`);
    const skewMs = profile.skewMs ?? SKEW_MS_DEFAULT;
    this.#nodes = Array.from({ length: profile.nodes }, (_, i) => ({
      id: `n${i}`,
      disk: new LossyDisk(),
      skewMs: skewMs * this.#random.next(),
      replica: undefined,
      incarnation: 0,
      timerAt: Infinity,
      waiting: new Map(),
      appended: [],
    }));
  }

  run(): void {
    for (const node of this.#nodes) this.#start(node);
    for (const node of this.#nodes) for (let i = 0; i < 2; i++) this.#client(node, this.#process++);
    this.#every(200, () => this.#partition());
    if (this.#profile.crashes) this.#every(250, () => this.#crash());
    this.#network.run(FAULTY_MS);
    this.#isFaulty = false;
    this.#blocked.clear();
    this.#network.run(FAULTY_MS + CALM_MS);
    let late = 0;
    for (const node of this.#nodes) {
      this.#submit(node, [["r", 0, null]], (result) => late += result === undefined ? 0 : 1);
    }
    this.#network.run(FAULTY_MS + 2 * CALM_MS);
    if (late < this.#nodes.length) {
      throw new Violation(`no progress: ${late} of ${this.#nodes.length} answered`);
    }
    this.#checkHistory();
  }

  #delays(): readonly number[] {
    const delay = () => this.#random.exponential(LATENCY_MS);
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

  /** Heals the network, splits it into two sides, or breaks some of its links in one direction. */
  #partition(): void {
    this.#blocked.clear();
    const isLinkwise = this.#random.chance(0.3);
    if (!isLinkwise && this.#random.chance(0.4)) return;
    const side = new Set(this.#nodes.filter(() => this.#random.chance(0.5)).map(({ id }) => id));
    for (const { id: a } of this.#nodes) {
      for (const { id: b } of this.#nodes) {
        const isBroken = isLinkwise ? this.#random.chance(0.35) : side.has(a) !== side.has(b);
        if (isBroken) this.#blocked.add(`${a}>${b}`);
      }
    }
  }

  #crash(): void {
    const node = this.#random.pick(this.#nodes);
    if (node.replica === undefined) return;
    this.#die(node);
    this.#network.after(this.#random.exponential(150), () => this.#start(node));
  }

  #die(node: SimulatedNode): void {
    node.replica = undefined;
    node.timerAt = Infinity;
    node.appended.length = 0;
    node.disk.crash(this.#random);
    this.#network.crash(node.id);
    const waiting = [...node.waiting.values()];
    node.waiting.clear();
    for (const done of waiting) done(undefined);
  }

  #now(node: SimulatedNode): number {
    return this.#network.now + node.skewMs;
  }

  #start(node: SimulatedNode): void {
    if (node.replica !== undefined) return;
    node.incarnation = this.#network.start(node.id);
    const storage = new RecordStorage(node.disk, ACCORD_FORMS);
    node.replica = new AccordReplica({
      id: node.id,
      nodes: this.#nodes.map(({ id }) => id),
      incarnation: storage.incarnation(() => node.id),
      thrifty: true,
      retryMs: 12,
      recoveryMs: 25,
      requestTimeoutMs: 200,
      pendingMax: 1000,
      batchIntervalMs: 0,
      snapshotRecords: 60,
    }, {
      machine: new Lists((...append) => node.appended.push(append)),
      keysOf: this.#profile.keysOf ?? keysOf,
      rules: this.#profile.rules,
      random: () => this.#random.next(),
      stored: storage.load(),
      now: this.#now(node),
    });
    this.#plan(node);
  }

  #receive(to: string, message: AccordMessage): void {
    const node = this.#nodes.find(({ id }) => id === to);
    if (node?.replica === undefined) return;
    node.replica.receive(message, this.#now(node));
    this.#turn(node);
  }

  #turn(node: SimulatedNode): void {
    const { replica } = node;
    if (replica === undefined) return;
    const { batches, messages, completed } = replica.turn(this.#now(node));
    const storage = new RecordStorage(node.disk, ACCORD_FORMS);
    for (const batch of batches) {
      if (this.#profile.save === undefined) storage.save(batch);
      else this.#profile.save(storage, batch);
    }
    if (this.#isFaulty && this.#profile.crashes && this.#random.chance(0.001)) {
      this.#die(node);
      this.#network.after(this.#random.exponential(150), () => this.#start(node));
      return;
    }
    node.disk.sync();
    for (const append of node.appended.splice(0)) this.#checkAppend(...append);
    for (const { records } of batches) for (const record of records) this.#checkDecision(record);
    const isLastTurn = this.#isFaulty && this.#profile.crashes && completed.length > 0 &&
      this.#random.chance(0.03);
    if (!isLastTurn) { for (const message of messages) this.#network.send(node.id, message.to, message); }
    for (const { id, outcome } of completed) {
      const done = node.waiting.get(id);
      node.waiting.delete(id);
      done?.(outcome.kind === "result" ? outcome.result : undefined);
    }
    if (!isLastTurn) return this.#plan(node);
    // The clients have their results, and the other nodes do not know of them.
    this.#die(node);
    this.#network.after(this.#random.exponential(400), () => this.#start(node));
  }

  /** Agreement: all nodes decide the same timestamp. */
  #checkDecision({ id, phase, commands, executeAt }: TransactionRecord): void {
    if (phase !== "committed") return;
    const text = JSON.stringify([commands, executeAt]);
    const known = this.#decided.get(id);
    if (known !== undefined && known !== text) {
      throw new Violation(`disagreement: ${id} is ${known} and ${text}`);
    }
    this.#decided.set(id, text);
  }

  /** Order: all nodes append the same values to a list. */
  #checkAppend(key: number, place: number, value: Json): void {
    let list = this.#lists.get(key);
    if (list === undefined) this.#lists.set(key, list = []);
    if (place > list.length) throw new Violation(`list ${key} lacks places before ${place}`);
    if (place === list.length) list.push(value);
    else if (list[place] !== value) {
      throw new Violation(`list ${key} has ${JSON.stringify([list[place], value])} at ${place}`);
    }
  }

  #checkHistory(): void {
    const { valid, anomalies } = checkListAppend(this.#history, {
      consistencyModels: ["strict-serializable"],
    });
    if (valid === false) {
      throw new Violation(`not strict-serializable: ${anomalies.map(({ type }) => type).join(", ")}`);
    }
  }

  #plan(node: SimulatedNode): void {
    const deadline = node.replica?.deadline ?? Infinity;
    const at = deadline - node.skewMs;
    if (!Number.isFinite(at) || at >= node.timerAt) return;
    const { incarnation } = node;
    node.timerAt = at;
    this.#network.at(Math.max(at, this.#network.now + 0.01), () => {
      if (!this.#network.isRunning(node.id, incarnation)) return;
      node.timerAt = Infinity;
      node.replica?.tick(this.#now(node));
      this.#turn(node);
    });
  }

  /** A client at a node: one transaction after another. */
  #client(node: SimulatedNode, process: number): void {
    if (!this.#isFaulty) return;
    const command = Array.from({ length: 1 + this.#random.below(3) }, (): Micro => {
      const key = this.#random.below(this.#profile.keys);
      return this.#random.chance(0.5) ? ["r", key, null] : ["append", key, ++this.#value];
    });
    this.#record({ process, type: "invoke", value: command });
    this.#submit(node, command, (result) => {
      this.#record({ process, type: result === undefined ? "info" : "ok", value: result ?? command });
      if (result !== undefined) this.answered++;
      const next = result === undefined ? this.#process++ : process;
      this.#network.after(this.#random.exponential(10), () => this.#client(node, next));
    });
  }

  #record(event: Pick<Event, "type" | "value"> & { readonly process: number }): void {
    const index = this.#history.length;
    this.#history.push({ ...event, index, time: Math.round(this.#network.now * 1e6) + index, f: "txn" });
  }

  #submit(node: SimulatedNode, command: readonly Micro[], done: (result: Json | undefined) => void): void {
    const id = node.replica?.submit(command, this.#now(node));
    if (id === undefined) {
      this.#network.after(50, () => done(undefined));
      return;
    }
    node.waiting.set(id, done);
    this.#turn(node);
  }
}
