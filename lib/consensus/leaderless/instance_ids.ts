/** Names of instances and sets of them. Tested by `tests/consensus/leaderless/instance_ids_test.ts`. */

import type { NodeId } from "../types.ts";
import type { Floor, InstanceId } from "./types.ts";

/** Returns the name of a coordinator's instance. */
export function instanceId(coordinator: NodeId, number: number): InstanceId {
  return `${coordinator}.${number}`;
}

/** Returns the initial coordinator of an instance. */
export function coordinatorOf(id: InstanceId): NodeId {
  return id.slice(0, id.lastIndexOf("."));
}

/** Returns the number of an instance. */
export function numberOf(id: InstanceId): number {
  return Number(id.slice(id.lastIndexOf(".") + 1));
}

/** Orders instances that depend on each other. Every node uses the same order. */
export function compareIds(a: InstanceId, b: InstanceId): number {
  return numberOf(a) - numberOf(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** Returns true if an instance is among those up to a floor. */
export function isUpTo(floor: Floor, id: InstanceId): boolean {
  return numberOf(id) <= (floor[coordinatorOf(id)] ?? 0);
}

/** Returns the union of floors, which has the greatest number of each coordinator. */
export function unionOf(floors: Iterable<Floor>): Record<NodeId, number> {
  const union: Record<NodeId, number> = {};
  for (const floor of floors) {
    for (const [coordinator, number] of Object.entries(floor)) {
      if (number > (union[coordinator] ?? 0)) union[coordinator] = number;
    }
  }
  return union;
}

/** Returns true if two floors cover the same instances. */
export function areEqual(a: Floor, b: Floor): boolean {
  const isIn = (each: Floor, other: Floor) =>
    Object.entries(each).every(([coordinator, number]) => number <= (other[coordinator] ?? 0));
  return isIn(a, b) && isIn(b, a);
}

/** A set of instances: for each coordinator all up to a number, and some beyond it. */
export class InstanceSet {
  #upTo: Floor;
  readonly #beyond: Set<InstanceId>;

  constructor(upTo: Floor = {}, beyond: readonly InstanceId[] = []) {
    this.#upTo = upTo;
    this.#beyond = new Set(beyond);
  }

  /** The numbers up to which the set has no gap, by coordinator. Another object after each change. */
  get upTo(): Floor {
    return this.#upTo;
  }

  /** The elements beyond a gap. */
  get beyond(): readonly InstanceId[] {
    return [...this.#beyond];
  }

  /** Returns the number up to which the set has no gap. */
  numberOf(node: NodeId): number {
    return this.#upTo[node] ?? 0;
  }

  has(id: InstanceId): boolean {
    return numberOf(id) <= this.numberOf(coordinatorOf(id)) || this.#beyond.has(id);
  }

  add(id: InstanceId): void {
    if (this.has(id)) return;
    this.#beyond.add(id);
    const node = coordinatorOf(id);
    const known = this.numberOf(node);
    let number = known;
    while (this.#beyond.delete(instanceId(node, number + 1))) number++;
    if (number > known) this.#upTo = { ...this.#upTo, [node]: number };
  }
}
