/**
 * The state of an EPaxos node, and the steps that several parts take. Tested by `tests/consensus/epaxos/simulation_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { NodeId } from "../types.ts";
import {
  coordinatorOf,
  instanceId,
  InstanceSet,
  isUpTo,
  numberOf,
  unionOf,
} from "../leaderless/instance_ids.ts";
import { KeyIndex } from "./key_index.ts";
import { PeerClocks } from "../leaderless/peer_clocks.ts";
import { type EpaxosRules, type Quorums, SAFETY_RULES } from "./safety_rules.ts";
import type { Commands, Floor, InstanceId, KeyUse } from "../leaderless/types.ts";
import type { Deps, EpaxosConfig, EpaxosMessage, InstanceRecord, Part, Phase } from "./types.ts";

/** The weight of the latest round trip in the average, and the number of average round trips before a request is sent again. */
const ROUND_TRIP_WEIGHT = 0.1;
const ROUND_TRIPS_PER_RETRY = 1.5;

/** Time in ms that a commit waits for a message to ride with, if no other instance waits for it. */
const RIDING_MS = 50;

/** The replies that a node collects for an instance in a ballot. */
export type Attempt =
  | { readonly kind: "pre_accept"; readonly deps: Map<NodeId, Deps> }
  | { readonly kind: "accept"; readonly from: Set<NodeId> }
  | { readonly kind: "recover"; readonly records: Map<NodeId, InstanceRecord> }
  | {
    readonly kind: "validate";
    readonly quorum: ReadonlySet<NodeId>;
    readonly from: Set<NodeId>;
    /** The number of replies that kept the initial dependencies. */
    readonly unchanged: number;
    /** The conflicting instances, and whether one is committed. */
    readonly conflicts: Map<InstanceId, boolean>;
  }
  | { readonly kind: "wait"; readonly conflicts: Set<InstanceId> };

/** The keys that commands use, and whether they write them. */
export type Uses = ReadonlyMap<string, boolean>;

/** Returns true if commands with these uses conflict. */
export function conflict(a: Uses, b: Uses): boolean {
  for (const [key, writes] of a) {
    const otherWrites = b.get(key);
    if (otherWrites !== undefined && (writes || otherWrites)) return true;
  }
  return false;
}

/** An instance at this node. */
export interface Instance {
  readonly id: InstanceId;
  readonly coordinator: NodeId;
  readonly number: number;
  ballot: number;
  acceptedBallot: number;
  phase: Phase;
  commands: Commands | undefined;
  deps: Deps;
  initialCommands: Commands | undefined;
  initialDeps: Deps;
  /** The uses of its commands. Empty while they are unknown. */
  uses: Uses;
  /** A dependency that is not committed, because of which it cannot be executed; as found last. */
  blocker: Instance | undefined;
  /** The dependencies after which it is executed; undefined while one of them is not committed. */
  order: readonly InstanceId[] | undefined;
  /** The replies that this node collects in the ballot `ballot`. */
  attempt: Attempt | undefined;
  /** The message of the attempt, which is sent again to nodes that have not replied. */
  request: Part | undefined;
  /** The time at which this node learned of it. */
  readonly knownAt: number;
  /** The time at which the request was sent first, and last. */
  firstSentAt: number;
  sentAt: number;
  /** The time at which the instance was last known to progress. */
  progressAt: number;
}

/** The surroundings of a node. */
export interface EpaxosEnvironment {
  /** Returns the keys that a command uses. */
  readonly keysOf: (command: Json) => readonly KeyUse[];
  readonly random: () => number;
  readonly rules?: EpaxosRules | undefined;
}

/** The state. */
export class EpaxosCore {
  readonly config: EpaxosConfig;
  readonly rules: EpaxosRules;
  readonly quorums: Quorums;
  readonly instances = new Map<InstanceId, Instance>();
  /** The instances that are not committed. */
  readonly open = new Set<Instance>();
  /** The instances that are committed and not executed. */
  readonly unexecuted = new Set<Instance>();
  readonly keys: KeyIndex;
  readonly clocks = new PeerClocks();
  /** The instances that this node has executed, with those that became empty. */
  executed = new InstanceSet();
  readonly #executedBy = new Map<NodeId, Floor>();
  #floor: Floor = {};
  /** The instances that this node has heard of, because others depend on them. */
  #noticed: Floor = {};
  #roundTripMs = 0;
  /** The deleted instances of which the keys are forgotten: they may conflict with any. */
  #forgotten: Floor = {};
  readonly #outbox = new Map<NodeId, Part[]>();
  /** The parts that wait for a message to their node. */
  /** The time of the oldest request to a node since its last message. */
  readonly #askedAt = new Map<NodeId, number>();
  readonly #riding = new Map<NodeId, { readonly parts: Part[]; readonly sendAt: number }>();
  readonly #changed = new Set<Instance>();
  readonly #environment: EpaxosEnvironment;
  readonly #others: readonly NodeId[];
  /** True if an instance was committed since the last execution. */
  hasNewCommits = false;
  now: number;

  constructor(config: EpaxosConfig, environment: EpaxosEnvironment, now: number) {
    this.config = config;
    this.#environment = environment;
    this.rules = environment.rules ?? SAFETY_RULES;
    this.keys = new KeyIndex(this.rules);
    this.quorums = this.rules.quorums(config.nodes.length);
    this.#others = config.nodes.filter((node) => node !== config.id);
    this.now = now;
  }

  get others(): readonly NodeId[] {
    return this.#others;
  }

  get random(): number {
    return this.#environment.random();
  }

  /** The instances that every node is known to have executed. Their records are deleted. */
  get floor(): Floor {
    return this.#floor;
  }

  /** Restores the floor of a snapshot. */
  restoreFloor(floor: Floor): void {
    this.#floor = this.#forgotten = this.#noticed = floor;
  }

  /** Returns true if every node has executed an instance. */
  isStable(id: InstanceId): boolean {
    return isUpTo(this.#floor, id);
  }

  /** Returns an instance. One that was unknown is recovered if it does not progress. */
  instance(id: InstanceId): Instance {
    let instance = this.instances.get(id);
    if (instance === undefined) {
      instance = {
        id,
        coordinator: coordinatorOf(id),
        number: numberOf(id),
        ballot: 0,
        acceptedBallot: 0,
        phase: "unknown",
        commands: undefined,
        deps: {},
        initialCommands: undefined,
        initialDeps: {},
        uses: new Map(),
        blocker: undefined,
        order: undefined,
        attempt: undefined,
        request: undefined,
        firstSentAt: -Infinity,
        sentAt: -Infinity,
        knownAt: this.now,
        progressAt: this.now,
      };
      this.instances.set(id, instance);
      this.open.add(instance);
    }
    return instance;
  }

  /** Makes sure that instances on which others depend are recovered if they do not progress. */
  notice(deps: Deps): void {
    for (const [coordinator, last] of Object.entries(deps)) {
      const first = Math.max(this.#noticed[coordinator] ?? 0, this.executed.numberOf(coordinator)) + 1;
      for (let number = first; number <= last; number++) {
        const id = instanceId(coordinator, number);
        if (!this.executed.has(id)) this.instance(id);
      }
    }
    this.#noticed = unionOf([this.#noticed, deps]);
  }

  /** Puts an instance's record into the next batch. */
  changed(instance: Instance): void {
    instance.progressAt = this.now;
    this.#changed.add(instance);
  }

  /** Returns the records that changed since the last call. */
  takeChanged(): InstanceRecord[] {
    const records = [...this.#changed].map(recordOf);
    this.#changed.clear();
    return records;
  }

  send(to: NodeId, part: Part): void {
    const parts = this.#outbox.get(to);
    if (parts === undefined) this.#outbox.set(to, [part]);
    else parts.push(part);
  }

  broadcast(part: Part): void {
    for (const node of this.#others) this.send(node, part);
  }

  /** Sends a part to all with the next message to each, or after a while. */
  broadcastLater(part: Part): void {
    for (const node of this.#others) {
      const riding = this.#riding.get(node);
      if (riding === undefined) this.#riding.set(node, { parts: [part], sendAt: this.now + RIDING_MS });
      else riding.parts.push(part);
    }
  }

  /** The time at which parts no longer wait for a message. */
  get ridingUntil(): number {
    let until = Infinity;
    for (const { sendAt } of this.#riding.values()) until = Math.min(until, sendAt);
    return until;
  }

  takeOutbox(): Map<NodeId, Part[]> {
    for (const [node, { parts, sendAt }] of this.#riding) {
      if (!this.#outbox.has(node) && this.now < sendAt) continue;
      this.#riding.delete(node);
      for (const part of parts) this.send(node, part);
    }
    const outbox = new Map(this.#outbox);
    this.#outbox.clear();
    return outbox;
  }

  /** Returns true if other coordinators have open instances that conflict with one. */
  isContended({ uses }: Instance): boolean {
    const { keys, executed, config } = this;
    return keys.newestOfOthersAt(uses, { self: config.id, executed }) > -Infinity;
  }

  /**
   * Returns the peers that are asked first: with the setting, the nearest ones that answer, as many as decide at once. All peers if some
   * of those are late, or if delays vary: then the first replies of all come sooner than those of a few.
   */
  fastQuorum(): readonly NodeId[] {
    if (!this.config.thrifty) return this.#others;
    const nearest = this.#others.filter((node) => {
      const askedAt = this.#askedAt.get(node);
      return askedAt === undefined || this.now - askedAt <= this.retryMs;
    }).sort((a, b) => this.clocks.delayMsTo(a) - this.clocks.delayMsTo(b)).slice(0, this.quorums.fast - 1);
    const isSure = nearest.length === this.quorums.fast - 1 &&
      nearest.every((node) => this.clocks.isSteady(node));
    return isSure ? nearest : this.#others;
  }

  /** Begins to collect replies of an instance, and sends the request for them. */
  begin(instance: Instance, attempt: Attempt, request: Part, to: Iterable<NodeId> = this.#others): void {
    instance.attempt = attempt;
    instance.request = request;
    instance.firstSentAt = instance.sentAt = this.now;
    for (const node of to) {
      if (node === this.config.id) continue;
      if (!this.#askedAt.has(node)) this.#askedAt.set(node, this.now);
      this.send(node, request);
    }
  }

  /** Learns from the head of a message. */
  heard(message: EpaxosMessage): void {
    this.#askedAt.delete(message.from);
    this.clocks.learn(message.from, message, this.now);
  }

  /** Enters the commands of an instance under their keys, so that later conflicting ones depend on it. An instance has no others. */
  index(instance: Instance, commands: Commands): void {
    if (commands === null || instance.uses.size > 0) return;
    instance.uses = this.usesOf(commands);
    this.keys.add(instance);
  }

  usesOf(commands: readonly Json[]): Uses {
    const uses = new Map<string, boolean>();
    for (const command of commands) {
      for (const { key, writes } of this.#environment.keysOf(command)) {
        uses.set(key, writes || uses.get(key) === true);
      }
    }
    return uses;
  }

  /** Returns dependencies with the conflicting instances that this node knows added. */
  extended(deps: Deps, instance: Instance): Record<NodeId, number> {
    const extended = unionOf([deps, this.#forgotten]);
    this.keys.extend(extended, instance);
    return extended;
  }

  /** Records what a node has executed, and deletes the instances that all have executed. */
  learnExecuted(node: NodeId, upTo: Floor): void {
    if (this.#executedBy.get(node) === upTo) return;
    this.#executedBy.set(node, upTo);
    const floor: Record<NodeId, number> = {};
    for (const coordinator of this.config.nodes) {
      const known = this.#floor[coordinator] ?? 0;
      let least = Infinity;
      for (const each of this.config.nodes) {
        least = Math.min(least, this.#executedBy.get(each)?.[coordinator] ?? 0);
      }
      for (let number = known + 1; number <= least; number++) this.#delete(instanceId(coordinator, number));
      floor[coordinator] = Math.max(known, least);
    }
    this.#floor = floor;
    if (this.keys.isLarge) {
      this.keys.forgetDeleted();
      this.#forgotten = floor;
    }
  }

  #delete(id: InstanceId): void {
    const instance = this.instances.get(id);
    if (instance === undefined) return;
    this.keys.delete(instance);
    this.instances.delete(id);
    this.open.delete(instance);
    this.unexecuted.delete(instance);
  }

  /** Learns the time of a reply to a request that was first sent at a time. */
  learnRoundTrip(firstSentAt: number): void {
    this.#roundTripMs += ROUND_TRIP_WEIGHT * (this.now - firstSentAt - this.#roundTripMs);
  }

  /** The time without a reply after which a request is sent again: the setting, or longer if round trips are long. */
  get retryMs(): number {
    return Math.max(this.config.retryMs, ROUND_TRIPS_PER_RETRY * this.#roundTripMs);
  }

  /** Returns true if each node is known to have executed what this node has. */
  get isLevel(): boolean {
    return this.config.nodes.every((node) => (this.#floor[node] ?? 0) >= this.executed.numberOf(node));
  }
}

/** Returns the part of an instance that is stored. */
export function recordOf(instance: Instance): InstanceRecord {
  const { id, ballot, acceptedBallot, phase, commands, deps } = instance;
  const { initialCommands, initialDeps } = instance;
  return { id, ballot, acceptedBallot, phase, commands, deps, initialCommands, initialDeps };
}
