/**
 * Origins by number: names are looked up once for each that a message says, and how far origins are known is an array
 * from then on, since that is compared for every peer at every turn.
 */

/** The numbers that one node gives to the origins it hears of: 0, 1, 2, … */
export class Origins {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  /** The names, each at the place that is its number. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** An origin's number: given when it is first asked for, and kept. */
  numberOf(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) this.#numbers.set(name, number = this.#names.push(name) - 1);
    return number;
  }
}

/** How far each origin is known, by its number: 0 where nothing is. */
export class VersionVector {
  readonly #counts: number[];

  constructor(counts: readonly number[] = []) {
    this.#counts = [...counts];
  }

  /** How far an origin is known. */
  get(origin: number): number {
    return origin < this.#counts.length ? this.#counts[origin] ?? 0 : 0;
  }

  /** Notes that an origin is known up to `count`. False if as much was known. */
  advance(origin: number, count: number): boolean {
    if (count <= this.get(origin)) return false;
    while (this.#counts.length <= origin) this.#counts.push(0);
    this.#counts[origin] = count;
    return true;
  }

  /** Notes that every origin is known at least as far as in `other`. */
  advanceAll(other: VersionVector): void {
    const counts = other.#counts;
    for (let origin = 0; origin < counts.length; origin++) this.advance(origin, counts[origin] ?? 0);
  }

  /** Whether every origin is known here at least as far as in `other`. */
  dominates(other: VersionVector): boolean {
    const counts = other.#counts;
    for (let origin = 0; origin < counts.length; origin++) {
      if ((counts[origin] ?? 0) > this.get(origin)) return false;
    }
    return true;
  }

  /** A copy that stays as it is. */
  copy(): VersionVector {
    return new VersionVector(this.#counts);
  }
}
