/** The configurations that the search has visited. */

import { valueAt } from "../columns.ts";

const HEADER = 3; // the due return + 1 (0 marks a free record), the state, the used optional operations
const RECORDS_INITIAL = 1 << 10;
const LOAD_MAX = 0.7;

/** The result of adding a configuration: it is new; it is covered by a known one; the memory is full. */
export type Addition = "new" | "known" | "full";

/**
 * A hash table of configurations.
 *
 * A configuration consists of the due return, the state, the placed pending operations (a set of bits) and the used
 * optional operations (the number of a multiset). It counts as known if it equals a known one except for the used
 * operations, and these cover its own.
 */
export class Configurations {
  readonly #words: number;
  readonly #record: number;
  readonly #memoryBytesMax: number;
  readonly #covers: (used: number, known: number) => boolean;
  #table: Int32Array;
  #capacity = RECORDS_INITIAL;
  #size = 0;
  #comparisons = 0;

  /** `covers(used, known)`: a configuration that used `known` allows every order that one that used `used` allows. */
  constructor(
    words: number,
    options: { readonly memoryBytesMax: number; readonly covers: (used: number, known: number) => boolean },
  ) {
    this.#words = words;
    this.#record = HEADER + words;
    this.#memoryBytesMax = options.memoryBytesMax;
    this.#covers = options.covers;
    this.#table = new Int32Array(this.#capacity * this.#record);
  }

  /** The number of configurations. */
  get size(): number {
    return this.#size;
  }

  /** The number of comparisons of used operations: a measure of the work. */
  get comparisons(): number {
    return this.#comparisons;
  }

  /** Adds a configuration, unless it is known. */
  add(
    due: number,
    state: number,
    configuration: { readonly used: number; readonly bits: Int32Array },
  ): Addition {
    if (this.#size >= this.#capacity * LOAD_MAX && !this.#grow()) return "full";
    const { used, bits } = configuration;
    const table = this.#table;
    let at = this.#home(due, state, bits, 0);
    for (;;) {
      const base = at * this.#record;
      if (table[base] === 0) {
        table[base] = due + 1;
        table[base + 1] = state;
        table[base + 2] = used;
        for (let w = 0; w < this.#words; w++) table[base + HEADER + w] = valueAt(bits, w);
        this.#size++;
        return "new";
      }
      if (
        table[base] === due + 1 && table[base + 1] === state && this.#sameBits(base, bits)
      ) {
        if (table[base + 2] === used) return "known";
        this.#comparisons++;
        if (this.#covers(used, valueAt(table, base + 2))) return "known";
      }
      at = (at + 1) & (this.#capacity - 1);
    }
  }

  /** Visits all configurations in which this return was due. */
  each(due: number, visit: (state: number, bits: Int32Array) => void): void {
    for (let base = 0; base < this.#table.length; base += this.#record) {
      if (this.#table[base] !== due + 1) continue;
      visit(valueAt(this.#table, base + 1), this.#table.subarray(base + HEADER, base + this.#record));
    }
  }

  #sameBits(base: number, bits: Int32Array): boolean {
    for (let w = 0; w < this.#words; w++) {
      if (this.#table[base + HEADER + w] !== bits[w]) return false;
    }
    return true;
  }

  /**
   * Returns the slot at which the probe for a record begins. It ignores the used operations, so that comparable records
   * collide.
   */
  #home(due: number, state: number, bits: Int32Array, from: number): number {
    let hash = Math.imul(due, 0x9e3779b1) ^ Math.imul(state, 0x85ebca6b);
    for (let w = 0; w < this.#words; w++) {
      hash = Math.imul(hash ^ valueAt(bits, from + w), 0xc2b2ae35);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f);
    return (hash ^ (hash >>> 16)) & (this.#capacity - 1);
  }

  #grow(): boolean {
    const capacity = this.#capacity * 2;
    // The old and the new table exist at the same time.
    if (capacity * 1.5 * this.#record * Int32Array.BYTES_PER_ELEMENT > this.#memoryBytesMax) return false;
    const old = this.#table;
    const table = new Int32Array(capacity * this.#record);
    this.#capacity = capacity;
    this.#table = table;
    for (let from = 0; from < old.length; from += this.#record) {
      if (old[from] === 0) continue;
      let at = this.#home(valueAt(old, from) - 1, valueAt(old, from + 1), old, from + HEADER);
      while (table[at * this.#record] !== 0) at = (at + 1) & (capacity - 1);
      for (let i = 0; i < this.#record; i++) table[at * this.#record + i] = valueAt(old, from + i);
    }
    return true;
  }
}
