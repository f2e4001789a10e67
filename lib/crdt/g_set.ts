/** A set that only grows: the union of everything that was added at any node. */

import { RawJson } from "../protocol/encoded.ts";
import { stringifyExactJson } from "../protocol/exact_json.ts";
import type { Json } from "../protocol/schema.ts";

/** A grow-only set, and as a field of a reply the array of its elements. Two elements are equal if their JSON is equal. */
export class GSet extends RawJson {
  readonly #naturals = new NaturalSet();
  readonly #keys = new Set<string | number>();
  readonly #elements: Json[] = [];
  #encoded = ""; // elements as JSON, separated by commas
  #encodedCount = 0;

  constructor() {
    super("[]");
  }

  /** Adds an element. Returns false if it is in the set already. */
  add(element: Json): boolean {
    if (!this.#addKey(element)) return false;
    this.#elements.push(element);
    return true;
  }

  /** The number of elements. */
  get size(): number {
    return this.#elements.length;
  }

  /** Returns the elements that were added last, oldest first. */
  last(count: number): Json[] {
    return this.#elements.slice(-count);
  }

  /** All elements as a JSON array, in the order of addition. Only elements added since the last call are encoded. */
  override get text(): string {
    if (this.#encodedCount < this.#elements.length) {
      const added = stringifyExactJson(this.#elements.slice(this.#encodedCount)).slice(1, -1);
      this.#encoded += this.#encoded === "" ? added : `,${added}`;
      this.#encodedCount = this.#elements.length;
    }
    return `[${this.#encoded}]`;
  }

  /** Returns all elements, in the order of addition. */
  override toJSON(): Json[] {
    return this.#elements.slice();
  }

  #addKey(element: Json): boolean {
    if (typeof element === "number" && isSmallNatural(element)) return this.#naturals.add(element);
    const key = typeof element === "number" ? element : stringifyExactJson(element);
    const { size } = this.#keys;
    return this.#keys.add(key).size > size;
  }
}

/** Natural numbers below this are elements of a {@linkcode NaturalSet}, which then takes 128 KB at most. */
const SMALL_MAX = 2 ** 20;

function isSmallNatural(value: number): boolean {
  return value >= 0 && value < SMALL_MAX && Number.isInteger(value);
}

/** A set of natural numbers that takes a bit for each number up to the greatest. Most elements in Maelstrom are small. */
class NaturalSet {
  #words = new Uint32Array(4);

  /** Adds a number. Returns false if it is in the set already. */
  add(natural: number): boolean {
    const at = natural >>> 5;
    while (at >= this.#words.length) {
      const longer = new Uint32Array(2 * this.#words.length);
      longer.set(this.#words);
      this.#words = longer;
    }
    const word = this.#words[at] ?? 0;
    const bit = 1 << (natural & 31);
    this.#words[at] = word | bit;
    return (word & bit) === 0;
  }
}
