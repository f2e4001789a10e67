/** Several replicas as one: each has origins of its own. */

import type { Delta, Replica, Vector } from "../gossip/replica.ts";

export type { Replica, Vector };

/** Joins replicas; `partOf` says whose an origin is. */
export class JoinedReplica implements Replica {
  readonly #parts: readonly Replica[];
  readonly #partOf: (origin: string) => Replica;

  constructor(parts: readonly Replica[], partOf: (origin: string) => Replica) {
    this.#parts = parts;
    this.#partOf = partOf;
  }

  get vector(): Vector {
    const joined = new Map<string, number>();
    for (const { vector } of this.#parts) for (const [origin, count] of vector) joined.set(origin, count);
    return joined;
  }

  isOwn(origin: string): boolean {
    return this.#partOf(origin).isOwn(origin);
  }

  delta(origin: string, after: number, sizeMax: number): Delta {
    return this.#partOf(origin).delta(origin, after, sizeMax);
  }

  merge(origin: string, payload: unknown): void {
    this.#partOf(origin).merge(origin, payload);
  }
}
