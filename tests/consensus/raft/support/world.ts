/** A cluster in one process and in virtual time, with everything that can go wrong with it. */

import {
  type Answer,
  type Membership,
  type NodeId,
  type PersistentState,
  RaftStorage,
  Replica,
  type ReplicaConfig,
  type ReplicaMessage,
  type Sessions,
  type Turn,
} from "../../../../lib/consensus/mod.ts";
import type { SafetyRules } from "../../../../lib/consensus/raft/safety_rules.ts";
import { EventQueue } from "../../../../lib/sim/event_queue.ts";
import { LossyDisk } from "./lossy_disk.ts";
import type { SeededRandom } from "../../../../lib/sim/random.ts";
import { Register } from "../../support/register.ts";
import { Safety, SafetyViolation } from "./safety.ts";

/** A node's clock: `rate` times as fast as real time, and some ms ahead. */
interface NodeClock {
  rate: number;
  readAt: number; // real
  reading: number; // own
}

/** Where a node is cut off when it is killed. */
export type KillPoint = "between_turns" | "before_sync" | "after_sync";

interface NodeState {
  readonly id: NodeId;
  readonly clock: NodeClock;
  disk: LossyDisk;
  incarnation: number;
  replica: Replica | undefined;
  paused: boolean;
  killAt: KillPoint | undefined;
  inbox: ReplicaMessage[];
  readonly submissions: { readonly client: number; readonly command: unknown }[];
  turnAt: number; // when its next turn takes place; Infinity if none is planned
  turnToken: number;
  /** Which client waits for which request of this incarnation. */
  readonly waiting: Map<number, number>;
}

/** What a world is made of. */
export interface WorldConfig {
  readonly nodes: readonly NodeId[];
  readonly membership: Membership;
  readonly replica: (id: NodeId, incarnation: string) => ReplicaConfig;
  /** Whether nodes have disks. */
  readonly disks: boolean;
  /** Whether a disk may be lost, so that an incarnation lasts as long as its disk. */
  readonly disksMayBeLost: boolean;
  /** Whether all is forgotten when one is killed, and it starts as if for the first time. */
  readonly random: SeededRandom;
  readonly rules?: SafetyRules;
  readonly sessions?: (max: number) => Sessions;
  /** What a disk does instead; for planted bugs. */
  readonly disk?: () => LossyDisk;
  /** Called with a changed register; returns what is wrong with it. */
  readonly onChange: (value: number, version: number) => string | undefined;
  /** Called when a client's request is done, or its node died (undefined). */
  readonly onAnswer: (client: number, answer: Answer | undefined) => void;
}

/** How the network behaves. */
export interface NetworkConditions {
  latencyMsMean: number;
  loss: number;
  duplication: number;
}

/** Nodes, clocks, disks, a network, and a queue of what will happen. */
export class World {
  now = 0;
  readonly safety = new Safety();
  readonly network: NetworkConditions = { latencyMsMean: 3, loss: 0, duplication: 0 };
  readonly blocked = new Set<string>(); // "from>to"
  readonly messages = new Map<string, number>(); // sent, by type
  readonly trace: string[] | undefined;
  events = 0;
  readonly #config: WorldConfig;
  readonly #nodes = new Map<NodeId, NodeState>();
  readonly #random: SeededRandom;
  readonly #queue = new EventQueue();

  constructor(config: WorldConfig, options: { readonly trace?: boolean } = {}) {
    this.#config = config;
    this.#random = config.random;
    this.trace = options.trace ? [] : undefined;
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

  get nodeIds(): readonly NodeId[] {
    return this.#config.nodes;
  }

  /** Lets something happen later. */
  after(delayMs: number, fire: () => void): void {
    this.#queue.push(this.now + delayMs, fire);
  }

  /** Runs until a moment. */
  run(until: number): void {
    for (let next = this.#queue.peek(); next !== undefined && next.at <= until; next = this.#queue.peek()) {
      this.#queue.pop();
      this.now = next.at;
      this.events++;
      next.fire?.();
    }
    this.now = until;
  }

  /** Starts a node that is down. */
  start(id: NodeId): void {
    const node = this.node(id);
    if (node.replica !== undefined) return;
    node.incarnation++;
    const incarnation = `${id}.${node.incarnation}`;
    const random = this.#random.split(incarnation);
    const { disks, disksMayBeLost, membership } = this.#config;
    let config = this.#config.replica(id, incarnation);
    let restored: PersistentState = {
      hardState: { term: 0, vote: undefined, eligible: false },
      snapshot: undefined,
      entries: [],
      membership,
    };
    if (disks) {
      const records = new RaftStorage(node.disk);
      if (disksMayBeLost) {
        config = { ...config, raft: { ...config.raft, incarnation: records.incarnation(() => incarnation) } };
      }
      restored = records.load(membership);
    }
    this.safety.started(id, restored);
    this.#log(`${id} starts, incarnation ${node.incarnation}, term ${restored.hardState.term}`);
    node.replica = new Replica(config, {
      client: incarnation,
      machine: new Register((value, version) => {
        const problem = this.#config.onChange(value, version);
        if (problem !== undefined) throw new SafetyViolation("register", problem);
      }),
      restored,
      environment: {
        random: () => random.next(),
        now: this.clockOf(id),
        ...(this.#config.rules === undefined ? {} : { rules: this.#config.rules }),
      },
      ...(this.#config.sessions === undefined ? {} : { sessions: this.#config.sessions(config.sessionsMax) }),
    });
    node.inbox = [];
    node.killAt = undefined;
    node.paused = false;
    this.#records.set(node, new RaftStorage(node.disk));
    if (this.#config.disks) this.#recordsOf(node).load(this.#config.membership);
    this.#plan(node);
  }

  readonly #records = new Map<NodeState, RaftStorage>();

  #recordsOf(node: NodeState): RaftStorage {
    const records = this.#records.get(node);
    if (records === undefined) throw new Error(`${node.id} was never started`);
    return records;
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
    node.disk.crash(this.#random);
    node.inbox = [];
    const clients = [...node.waiting.values(), ...node.submissions.map(({ client }) => client)];
    node.submissions.length = 0;
    node.turnAt = Infinity;
    node.turnToken++;
    node.waiting.clear();
    for (const client of clients) this.#config.onAnswer(client, undefined);
  }

  /** Takes away the disk of a node that is down; it gets an empty one. */
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

  /** Changes how fast a node's clock goes. */
  setRate(id: NodeId, rate: number): void {
    const { clock } = this.node(id);
    clock.reading = this.clockOf(id);
    clock.readAt = this.now;
    clock.rate = rate;
    this.#replan(id);
  }

  /** Lets a node's clock jump forward. */
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

  /** What a node's clock shows. */
  clockOf(id: NodeId): number {
    const { rate, readAt, reading } = this.node(id).clock;
    return reading + (this.now - readAt) * rate;
  }

  /** A node's replica, if it runs. */
  replica(id: NodeId): Replica | undefined {
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

  /** A client asks a node for something; false if that is down. */
  submit(id: NodeId, request: { readonly client: number; readonly command: unknown }): boolean {
    const node = this.node(id);
    if (node.replica === undefined) return false;
    node.submissions.push(request);
    this.#wake(node, 0);
    return true;
  }

  /** Does something with a node's replica inside a turn. */
  act(id: NodeId, act: (replica: Replica, now: number) => void): void {
    const node = this.node(id);
    if (node.replica === undefined || node.paused) return;
    act(node.replica, this.clockOf(id));
    this.#turn(node);
  }

  #deliver(message: ReplicaMessage): void {
    const node = this.node(message.to);
    if (node.replica === undefined || this.blocked.has(`${message.from}>${message.to}`)) return;
    node.inbox.push(message);
    this.#wake(node, this.#random.chance(0.3) ? 1 : 0); // some wait, so that seenMany come in one turn
  }

  /** Plans a node's next turn: soon, for what has come. */
  #wake(node: NodeState, delayMs: number): void {
    if (!node.paused && node.turnAt > this.now + delayMs) this.#planAt(node, this.now + delayMs);
  }

  /** Plans a node's next turn: for what has come, or for its deadline. */
  #plan(node: NodeState): void {
    if (node.replica === undefined || node.paused) return;
    if (node.inbox.length > 0 || node.submissions.length > 0) return this.#wake(node, 0);
    const { rate, readAt, reading } = node.clock;
    const at = readAt + (node.replica.deadline - reading) / rate;
    if (at < node.turnAt) this.#planAt(node, Math.max(at, this.now + 0.01)); // clocks do not resolve less
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
      if (id === undefined) this.#config.onAnswer(client, undefined);
      else node.waiting.set(id, client);
    }
    replica.tick(now);
    const turn = replica.turn(now);
    const incarnation = `${node.id}.${node.incarnation}`;
    for (const ready of turn.batches) {
      if (this.#config.disks) this.#recordsOf(node).save(ready);
      this.safety.turned(node.id, ready, incarnation);
    }
    if (node.killAt === "before_sync") return this.#die(node);
    node.disk.sync();
    if (node.killAt === "after_sync") return this.#die(node);
    this.#send(turn);
    for (const answer of turn.answers) {
      const client = node.waiting.get(answer.id);
      if (client === undefined) continue;
      node.waiting.delete(answer.id);
      this.#config.onAnswer(client, answer);
    }
    this.#plan(node);
  }

  #send({ messages }: Turn): void {
    const { network } = this;
    for (const message of messages) {
      this.messages.set(message.type, (this.messages.get(message.type) ?? 0) + 1);
      this.#log(`${message.from} -> ${message.to} ${JSON.stringify(message)}`);
      const copies = this.#random.chance(network.loss) ? 0 : this.#random.chance(network.duplication) ? 2 : 1;
      for (let i = 0; i < copies; i++) {
        // Mostly near the mean; now and then much later, behind what was sent after it.
        const spread = this.#random.chance(0.02) ? 20 : 1;
        const delay = network.latencyMsMean * (0.5 + this.#random.next()) * spread;
        this.after(delay, () => this.#deliver(message));
      }
    }
  }

  #log(text: string): void {
    this.trace?.push(`${this.now.toFixed(2)} ${text}`);
  }
}
