/** A set that only grows: the union of everything that was added at any node. */

import type { Json } from "../protocol/schema.ts";

/** A grow-only set. Two elements are equal if their JSON is equal. */
export class GSet {
  readonly #keys = new Set<string | number>();
  readonly #fresh: Json[] = []; // added since the last encoding
  #text = ""; // the encoded elements, separated by commas

  /** Adds an element. Returns false if it is in the set already. */
  add(element: Json): boolean {
    const key = typeof element === "number" ? element : JSON.stringify(element);
    const { size } = this.#keys;
    if (this.#keys.add(key).size === size) return false;
    this.#fresh.push(element);
    return true;
  }

  /** All elements as a JSON array, in the order of addition. Only elements added since the last call are encoded. */
  get json(): string {
    if (this.#fresh.length > 0) {
      const fresh = JSON.stringify(this.#fresh).slice(1, -1);
      this.#text += this.#text === "" ? fresh : `,${fresh}`;
      this.#fresh.length = 0;
    }
    return `[${this.#text}]`;
  }
}
