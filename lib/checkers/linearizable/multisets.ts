/**
 * Multisets of small numbers. Equal multisets have the same number, so a comparison takes constant time.
 *
 * Tested by `tests/checkers/multisets_test.ts`.
 */

/** The empty multiset. */
export const EMPTY = 0;

const BYTES_EACH = 160;
const BYTES_PER_ELEMENT = 16; // the number, and its digits in the name

/** Interns multisets. */
export class Multisets {
  readonly #elements: number[][] = [[]]; // sorted, with repetitions
  readonly #numbers = new Map<string, number>([["", EMPTY]]);
  readonly #sums = new Map<number, number>();
  #bytes = 0;

  /** The approximate memory in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Returns the multiset with one more `element`. */
  add(set: number, element: number): number {
    const step = element * 0x1_0000_0000 + set;
    const known = this.#sums.get(step);
    if (known !== undefined) return known;
    const elements = [...this.#of(set), element].sort((a, b) => a - b);
    const name = elements.join();
    let sum = this.#numbers.get(name);
    if (sum === undefined) {
      sum = this.#elements.push(elements) - 1;
      this.#numbers.set(name, sum);
    }
    this.#sums.set(step, sum);
    this.#bytes += BYTES_EACH + BYTES_PER_ELEMENT * elements.length;
    return sum;
  }

  /** Returns true if `whole` contains every element of `part` at least as many times. */
  contains(whole: number, part: number): boolean {
    if (part === whole || part === EMPTY) return true;
    const all = this.#of(whole);
    const some = this.#of(part);
    let i = 0;
    for (const element of some) {
      while (i < all.length && (all[i] ?? 0) < element) i++;
      if (all[i] !== element) return false;
      i++;
    }
    return true;
  }

  #of(set: number): readonly number[] {
    return this.#elements[set] ?? [];
  }
}
