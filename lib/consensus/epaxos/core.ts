/**
 * The state of an EPaxos node, and the steps that several parts take. Tested by `tests/consensus/epaxos/simulation_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { NodeId } from "../types.ts";
import { coordinatorOf, instanceId, InstanceSet, isUpTo, numberOf } from "../leaderless/instance_ids.ts";
import { type EpaxosRules, type Quorums, SAFETY_RULES } from "./safety_rules.ts";
import type { Commands, Floor, InstanceId, KeyUse } from "../leaderless/types.ts";
import type { EpaxosConfig, InstanceRecord, Part, Phase } from "./types.ts";

/** The weight of the latest round trip in the average, and the number of average round trips before a request is sent again. */
const ROUND_TRIP_WEIGHT = 0.1;
const ROUND_TRIPS_PER_RETRY = 1.5;

/** The replies that a node collects for an instance in a ballot. */
export type Attempt =
  | { readonly kind: "pre_accept"; readonly deps: Map<NodeId, readonly InstanceId[]> }
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

/** An instance at this node. */
export interface Instance {
  readonly id: InstanceId;
  ballot: number;
  acceptedBallot: number;
  phase: Phase;
  commands: Commands | undefined;
  deps: readonly InstanceId[];
  initialCommands: Commands | undefined;
  initialDeps: readonly InstanceId[];
  initialFloor: Floor;
  /** The keys under which it is entered. */
  readonly keys: Set<string>;
  /** The replies that this node collects in the ballot `ballot`. */
  attempt: Attempt | undefined;
  /** The message of the attempt, which is sent again to nodes that have not replied. */
  request: Part | undefined;
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
  /** The instances that this node has executed, with those that became empty. */
  executed = new InstanceSet();
  readonly #executedBy = new Map<NodeId, Readonly<Record<NodeId, number>>>();
  #floor: Floor = {};
  #roundTripMs = 0;
  readonly #byKey = new Map<string, Map<InstanceId, boolean>>();
  /** The last deleted instance of each coordinator that used a key, and the last one that wrote it. */
  readonly #deletedByKey = new Map<string, Map<NodeId, { used: number; written: number }>>();
  /** The floor of the snapshot at the start. The keys of what it covers are unknown. */
  #restoredFloor: Floor = {};
  readonly #outbox = new Map<NodeId, Part[]>();
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
    this.#floor = this.#restoredFloor = floor;
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
        ballot: 0,
        acceptedBallot: 0,
        phase: "unknown",
        commands: undefined,
        deps: [],
        initialCommands: undefined,
        initialDeps: [],
        initialFloor: {},
        keys: new Set(),
        attempt: undefined,
        request: undefined,
        firstSentAt: -Infinity,
        sentAt: -Infinity,
        progressAt: this.now,
      };
      this.instances.set(id, instance);
    }
    return instance;
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

  takeOutbox(): Map<NodeId, Part[]> {
    const outbox = new Map(this.#outbox);
    this.#outbox.clear();
    return outbox;
  }

  /** Begins to collect replies of an instance, and sends the request for them. */
  begin(instance: Instance, attempt: Attempt, request: Part, to: Iterable<NodeId> = this.#others): void {
    instance.attempt = attempt;
    instance.request = request;
    instance.firstSentAt = instance.sentAt = this.now;
    for (const node of to) if (node !== this.config.id) this.send(node, request);
  }

  /** Enters the commands of an instance under their keys, so that later conflicting ones depend on it. */
  index({ id, keys }: Instance, commands: Commands): void {
    for (const { key, writes } of this.#keysOf(commands)) {
      keys.add(key);
      let users = this.#byKey.get(key);
      if (users === undefined) this.#byKey.set(key, users = new Map());
      users.set(id, writes || users.get(id) === true);
    }
  }

  /** Returns the instances that conflict with commands, except for those that every node has executed. */
  conflictsOf(id: InstanceId, commands: Commands): Set<InstanceId> {
    const conflicts = new Set<InstanceId>();
    for (const { key, writes } of this.#keysOf(commands)) {
      for (const [other, otherWrites] of this.#byKey.get(key) ?? []) {
        if (other !== id && (writes || otherWrites) && !this.isStable(other)) conflicts.add(other);
      }
    }
    return conflicts;
  }

  /**
   * Returns the last deleted instances that conflict with commands and are above the floor of a proposal. Without them, a node that still
   * has such an instance would refute a fast path which this node had confirmed.
   */
  deletedConflictsOf(commands: Commands, floor: Floor): InstanceId[] {
    const conflicts: InstanceId[] = [];
    const add = (coordinator: NodeId, number: number) => {
      if (number > (floor[coordinator] ?? 0)) conflicts.push(instanceId(coordinator, number));
    };
    for (const [coordinator, number] of Object.entries(this.#restoredFloor)) add(coordinator, number);
    for (const { key, writes } of this.#keysOf(commands)) {
      for (const [coordinator, { used, written }] of this.#deletedByKey.get(key) ?? []) {
        add(coordinator, writes ? used : written);
      }
    }
    return conflicts;
  }

  #keysOf(commands: Commands): KeyUse[] {
    return (commands ?? []).flatMap((command) => [...this.#environment.keysOf(command)]);
  }

  /** Records what a node has executed, and deletes the instances that all have executed. */
  learnExecuted(node: NodeId, upTo: Readonly<Record<NodeId, number>>): void {
    this.#executedBy.set(node, upTo);
    const floor: Record<NodeId, number> = {};
    for (const coordinator of this.config.nodes) {
      const known = this.#floor[coordinator] ?? 0;
      const least = Math.min(
        ...this.config.nodes.map((each) => this.#executedBy.get(each)?.[coordinator] ?? 0),
      );
      for (let number = known + 1; number <= least; number++) this.#delete(instanceId(coordinator, number));
      floor[coordinator] = Math.max(known, least);
    }
    this.#floor = floor;
  }

  #delete(id: InstanceId): void {
    for (const key of this.instances.get(id)?.keys ?? []) {
      const users = this.#byKey.get(key);
      this.#recordDeleted(key, id, users?.get(id) === true);
      users?.delete(id);
      if (users?.size === 0) this.#byKey.delete(key);
    }
    this.instances.delete(id);
  }

  #recordDeleted(key: string, id: InstanceId, writes: boolean): void {
    let byCoordinator = this.#deletedByKey.get(key);
    if (byCoordinator === undefined) this.#deletedByKey.set(key, byCoordinator = new Map());
    const coordinator = coordinatorOf(id);
    const used = numberOf(id); // instances are deleted in the order of their numbers
    const written = writes ? used : byCoordinator.get(coordinator)?.written ?? 0;
    byCoordinator.set(coordinator, { used, written });
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
  const { initialCommands, initialDeps, initialFloor } = instance;
  return { id, ballot, acceptedBallot, phase, commands, deps, initialCommands, initialDeps, initialFloor };
}
