/** A set that only grows: the union of everything that was added at any node. */

import { RawJson } from "../protocol/encoded.ts";
import { stringifyExactJson } from "../protocol/exact_json.ts";
import type { Json } from "../protocol/schema.ts";

/** A grow-only set, and as a field of a reply the array of its elements. Two elements are equal if their JSON is equal. */
export class GSet extends RawJson {
  readonly #keys = new Set<string | number>();
  readonly #elements: Json[] = [];
  #encoded = ""; // elements as JSON, separated by commas
  #encodedCount = 0;

  constructor() {
    super("[]");
  }

  /** Adds an element. Returns false if it is in the set already. */
  add(element: Json): boolean {
    const key = typeof element === "number" ? element : stringifyExactJson(element);
    const { size } = this.#keys;
    if (this.#keys.add(key).size === size) return false;
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
}
