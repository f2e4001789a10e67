/**
 * Random numbers that can be repeated: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS
 * 2021), seeded by MurmurHash3 (Appleby) of a path of names. Streams with different paths are independent, so that one can
 * be dropped or lengthened without moving the others.
 */

/** A change of the seed in the middle of a run: from then on, all streams of the run draw other numbers. */
export class Redraw {
  /** The seed of the later draws; undefined before the change. */
  seed: number | undefined;
}

/**
 * A repeatable stream of random numbers, with the distributions that a simulation needs.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SeededRandom } from "@charybdis/charybdis/workload";
 *
 * const dice = () => new SeededRandom(7).split("dice").below(6);
 * assertEquals(dice(), dice());
 * ```
 */
export class SeededRandom {
  readonly #path: string;
  readonly #redraw: Redraw | undefined;
  /** The seed of the redraw with which the stream began. */
  #startedWith: number | undefined;
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** The stream named `path`; a seed is the first part of it. `redraw` begins it again when its seed changes. */
  constructor(path: string | number, redraw?: Redraw) {
    this.#path = String(path);
    this.#redraw = redraw;
    this.#begin();
  }

  #begin(): void {
    this.#startedWith = this.#redraw?.seed;
    const path = this.#startedWith === undefined ? this.#path : `${this.#path}|${this.#startedWith}`;
    this.#a = murmur3(path, 1);
    this.#b = murmur3(path, 2);
    this.#c = murmur3(path, 3);
    this.#d = murmur3(path, 4) | 1; // never all zero
  }

  /** The stream that begins in a given state of the generator, which must not be all zero. */
  static fromState([a, b, c, d]: readonly [number, number, number, number]): SeededRandom {
    const random = new SeededRandom("");
    [random.#a, random.#b, random.#c, random.#d] = [a, b, c, d];
    return random;
  }

  /** Returns the stream of that name below this one. It does not depend on what was drawn from this one. */
  split(name: string | number): SeededRandom {
    return new SeededRandom(`${this.#path}/${name}`, this.#redraw);
  }

  /** 32 random bits, unsigned. */
  bits(): number {
    if (this.#redraw !== undefined && this.#redraw.seed !== this.#startedWith) this.#begin();
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** A double, uniform in [0, 1), with 53 random bits. */
  next(): number {
    return ((this.bits() >>> 5) * 67108864 + (this.bits() >>> 6)) / 9007199254740992;
  }

  /** A whole number, uniform in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** 128 random bits as 32 hexadecimal digits. */
  id(): string {
    return Array.from({ length: 4 }, () => this.bits().toString(16).padStart(8, "0")).join("");
  }

  /** Returns true with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A double, uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** A double from the exponential distribution with that mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** One of the values; throws on none. */
  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError("nothing to pick from");
    return value;
  }

  /** The values in a random order (Fisher and Yates). */
  shuffle<T>(values: readonly T[]): T[] {
    const result = [...values];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const [x, y] = [result[i], result[j]];
      if (x !== undefined && y !== undefined) [result[i], result[j]] = [y, x];
    }
    return result;
  }
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

/** MurmurHash3, x86, 32 bit, over the UTF-16 units of a text, two bytes each, little-endian. */
export function murmur3(text: string, seed: number): number {
  let hash = seed;
  const pairs = text.length >> 1;
  for (let i = 0; i < pairs; i++) {
    const k = text.charCodeAt(2 * i) | (text.charCodeAt(2 * i + 1) << 16);
    hash = (Math.imul(rotate(hash ^ scramble(k), 13), 5) + 0xe6546b64) | 0;
  }
  if (text.length & 1) hash ^= scramble(text.charCodeAt(text.length - 1));
  hash ^= 2 * text.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(k: number): number {
  return Math.imul(rotate(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);
}
