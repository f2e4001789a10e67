/** Version vectors, by origin number. */

/**
 * A version vector: a count per origin, 0 for an origin that is not listed (Parker et al., "Detection of mutual
 * inconsistency in distributed systems", 1983). Counts only grow. It is an array, because it is compared with the vector of
 * every peer on every turn; `origins.ts` numbers the origins.
 */
export class VersionVector {
  readonly #counts: number[];

  constructor(counts: readonly number[] = []) {
    this.#counts = [...counts];
  }

  /** Returns how far an origin is known; 0 if nothing of it is. */
  get(origin: number): number {
    return origin < this.#counts.length ? this.#counts[origin] ?? 0 : 0;
  }

  /** Raises an origin's count to `count`. Returns false if it was at least that high. */
  advance(origin: number, count: number): boolean {
    if (count <= this.get(origin)) return false;
    while (this.#counts.length <= origin) this.#counts.push(0);
    this.#counts[origin] = count;
    return true;
  }

  /** Raises every count to at least that in `other`. */
  advanceAll(other: VersionVector): void {
    const counts = this.#counts;
    const others = other.#counts;
    while (counts.length < others.length) counts.push(0);
    for (let origin = 0; origin < others.length; origin++) {
      const count = others[origin] ?? 0;
      if (count > (counts[origin] ?? 0)) counts[origin] = count;
    }
  }

  /** Returns true if every count is at least that in `other`. */
  dominates(other: VersionVector): boolean {
    const counts = this.#counts;
    const others = other.#counts;
    for (let origin = 0; origin < others.length; origin++) {
      if ((others[origin] ?? 0) > (origin < counts.length ? counts[origin] ?? 0 : 0)) return false;
    }
    return true;
  }

  /** Returns an independent copy. */
  copy(): VersionVector {
    return new VersionVector(this.#counts);
  }
}
