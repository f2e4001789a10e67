/**
 * The instances that each node has executed, as nodes tell each other. Without a leader, that is what decides which records can be deleted.
 *
 * Tested by `tests/consensus/leaderless/executed_exchange_test.ts`.
 */

import type { NodeId } from "../types.ts";
import { instanceId, InstanceSet, isUpTo } from "./instance_ids.ts";
import type { Floor, InstanceId } from "./types.ts";

/** Time in ms after which a node sends what it has executed, if it has no other message. */
const GOSSIP_MS = 200;
/** The same while all that it has executed is known to all: a message could have been lost. */
const REPEAT_MS = 2000;

/** Keeps what each node has executed, as numbers without a gap per coordinator. */
export class ExecutedExchange {
  /** The instances that this node has executed, with those that became empty. */
  executed = new InstanceSet();
  readonly #self: NodeId;
  readonly #nodes: readonly NodeId[];
  readonly #executedBy = new Map<NodeId, Record<NodeId, number>>();
  readonly #toldTo = new Map<NodeId, Floor>();
  #floor: Floor = {};
  #majorityFloor: Floor = {};
  #gossipAt = Infinity;

  constructor(self: NodeId, nodes: readonly NodeId[]) {
    this.#self = self;
    this.#nodes = nodes;
  }

  /** The instances that every node is known to have executed. Their records are deleted. */
  get floor(): Floor {
    return this.#floor;
  }

  /** The instances that a majority is known to have executed. */
  get majorityFloor(): Floor {
    return this.#majorityFloor;
  }

  /** Restores a snapshot. */
  restore(executed: InstanceSet, floor: Floor): void {
    this.executed = executed;
    this.#floor = this.#majorityFloor = floor;
  }

  /** Returns true if every node has executed an instance. */
  isStable(id: InstanceId): boolean {
    return isUpTo(this.#floor, id);
  }

  /** Records what a node has executed, and returns the instances that all have executed since the last call. */
  learn(node: NodeId, upTo: Floor): InstanceId[] {
    let known = this.#executedBy.get(node);
    if (known === undefined) this.#executedBy.set(node, known = {});
    let hasChanged = false;
    for (const [coordinator, number] of Object.entries(upTo)) {
      if (number <= (known[coordinator] ?? 0)) continue;
      known[coordinator] = number;
      hasChanged = true;
    }
    return hasChanged ? this.#raiseFloors() : [];
  }

  #raiseFloors(): InstanceId[] {
    const stable: InstanceId[] = [];
    const floor: Record<NodeId, number> = {};
    const majorityFloor: Record<NodeId, number> = {};
    for (const coordinator of this.#nodes) {
      const known = this.#floor[coordinator] ?? 0;
      const numbers = this.#nodes.map((node) => this.#executedBy.get(node)?.[coordinator] ?? 0)
        .sort((a, b) => b - a);
      const least = Math.max(known, numbers.at(-1) ?? 0);
      for (let number = known + 1; number <= least; number++) stable.push(instanceId(coordinator, number));
      floor[coordinator] = least;
      majorityFloor[coordinator] = Math.max(least, numbers[Math.floor(numbers.length / 2)] ?? 0);
    }
    this.#floor = floor;
    this.#majorityFloor = majorityFloor;
    return stable;
  }

  /** Returns the first instances that a node has executed and this one has not. */
  missingFrom(upTo: Floor, countMax: number): InstanceId[] {
    const missing: InstanceId[] = [];
    for (const coordinator of this.#nodes) {
      const first = this.executed.numberOf(coordinator) + 1;
      const last = Math.min(upTo[coordinator] ?? 0, first + countMax);
      for (let number = first; number <= last; number++) {
        const id = instanceId(coordinator, number);
        if (!this.executed.has(id)) missing.push(id);
      }
    }
    return missing;
  }

  /** The time at which a message is due even if it has no other content. */
  get gossipAt(): number {
    return this.#gossipAt;
  }

  /** Returns true if a message without other content is due, and plans the next one. */
  takeGossip(now: number): boolean {
    if (now < this.#gossipAt) return false;
    this.#gossipAt = Infinity;
    return true;
  }

  /** Records that a message to a node says what this one has executed. */
  tell(node: NodeId): void {
    this.#toldTo.set(node, this.executed.upTo);
  }

  /** Plans the next message: soon if a node lacks something, late if only its reply is missing, none if all is known to all. */
  plan(now: number): void {
    const isLevel = this.#nodes.every((node) => (this.#floor[node] ?? 0) >= this.executed.numberOf(node));
    if (isLevel || this.#nodes.length === 1) return;
    const { upTo } = this.executed;
    const hasUpdates = this.#nodes.some((node) => node !== this.#self && this.#toldTo.get(node) !== upTo);
    this.#gossipAt = Math.min(this.#gossipAt, now + (hasUpdates ? GOSSIP_MS : REPEAT_MS));
  }
}
