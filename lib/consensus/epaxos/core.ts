/**
 * The state of an EPaxos node, and the steps that several parts take. Tested by `tests/consensus/epaxos/simulation_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { NodeId } from "../types.ts";
import { coordinatorOf, instanceId, InstanceSet, numberOf, unionOf } from "../leaderless/instance_ids.ts";
import { KeyIndex } from "./key_index.ts";
import { ExecutedExchange } from "../leaderless/executed_exchange.ts";
import { Outbox } from "../leaderless/outbox.ts";
import type { PeerClocks } from "../leaderless/peer_clocks.ts";
import { Peers } from "../leaderless/peers.ts";
import { type EpaxosRules, type Quorums, SAFETY_RULES } from "./safety_rules.ts";
import type { Commands, Floor, InstanceId, KeyUse, LeaderlessConfig } from "../leaderless/types.ts";
import type { Deps, InstanceRecord, Part, Phase } from "./types.ts";

/** The weight of the latest round trip in the average, and the number of average round trips before a request is sent again. */
const ROUND_TRIP_WEIGHT = 0.1;
const ROUND_TRIPS_PER_RETRY = 1.5;

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
  readonly config: LeaderlessConfig;
  readonly rules: EpaxosRules;
  readonly quorums: Quorums;
  readonly instances = new Map<InstanceId, Instance>();
  /** The instances that are not committed. */
  readonly open = new Set<Instance>();
  /** The instances that are committed and not executed. */
  readonly unexecuted = new Set<Instance>();
  readonly keys: KeyIndex;
  readonly peers: Peers;
  readonly exchange: ExecutedExchange;
  readonly outbox = new Outbox<Part>();
  /** The instances that this node has heard of, because others depend on them. */
  #noticed: Floor = {};
  #roundTripMs = 0;
  /** The deleted instances of which the keys are forgotten: they may conflict with any. */
  #forgotten: Floor = {};
  readonly #changed = new Set<Instance>();
  readonly #environment: EpaxosEnvironment;
  readonly #others: readonly NodeId[];
  /** True if an instance was committed since the last execution. */
  hasNewCommits = false;
  now: number;

  constructor(config: LeaderlessConfig, environment: EpaxosEnvironment, now: number) {
    this.config = config;
    this.#environment = environment;
    this.rules = environment.rules ?? SAFETY_RULES;
    this.keys = new KeyIndex(this.rules);
    this.quorums = this.rules.quorums(config.nodes.length);
    this.#others = config.nodes.filter((node) => node !== config.id);
    this.peers = new Peers(this.#others);
    this.exchange = new ExecutedExchange(config.id, config.nodes);
    this.now = now;
  }

  get others(): readonly NodeId[] {
    return this.#others;
  }

  get random(): number {
    return this.#environment.random();
  }

  /** The clocks of the peers. */
  get clocks(): PeerClocks {
    return this.peers.clocks;
  }

  /** The instances that this node has executed, with those that became empty. */
  get executed(): InstanceSet {
    return this.exchange.executed;
  }

  /** The instances that every node is known to have executed. Their records are deleted. */
  get floor(): Floor {
    return this.exchange.floor;
  }

  /** Restores a snapshot. */
  restore(executed: InstanceSet, floor: Floor): void {
    this.exchange.restore(executed, floor);
    this.#forgotten = this.#noticed = floor;
  }

  /** Returns true if every node has executed an instance. */
  isStable(id: InstanceId): boolean {
    return this.exchange.isStable(id);
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
    this.outbox.send(to, part);
  }

  broadcast(part: Part): void {
    for (const node of this.#others) this.send(node, part);
  }

  /** Sends a part to all with the next message to each, or after a while. */
  broadcastLater(part: Part): void {
    for (const node of this.#others) this.outbox.sendLater(node, part, this.now);
  }

  /** Returns true if other coordinators have open instances that conflict with one. */
  isContended({ uses }: Instance): boolean {
    const { keys, executed, config } = this;
    return keys.newestOfOthersAt(uses, { self: config.id, executed }) > -Infinity;
  }

  /** Returns the peers that are asked first: with the setting, the nearest that can decide at once. */
  fastQuorum(): readonly NodeId[] {
    const { retryMs: silentMs, now } = this;
    const nearest = this.config.thrifty
      ? this.peers.nearest(this.quorums.fast - 1, { silentMs, now })
      : undefined;
    return nearest ?? this.#others;
  }

  /** Begins to collect replies of an instance, and sends the request for them. */
  begin(instance: Instance, attempt: Attempt, request: Part, to: Iterable<NodeId> = this.#others): void {
    instance.attempt = attempt;
    instance.request = request;
    instance.firstSentAt = instance.sentAt = this.now;
    for (const node of to) {
      if (node === this.config.id) continue;
      this.peers.asked(node, this.now);
      this.send(node, request);
    }
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
    for (const id of this.exchange.learn(node, upTo)) this.#delete(id);
    if (!this.keys.isLarge) return;
    this.keys.forgetDeleted();
    this.#forgotten = this.floor;
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
}

/** Returns the part of an instance that is stored. */
export function recordOf(instance: Instance): InstanceRecord {
  const { id, ballot, acceptedBallot, phase, commands, deps } = instance;
  const { initialCommands, initialDeps } = instance;
  return { id, ballot, acceptedBallot, phase, commands, deps, initialCommands, initialDeps };
}
