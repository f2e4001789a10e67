/** From a key's values to numbers: an array where values are small whole numbers, as generators make them; else a Map. */

/** Values above this multiple of the count so far go to the Map: an array must not grow by one huge value. */
const SPARSE = 8;

export class ElementIndex {
  readonly #dense: number[] = [];
  #rest: Map<unknown, number> | undefined;

  /** The number of this value (a primitive), or −1. */
  get(value: unknown): number {
    if (typeof value === "number" && value >= 0) {
      const at = this.#dense[value];
      if (at !== undefined && at >= 0) return at;
    }
    return this.#rest?.get(value) ?? -1;
  }

  /** Sets a number, at least 0, for a value. */
  set(value: unknown, number: number): void {
    const dense = this.#dense;
    if (
      typeof value === "number" && Number.isInteger(value) && value >= 0 &&
      value < SPARSE * (dense.length + SPARSE)
    ) {
      while (dense.length <= value) dense.push(-1);
      dense[value] = number;
      this.#rest?.delete(value);
    } else {
      (this.#rest ??= new Map()).set(value, number);
    }
  }
}
