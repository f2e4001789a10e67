/** Chance for simulations: mulberry32, by Tommy Ettinger (public domain); small, and good enough to draw faults with. */

/** Draws from a seed. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    for (let i = 0; i < 4; i++) this.next(); // close seeds part ways
  }

  /** A double in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Whether something happens that has this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A double in [from, to). */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** One of several. */
  pick<T>(all: readonly T[]): T {
    const one = all[this.below(all.length)];
    if (one === undefined) throw new RangeError("there is nothing to pick from");
    return one;
  }

  /** All of them, in another order. */
  shuffle<T>(all: readonly T[]): T[] {
    const left = [...all];
    const shuffled: T[] = [];
    while (left.length > 0) shuffled.push(...left.splice(this.below(left.length), 1));
    return shuffled;
  }

  /** Another stream, that depends on this one and a number. */
  split(salt: number): SeededRandom {
    return new SeededRandom(Math.imul(this.#state ^ salt, 0x9e3779b1) ^ this.below(0x7fffffff));
  }
}
