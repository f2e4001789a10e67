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

/** A set of instances: for each coordinator all up to a number, and some beyond it. */
export class InstanceSet {
  readonly #upTo = new Map<NodeId, number>();
  readonly #beyond = new Set<InstanceId>();

  constructor(upTo: Readonly<Record<NodeId, number>> = {}, beyond: readonly InstanceId[] = []) {
    for (const [node, number] of Object.entries(upTo)) this.#upTo.set(node, number);
    for (const id of beyond) this.#beyond.add(id);
  }

  /** The numbers up to which the set has no gap, by coordinator. */
  get upTo(): Readonly<Record<NodeId, number>> {
    return Object.fromEntries(this.#upTo);
  }

  /** The elements beyond a gap. */
  get beyond(): readonly InstanceId[] {
    return [...this.#beyond];
  }

  /** Returns the number up to which the set has no gap. */
  numberOf(node: NodeId): number {
    return this.#upTo.get(node) ?? 0;
  }

  has(id: InstanceId): boolean {
    return numberOf(id) <= this.numberOf(coordinatorOf(id)) || this.#beyond.has(id);
  }

  add(id: InstanceId): void {
    if (this.has(id)) return;
    this.#beyond.add(id);
    const node = coordinatorOf(id);
    let number = this.numberOf(node);
    while (this.#beyond.delete(instanceId(node, number + 1))) number++;
    this.#upTo.set(node, number);
  }
}
