/** A cluster of replicas on a {@linkcode MachineNetwork}, with faults of the network, the clocks, the disks and the processes. */

import {
  type CompletedRequest,
  type Membership,
  type NodeId,
  Replica,
  type ReplicaConfig,
  type Sessions,
  type Turn,
} from "../../../../lib/consensus/mod.ts";
import type { RaftMessage } from "../../../../lib/consensus/raft/messages.ts";
import {
  type Message,
  type PersistentState,
  Raft,
  type RaftConfig,
  type RaftReplica,
  RaftStorage,
  type Ready,
} from "../../../../lib/consensus/raft/mod.ts";
import type { SafetyRules } from "../../../../lib/consensus/raft/safety_rules.ts";
import { LossyDisk } from "./lossy_disk.ts";
import type { SeededRandom } from "../../../../lib/sim/random.ts";
import { MachineNetwork } from "../../../support/machine_network.ts";
import { Register } from "../../support/register.ts";
import { Safety, SafetyViolation } from "./safety.ts";

/** A node's clock: `rate` times as fast as real time, and some ms ahead. */
interface NodeClock {
  rate: number;
  readAt: number; // real
  reading: number; // own
}

/** The point of a turn at which a node is killed. */
export type KillPoint = "between_turns" | "before_sync" | "after_sync";

interface NodeState {
  readonly id: NodeId;
  readonly clock: NodeClock;
  disk: LossyDisk;
  incarnation: number;
  replica: RaftReplica | undefined;
  paused: boolean;
  killAt: KillPoint | undefined;
  inbox: RaftMessage[];
  readonly submissions: { readonly client: number; readonly command: unknown }[];
  turnAt: number; // time of the next turn; Infinity if none is planned
  turnToken: number;
  /** The client of each pending request of this incarnation. */
  readonly waiting: Map<number, number>;
}

/** Settings of a world. */
export interface WorldConfig {
  readonly nodes: readonly NodeId[];
  readonly membership: Membership;
  readonly replica: (id: NodeId, incarnation: string) => ReplicaConfig & { readonly raft: RaftConfig };
  /** True if nodes have disks. */
  readonly disks: boolean;
  /** True if a disk may be lost, so that an incarnation lasts as long as its disk. */
  readonly disksMayBeLost: boolean;
  readonly random: SeededRandom;
  /** Planted bugs, as the next two. */
  readonly rules?: SafetyRules | undefined;
  readonly sessions?: ((max: number) => Sessions) | undefined;
  readonly disk?: (() => LossyDisk) | undefined;
  /** Called with each change of a register; returns the problem, if there is one. */
  readonly onChange: (value: number, version: number) => string | undefined;
  /** Called when a client's request is completed, or with undefined when its node died. */
  readonly onCompleted: (client: number, completed: CompletedRequest | undefined) => void;
}

/** Faults of the network. */
export interface NetworkConditions {
  latencyMsMean: number;
  loss: number;
  duplication: number;
}

/** Nodes, clocks, disks, a network, and a queue of events. */
export class World {
  readonly safety = new Safety();
  readonly network: NetworkConditions = { latencyMsMean: 3, loss: 0, duplication: 0 };
  readonly blocked = new Set<string>(); // "from>to"
  readonly messages = new Map<string, number>(); // sent, by type
  readonly trace: string[] | undefined;
  readonly #config: WorldConfig;
  readonly #nodes = new Map<NodeId, NodeState>();
  readonly #random: SeededRandom;
  readonly #machines: MachineNetwork<RaftMessage>;

  constructor(config: WorldConfig, options: { readonly trace?: boolean } = {}) {
    this.#config = config;
    this.#random = config.random;
    this.trace = options.trace ? [] : undefined;
    this.#machines = new MachineNetwork({
      delays: () => this.#delays(),
      receive: (_to, _from, message) => this.#deliver(message),
    });
    this.#machines.isBlocked = (from, to) => this.blocked.has(`${from}>${to}`);
    for (const id of config.nodes) {
      this.#nodes.set(id, {
        id,
        clock: { rate: 1, readAt: 0, reading: this.#random.uniform(0, 1000) },
        disk: config.disk?.() ?? new LossyDisk(),
        incarnation: 0,
        replica: undefined,
        paused: false,
        killAt: undefined,
        inbox: [],
        submissions: [],
        turnAt: Infinity,
        turnToken: 0,
        waiting: new Map(),
      });
    }
  }

  get now(): number {
    return this.#machines.now;
  }

  /** The number of events that have run. */
  get events(): number {
    return this.#machines.events;
  }

  get nodeIds(): readonly NodeId[] {
    return this.#config.nodes;
  }

  /** Schedules an event. */
  after(delayMs: number, fire: () => void): void {
    this.#machines.after(delayMs, fire);
  }

  /** Runs all events up to a time. */
  run(until: number): void {
    this.#machines.run(until);
  }

  /** Starts a node that is down. */
  start(id: NodeId): void {
    const node = this.node(id);
    if (node.replica !== undefined) return;
    node.incarnation = this.#machines.start(id);
    const incarnation = `${id}.${node.incarnation}`;
    const random = this.#random.split(incarnation);
    const { disks, disksMayBeLost, membership } = this.#config;
    let config = this.#config.replica(id, incarnation);
    let persistent: PersistentState = {
      hardState: { term: 0, vote: undefined, eligible: false },
      snapshot: undefined,
      entries: [],
      membership,
    };
    if (disks) {
      const storage = new RaftStorage(node.disk);
      if (disksMayBeLost) {
        config = { ...config, raft: { ...config.raft, incarnation: storage.incarnation(() => incarnation) } };
      }
      persistent = storage.load(membership);
    }
    this.safety.started(id, persistent);
    this.#log(`${id} starts, incarnation ${node.incarnation}, term ${persistent.hardState.term}`);
    const now = this.clockOf(id);
    const environment = { random: () => random.next(), now };
    node.replica = new Replica<Message, Ready, Raft>(config, {
      client: incarnation,
      machine: new Register((value, version) => {
        const problem = this.#config.onChange(value, version);
        if (problem !== undefined) throw new SafetyViolation("register", problem);
      }),
      engine: new Raft(config.raft, persistent, environment, this.#config.rules),
      snapshot: persistent.snapshot,
      now,
      sessions: this.#config.sessions?.(config.sessionsMax),
    });
    node.inbox = [];
    node.killAt = undefined;
    node.paused = false;
    this.#storages.set(node, new RaftStorage(node.disk));
    if (this.#config.disks) this.#storageOf(node).load(this.#config.membership);
    this.#plan(node);
  }

  readonly #storages = new Map<NodeState, RaftStorage>();

  #storageOf(node: NodeState): RaftStorage {
    const storage = this.#storages.get(node);
    if (storage === undefined) throw new Error(`${node.id} was never started`);
    return storage;
  }

  /** Kills a node: at once, or inside its next turn. */
  kill(id: NodeId, point: KillPoint): void {
    const node = this.node(id);
    if (node.replica === undefined) return;
    if (point === "between_turns") this.#die(node);
    else node.killAt = point;
  }

  #die(node: NodeState): void {
    this.#log(`${node.id} dies`);
    node.replica = undefined;
    this.#machines.crash(node.id);
    node.disk.crash(this.#random);
    node.inbox = [];
    const clients = [...node.waiting.values(), ...node.submissions.map(({ client }) => client)];
    node.submissions.length = 0;
    node.turnAt = Infinity;
    node.turnToken++;
    node.waiting.clear();
    for (const client of clients) this.#config.onCompleted(client, undefined);
  }

  /** Replaces the disk of a node that is down by an empty one. */
  loseDisk(id: NodeId): void {
    const node = this.node(id);
    if (node.replica !== undefined) return;
    this.#log(`${id} loses its disk`);
    node.disk = this.#config.disk?.() ?? new LossyDisk();
  }

  pause(id: NodeId): void {
    const node = this.node(id);
    node.paused = true;
    node.turnToken++;
    node.turnAt = Infinity;
    this.#log(`${id} pauses`);
  }

  resume(id: NodeId): void {
    const node = this.node(id);
    if (!node.paused) return;
    node.paused = false;
    this.#log(`${id} resumes`);
    this.#plan(node);
  }

  /** Changes the rate of a node's clock. */
  setRate(id: NodeId, rate: number): void {
    const { clock } = this.node(id);
    clock.reading = this.clockOf(id);
    clock.readAt = this.now;
    clock.rate = rate;
    this.#replan(id);
  }

  /** Moves a node's clock forward. */
  jump(id: NodeId, ms: number): void {
    this.node(id).clock.reading += ms;
    this.#log(`${id}'s clock jumps by ${ms.toFixed(0)}`);
    this.#replan(id);
  }

  #replan(id: NodeId): void {
    const node = this.node(id);
    node.turnAt = Infinity;
    node.turnToken++;
    this.#plan(node);
  }

  /** Returns the time on a node's clock. */
  clockOf(id: NodeId): number {
    const { rate, readAt, reading } = this.node(id).clock;
    return reading + (this.now - readAt) * rate;
  }

  /** Returns a node's replica, if it runs. */
  replica(id: NodeId): RaftReplica | undefined {
    return this.node(id).replica;
  }

  isPaused(id: NodeId): boolean {
    return this.node(id).paused;
  }

  diskOf(id: NodeId): LossyDisk {
    return this.node(id).disk;
  }

  node(id: NodeId): NodeState {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`there is no node ${id}`);
    return node;
  }

  /** Submits a client's request to a node. Returns false if the node is down. */
  submit(id: NodeId, request: { readonly client: number; readonly command: unknown }): boolean {
    const node = this.node(id);
    if (node.replica === undefined) return false;
    node.submissions.push(request);
    this.#wake(node, 0);
    return true;
  }

  /** Gives a node's replica an input and ends its turn. */
  act(id: NodeId, act: (replica: RaftReplica, now: number) => void): void {
    const node = this.node(id);
    if (node.replica === undefined || node.paused) return;
    act(node.replica, this.clockOf(id));
    this.#turn(node);
  }

  #deliver(message: RaftMessage): void {
    const node = this.node(message.to);
    if (node.replica === undefined) return;
    node.inbox.push(message);
    this.#wake(node, this.#random.chance(0.3) ? 1 : 0); // some wait, so that seenMany come in one turn
  }

  /** Plans a node's next turn soon, for input that has arrived. */
  #wake(node: NodeState, delayMs: number): void {
    if (!node.paused && node.turnAt > this.now + delayMs) this.#planAt(node, this.now + delayMs);
  }

  /** Plans a node's next turn, for input that has arrived or for its deadline. */
  #plan(node: NodeState): void {
    if (node.replica === undefined || node.paused) return;
    if (node.inbox.length > 0 || node.submissions.length > 0) return this.#wake(node, 0);
    const { rate, readAt, reading } = node.clock;
    const at = readAt + (node.replica.deadline - reading) / rate;
    if (at < node.turnAt) this.#planAt(node, Math.max(at, this.now + 0.01)); // the resolution of clocks
  }

  #planAt(node: NodeState, at: number): void {
    if (!Number.isFinite(at)) return;
    node.turnAt = at;
    const token = ++node.turnToken;
    this.after(at - this.now, () => {
      if (token !== node.turnToken) return;
      this.#turn(node);
    });
  }

  #turn(node: NodeState): void {
    const { replica } = node;
    if (replica === undefined || node.paused) return;
    node.turnAt = Infinity;
    node.turnToken++;
    const now = this.clockOf(node.id);
    const { inbox } = node;
    node.inbox = [];
    for (const message of inbox) replica.receive(message, now);
    for (const { client, command } of node.submissions.splice(0)) {
      const id = replica.submit(JSON.parse(JSON.stringify(command)), now);
      if (id === undefined) this.#config.onCompleted(client, undefined);
      else node.waiting.set(id, client);
    }
    replica.tick(now);
    const turn = replica.turn(now);
    const incarnation = `${node.id}.${node.incarnation}`;
    for (const ready of turn.batches) {
      if (this.#config.disks) this.#storageOf(node).save(ready);
      this.safety.turned(node.id, ready, incarnation);
    }
    if (node.killAt === "before_sync") return this.#die(node);
    node.disk.sync();
    if (node.killAt === "after_sync") return this.#die(node);
    this.#send(turn);
    for (const completed of turn.completed) {
      const client = node.waiting.get(completed.id);
      if (client === undefined) continue;
      node.waiting.delete(completed.id);
      this.#config.onCompleted(client, completed);
    }
    this.#plan(node);
  }

  #send({ messages }: Turn<Message, Ready>): void {
    for (const message of messages) {
      this.messages.set(message.type, (this.messages.get(message.type) ?? 0) + 1);
      this.#log(`${message.from} -> ${message.to} ${JSON.stringify(message)}`);
      this.#machines.send(message.from, message.to, message);
    }
  }

  /** Draws the delays of a message's copies: mostly near the mean, sometimes much later than messages sent later. */
  #delays(): number[] {
    const { loss, duplication, latencyMsMean } = this.network;
    const copies = this.#random.chance(loss) ? 0 : this.#random.chance(duplication) ? 2 : 1;
    return Array.from({ length: copies }, () => {
      const spread = this.#random.chance(0.02) ? 20 : 1;
      return latencyMsMean * (0.5 + this.#random.next()) * spread;
    });
  }

  #log(text: string): void {
    this.trace?.push(`${this.now.toFixed(2)} ${text}`);
  }
}
