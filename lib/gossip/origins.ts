/**
 * Numbers for the names of origins, so that a vector can be an array.
 *
 * Tested by `tests/gossip/version_vector_test.ts`.
 */

/** The numbers 0, 1, 2, … that one node gives to origins as it hears of them. Other nodes number them differently. */
export class Origins {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  /** The names, each at the index that is its number. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Returns an origin's number, and assigns the next one on the first call for a name. */
  numberOf(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) this.#numbers.set(name, number = this.#names.push(name) - 1);
    return number;
  }
}
