/** A set that only grows: the union of all that was ever added anywhere. */

import type { Json } from "../protocol/schema.ts";

/** Elements are the same if they are written the same in JSON. */
export class GSet {
  readonly #keys = new Set<string | number>();
  readonly #values: Json[] = [];

  /** The elements, the first known first. Not to be changed. */
  get values(): readonly Json[] {
    return this.#values;
  }

  /** Adds an element; false if it is there already. */
  add(element: Json): boolean {
    const key = typeof element === "number" ? element : JSON.stringify(element);
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    this.#values.push(element);
    return true;
  }
}
