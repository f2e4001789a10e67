/**
 * Simulates clusters of an engine without a leader under loss, duplication, reordering, partitions, skewed clocks and crashes. The engine's
 * own simulation adds its replicas, its clients and its checks.
 */

import type { DrivenReplica } from "../../../../lib/consensus/driver.ts";
import type { Surroundings } from "../../../../lib/consensus/leaderless/driver.ts";
import type { LeaderlessMessage } from "../../../../lib/consensus/leaderless/messages.ts";
import {
  type RecordBatch,
  type RecordForms,
  RecordStorage,
} from "../../../../lib/consensus/leaderless/record_storage.ts";
import type { KeyUse, LeaderlessConfig } from "../../../../lib/consensus/leaderless/types.ts";
import type { Json } from "../../../../lib/protocol/schema.ts";
import { SeededRandom } from "../../../../lib/sim/random.ts";
import { MachineNetwork } from "../../../support/machine_network.ts";
import { LossyDisk } from "../../raft/support/lossy_disk.ts";

/** The set-up of a simulation. */
export interface Profile<Record, Snapshot> {
  readonly nodes: number;
  /** The number of keys: the fewer, the more conflicts. */
  readonly keys: number;
  readonly crashes: boolean;
  /** The largest difference between clocks in ms. Default: 5. */
  readonly skewMs?: number;
  /** True if delays vary little. */
  readonly steady?: boolean;
  /** False if nodes have no store. Then at most f nodes crash, after all were admitted, and never take part again. Default: true. */
  readonly stores?: boolean;
  /** Planted in the place of the keys that commands use. */
  readonly keysOf?: (command: Json) => readonly KeyUse[];
  /** Planted in the place of what is stored. */
  readonly save?: (storage: RecordStorage<Record, Snapshot>, batch: RecordBatch<Record, Snapshot>) => void;
}

/** The outcome of a simulation. */
export interface Outcome {
  readonly violation: string | undefined;
  readonly answered: number;
}

/** A violated property. */
export class Violation extends Error {}

/** The properties of an engine in a simulation. Times are in ms. */
export interface SimulatedEngine<Record, Snapshot>
  extends Pick<LeaderlessConfig, "thrifty" | "retryMs" | "recoveryMs" | "requestTimeoutMs"> {
  readonly forms: RecordForms<Record, Snapshot>;
  /** The time with faults. */
  readonly faultyMs: number;
}

const CALM_MS = 5000;
const LATENCY_MS = 4;
const SKEW_MS_DEFAULT = 5;
const CLIENTS_PER_NODE = 2;
/** Mean times in ms between faults, and until a node that crashed starts again. */
const PARTITION_MS = 200;
const CRASH_MS = 250;
const DOWN_MS = 150;
const DOWN_AFTER_REPLY_MS = 400;

/** A node of a simulation. */
export interface SimulatedNode<Replica, Change> {
  readonly id: string;
  readonly disk: LossyDisk;
  readonly skewMs: number;
  replica: Replica | undefined;
  incarnation: number;
  timerAt: number;
  readonly waiting: Map<number, (result: Json | undefined) => void>;
  /** The changes of the state machine in a turn. They count when the turn is synced. */
  readonly changes: Change[];
}

/** The surroundings in which a replica starts. */
export interface Start<Record, Snapshot, Change>
  extends Omit<Surroundings<Record, Snapshot>, "machine" | "keysOf"> {
  /** Undefined if no other keys are planted. */
  readonly keysOf: ((command: Json) => readonly KeyUse[]) | undefined;
  /** Takes the changes of the state machine. */
  readonly changed: (change: Change) => void;
}

/** A command of a client. */
export interface Invocation {
  readonly command: Json;
  /** Takes its result; undefined if there is none. */
  readonly completed: (result: Json | undefined) => void;
}

type Driven<Part, Record, Snapshot> = DrivenReplica<LeaderlessMessage<Part>, RecordBatch<Record, Snapshot>>;

/** A cluster of replicas with its network, its disks, its faults and its clients. */
export abstract class Simulation<
  Part,
  Record,
  Snapshot,
  Replica extends Driven<Part, Record, Snapshot>,
  Change,
> {
  protected answered = 0;
  protected readonly random: SeededRandom;
  protected readonly nodes: readonly SimulatedNode<Replica, Change>[];
  readonly #profile: Profile<Record, Snapshot>;
  readonly #engine: SimulatedEngine<Record, Snapshot>;
  readonly #network: MachineNetwork<LeaderlessMessage<Part>>;
  readonly #blocked = new Set<string>();
  /** The nodes that have lost their state. */
  readonly #lost = new Set<string>();
  #isFaulty = true;
  #clients = 0;

  constructor(seed: number, profile: Profile<Record, Snapshot>, engine: SimulatedEngine<Record, Snapshot>) {
    this.#profile = profile;
    this.#engine = engine;
    this.random = new SeededRandom(seed);
    this.#network = new MachineNetwork<LeaderlessMessage<Part>>({
      delays: () => this.#delays(),
      receive: (to, _from, message) => this.#receive(to, message),
    });
    this.#network.isBlocked = (from, to) => this.#blocked.has(`${from}>${to}`);
    const { nodes, skewMs = SKEW_MS_DEFAULT } = profile;
    this.nodes = Array.from({ length: nodes }, (_, i) => ({
      id: `n${i}`,
      disk: new LossyDisk(),
      skewMs: skewMs * this.random.next(),
      replica: undefined,
      incarnation: 0,
      timerAt: Infinity,
      waiting: new Map(),
      changes: [],
    }));
  }

  /** Returns a new replica. */
  protected abstract replica(config: LeaderlessConfig, start: Start<Record, Snapshot, Change>): Replica;

  /** Draws the next command of a client. */
  protected abstract invoke(client: number): Invocation;

  /** Returns a command that reads. */
  protected abstract readonly readCommand: Json;

  /** Checks a change of a state machine. Throws {@linkcode Violation}. */
  protected abstract checkChange(change: Change): void;

  /** Checks a stored record. Throws {@linkcode Violation}. */
  protected abstract checkRecord(record: Record): void;

  /** Checks the whole history. Throws {@linkcode Violation}. */
  protected checkHistory(): void {}

  /** The time in ms. */
  protected get now(): number {
    return this.#network.now;
  }

  /** Runs the cluster with faults, then without, and returns the first violation. */
  run(): Outcome {
    try {
      this.#run();
      return { violation: undefined, answered: this.answered };
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      return { violation: error.message, answered: this.answered };
    }
  }

  #run(): void {
    const { faultyMs } = this.#engine;
    for (const node of this.nodes) this.#start(node);
    for (const node of this.nodes) {
      for (let i = 0; i < CLIENTS_PER_NODE; i++) this.#operate(node, this.#clients++);
    }
    this.#every(PARTITION_MS, () => this.#partition());
    if (this.#profile.crashes) this.#every(CRASH_MS, () => this.#crash(this.random.pick(this.nodes)));
    this.#network.run(faultyMs);
    this.#isFaulty = false;
    this.#blocked.clear();
    this.#network.run(faultyMs + CALM_MS);
    let late = 0;
    const serving = this.nodes.filter(({ id }) => !this.#lost.has(id));
    for (const node of serving) {
      this.#submit(node, this.readCommand, (result) => late += result === undefined ? 0 : 1);
    }
    this.#network.run(faultyMs + 2 * CALM_MS);
    if (late < serving.length) throw new Violation(`no progress: ${late} of ${serving.length} answered`);
    this.checkHistory();
  }

  #delays(): readonly number[] {
    const delay = () =>
      this.#profile.steady
        ? LATENCY_MS * (1 + 0.1 * this.random.next())
        : this.random.exponential(LATENCY_MS);
    if (!this.#isFaulty) return [delay()];
    if (this.random.chance(0.08)) return [];
    return this.random.chance(0.08) ? [delay(), 10 * delay()] : [delay()];
  }

  #every(meanMs: number, act: () => void): void {
    this.#network.after(this.random.exponential(meanMs), () => {
      if (!this.#isFaulty) return;
      act();
      this.#every(meanMs, act);
    });
  }

  /** Heals the network, splits it into two sides, or breaks some of its links in one direction. */
  #partition(): void {
    this.#blocked.clear();
    const isLinkwise = this.random.chance(0.3);
    if (!isLinkwise && this.random.chance(0.4)) return;
    const side = new Set(this.nodes.filter(() => this.random.chance(0.5)).map(({ id }) => id));
    for (const { id: a } of this.nodes) {
      for (const { id: b } of this.nodes) {
        const isBroken = isLinkwise ? this.random.chance(0.35) : side.has(a) !== side.has(b);
        if (isBroken) this.#blocked.add(`${a}>${b}`);
      }
    }
  }

  #crash(node: SimulatedNode<Replica, Change>, downMs = DOWN_MS): void {
    if (node.replica === undefined || !this.#mayCrash(node)) return;
    if (this.#profile.stores === false) this.#lost.add(node.id);
    node.replica = undefined;
    node.timerAt = Infinity;
    node.changes.length = 0;
    node.disk.crash(this.random);
    this.#network.crash(node.id);
    const waiting = [...node.waiting.values()];
    node.waiting.clear();
    for (const done of waiting) done(undefined);
    this.#network.after(this.random.exponential(downMs), () => this.#start(node));
  }

  /** Returns true if a node may crash. Without stores, all must have been admitted: after the loss of one, no other could be. */
  #mayCrash({ id }: SimulatedNode<Replica, Change>): boolean {
    if ((this.#profile.stores ?? true) || this.#lost.has(id)) return true;
    const isMajority = 2 * (this.nodes.length - this.#lost.size - 1) > this.nodes.length;
    return isMajority &&
      this.nodes.every((node) => this.#lost.has(node.id) || node.replica?.isEligible === true);
  }

  /** The time at a node. */
  #nowAt({ skewMs }: SimulatedNode<Replica, Change>): number {
    return this.now + skewMs;
  }

  #storage({ disk }: SimulatedNode<Replica, Change>): RecordStorage<Record, Snapshot> {
    const { stores = true } = this.#profile;
    return new RecordStorage(stores ? disk : new LossyDisk(), this.#engine.forms);
  }

  #start(node: SimulatedNode<Replica, Change>): void {
    if (node.replica !== undefined) return;
    node.incarnation = this.#network.start(node.id);
    const storage = this.#storage(node);
    const { thrifty, retryMs, recoveryMs, requestTimeoutMs } = this.#engine;
    const { keysOf, stores = true } = this.#profile;
    node.replica = this.replica({
      id: node.id,
      nodes: this.nodes.map(({ id }) => id),
      incarnation: storage.incarnation(() => `${node.id}${stores ? "" : node.incarnation}`),
      thrifty,
      retryMs,
      recoveryMs,
      requestTimeoutMs,
      pendingMax: 1000,
      batchIntervalMs: 0,
      snapshotRecords: 60,
    }, {
      keysOf,
      random: () => this.random.next(),
      stored: storage.load(),
      now: this.#nowAt(node),
      changed: (change) => void node.changes.push(change),
    });
    this.#plan(node);
  }

  #receive(to: string, message: LeaderlessMessage<Part>): void {
    const node = this.nodes.find(({ id }) => id === to);
    if (node?.replica === undefined) return;
    node.replica.receive(message, this.#nowAt(node));
    this.#turn(node);
  }

  #turn(node: SimulatedNode<Replica, Change>): void {
    const { replica } = node;
    if (replica === undefined) return;
    const { batches, messages, completed } = replica.turn(this.#nowAt(node));
    const storage = this.#storage(node);
    for (const batch of batches) {
      if (this.#profile.save === undefined) storage.save(batch);
      else this.#profile.save(storage, batch);
    }
    const mayCrash = this.#isFaulty && this.#profile.crashes && this.#mayCrash(node);
    if (mayCrash && this.random.chance(0.001)) return this.#crash(node);
    node.disk.sync();
    for (const change of node.changes.splice(0)) this.checkChange(change);
    for (const { records } of batches) for (const record of records) this.checkRecord(record);
    // In a node's last turn, its clients have their results, and the other nodes do not know of them.
    const isLast = mayCrash && completed.length > 0 && this.random.chance(0.03);
    if (!isLast) { for (const message of messages) this.#network.send(node.id, message.to, message); }
    for (const { id, outcome } of completed) {
      const done = node.waiting.get(id);
      node.waiting.delete(id);
      done?.(outcome.kind === "result" ? outcome.result : undefined);
    }
    if (isLast) this.#crash(node, DOWN_AFTER_REPLY_MS);
    else this.#plan(node);
  }

  #plan(node: SimulatedNode<Replica, Change>): void {
    const at = (node.replica?.deadline ?? Infinity) - node.skewMs;
    if (!Number.isFinite(at) || at >= node.timerAt) return;
    const { incarnation } = node;
    node.timerAt = at;
    this.#network.at(Math.max(at, this.now + 0.01), () => {
      if (!this.#network.isRunning(node.id, incarnation)) return;
      node.timerAt = Infinity;
      node.replica?.tick(this.#nowAt(node));
      this.#turn(node);
    });
  }

  /** Runs a client at a node: one command after another. After one without a result, it is another client. */
  #operate(node: SimulatedNode<Replica, Change>, client: number): void {
    if (!this.#isFaulty) return;
    const { command, completed } = this.invoke(client);
    this.#submit(node, command, (result) => {
      if (result !== undefined) this.answered++;
      completed(result);
      const next = result === undefined ? this.#clients++ : client;
      this.#network.after(this.random.exponential(10), () => this.#operate(node, next));
    });
  }

  #submit(
    node: SimulatedNode<Replica, Change>,
    command: Json,
    done: (result: Json | undefined) => void,
  ): void {
    const id = node.replica?.submit(command, this.#nowAt(node));
    if (id === undefined) {
      this.#network.after(50, () => done(undefined));
      return;
    }
    node.waiting.set(id, done);
    this.#turn(node);
  }
}
