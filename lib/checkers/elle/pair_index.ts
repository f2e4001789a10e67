/**
 * A map from (key, value) to a number.
 *
 * It is one hash table in typed arrays for all keys, because a Map per key costs more garbage collection than the rest
 * of a check. Values that are not 32-bit integers are in ordinary Maps.
 *
 * Tested by `tests/checkers/elle/list_append_test.ts`.
 */

import { valueAt } from "../columns.ts";

/** The initial number of slots, a power of two. The table doubles when it is half full. */
const SLOTS_AT_FIRST = 1024;

export class PairIndex {
  #size = 0;
  #keys = new Int32Array(SLOTS_AT_FIRST);
  #values = new Int32Array(SLOTS_AT_FIRST);
  #numbers = new Int32Array(SLOTS_AT_FIRST).fill(-1);
  readonly #others = new Map<number, Map<unknown, number>>();

  /** Returns the number of this key and primitive value, or −1. */
  get(key: number, value: unknown): number {
    if (!isInt32(value)) return this.#others.get(key)?.get(value) ?? -1;
    return valueAt(this.#numbers, this.#slot(key, value));
  }

  /** Sets a non-negative number. */
  set(key: number, value: unknown, number: number): void {
    if (!isInt32(value)) {
      let others = this.#others.get(key);
      if (others === undefined) this.#others.set(key, others = new Map());
      others.set(value, number);
      return;
    }
    if (this.#size * 2 >= this.#keys.length) this.#grow();
    const slot = this.#slot(key, value);
    if (this.#numbers[slot] === -1) this.#size++;
    this.#keys[slot] = key;
    this.#values[slot] = value;
    this.#numbers[slot] = number;
  }

  /** Returns the slot of the pair, or the empty slot where it belongs. */
  #slot(key: number, value: number): number {
    const mask = this.#keys.length - 1;
    let hash = Math.imul(key, 0x9e3779b1) ^ Math.imul(value, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & mask;
    while (this.#numbers[slot] !== -1 && (this.#keys[slot] !== key || this.#values[slot] !== value)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    const numbers = this.#numbers;
    const slots = keys.length * 2;
    this.#keys = new Int32Array(slots);
    this.#values = new Int32Array(slots);
    this.#numbers = new Int32Array(slots).fill(-1);
    for (let i = 0; i < keys.length; i++) {
      const number = valueAt(numbers, i);
      if (number < 0) continue;
      const slot = this.#slot(valueAt(keys, i), valueAt(values, i));
      this.#keys[slot] = valueAt(keys, i);
      this.#values[slot] = valueAt(values, i);
      this.#numbers[slot] = number;
    }
  }
}

function isInt32(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value;
}
