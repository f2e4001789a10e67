/** Several replicas as one: each has origins of its own. */

import type { Delta, Replica, Vector } from "../gossip/replica.ts";

export type { Replica, Vector };

/** Joins replicas; `partOf` says whose an origin is. */
export class JoinedReplica implements Replica {
  readonly vector: Vector;
  readonly #partOf: (origin: string) => Replica;

  constructor(parts: readonly Replica[], partOf: (origin: string) => Replica) {
    this.#partOf = partOf;
    this.vector = new JoinedVector(parts, partOf);
  }

  isOwn(origin: string): boolean {
    return this.#partOf(origin).isOwn(origin);
  }

  delta(origin: string, after: number, sizeMax: number): Delta {
    return this.#partOf(origin).delta(origin, after, sizeMax);
  }

  merge(origin: string, payload: unknown): number {
    return this.#partOf(origin).merge(origin, payload);
  }
}

/** The parts' vectors, one after the other: it is looked at far more often than it changes, so nothing is copied. */
class JoinedVector implements Vector {
  readonly #parts: readonly Replica[];
  readonly #partOf: (origin: string) => Replica;

  constructor(parts: readonly Replica[], partOf: (origin: string) => Replica) {
    this.#parts = parts;
    this.#partOf = partOf;
  }

  get size(): number {
    return this.#parts.reduce((sum, { vector }) => sum + vector.size, 0);
  }

  get(origin: string): number | undefined {
    return this.#partOf(origin).vector.get(origin);
  }

  has(origin: string): boolean {
    return this.#partOf(origin).vector.has(origin);
  }

  forEach(visit: (count: number, origin: string, vector: Vector) => void): void {
    for (const [origin, count] of this) visit(count, origin, this);
  }

  *[Symbol.iterator](): MapIterator<[string, number]> {
    for (const { vector } of this.#parts) yield* vector;
  }

  entries(): MapIterator<[string, number]> {
    return this[Symbol.iterator]();
  }

  *keys(): MapIterator<string> {
    for (const { vector } of this.#parts) yield* vector.keys();
  }

  *values(): MapIterator<number> {
    for (const { vector } of this.#parts) yield* vector.values();
  }
}
