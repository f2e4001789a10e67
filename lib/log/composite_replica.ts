/** Several replicas as one, each with origins of its own. Tested by `tests/log/replicas_test.ts`. */

import type { Delta, Replica, Vector } from "../gossip/replica.ts";

export type { Replica, Vector };

/** A replica that is composed of others. `replicaFor` returns the one that an origin belongs to. */
export class CompositeReplica implements Replica {
  readonly vector: Vector;
  readonly #replicaFor: (origin: string) => Replica;

  constructor(replicas: readonly Replica[], replicaFor: (origin: string) => Replica) {
    this.#replicaFor = replicaFor;
    this.vector = new CompositeVector(replicas, replicaFor);
  }

  isOwn(origin: string): boolean {
    return this.#replicaFor(origin).isOwn(origin);
  }

  delta(origin: string, after: number, sizeMax: number): Delta {
    return this.#replicaFor(origin).delta(origin, after, sizeMax);
  }

  merge(origin: string, payload: unknown): number {
    return this.#replicaFor(origin).merge(origin, payload);
  }
}

/** A view of the replicas' vectors. It copies nothing, because it is read far more often than it changes. */
class CompositeVector implements Vector {
  readonly #replicas: readonly Replica[];
  readonly #replicaFor: (origin: string) => Replica;

  constructor(replicas: readonly Replica[], replicaFor: (origin: string) => Replica) {
    this.#replicas = replicas;
    this.#replicaFor = replicaFor;
  }

  get size(): number {
    return this.#replicas.reduce((sum, { vector }) => sum + vector.size, 0);
  }

  get(origin: string): number | undefined {
    return this.#replicaFor(origin).vector.get(origin);
  }

  has(origin: string): boolean {
    return this.#replicaFor(origin).vector.has(origin);
  }

  forEach(visit: (count: number, origin: string, vector: Vector) => void): void {
    for (const { vector } of this.#replicas) vector.forEach((count, origin) => visit(count, origin, this));
  }

  *[Symbol.iterator](): MapIterator<[string, number]> {
    for (const { vector } of this.#replicas) yield* vector;
  }

  entries(): MapIterator<[string, number]> {
    return this[Symbol.iterator]();
  }

  *keys(): MapIterator<string> {
    for (const { vector } of this.#replicas) yield* vector.keys();
  }

  *values(): MapIterator<number> {
    for (const { vector } of this.#replicas) yield* vector.values();
  }
}
