/** A set that only grows: the union of all that was ever added anywhere. */

import type { Json } from "../protocol/schema.ts";

/** Elements are the same if they are written the same in JSON. */
export class GSet {
  readonly #keys = new Set<string | number>();
  readonly #fresh: Json[] = []; // added since the elements were encoded
  #text = ""; // all before those, separated by commas

  /** Adds an element; false if it is there already. */
  add(element: Json): boolean {
    const key = typeof element === "number" ? element : JSON.stringify(element);
    const { size } = this.#keys;
    if (this.#keys.add(key).size === size) return false;
    this.#fresh.push(element);
    return true;
  }

  /** All elements as a JSON array, the first known first. Only those that are new since the last time are encoded. */
  get json(): string {
    if (this.#fresh.length > 0) {
      const fresh = JSON.stringify(this.#fresh).slice(1, -1);
      this.#text += this.#text === "" ? fresh : `,${fresh}`;
      this.#fresh.length = 0;
    }
    return `[${this.#text}]`;
  }
}
