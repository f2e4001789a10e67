/** Short names of what steps create. Tested by `tests/bench/explore/world_test.ts`. */

/**
 * The names of messages and timers. A name is the same in every execution in which the same steps created the message or
 * timer.
 */
export class StepNames {
  readonly #numbers = new Map<string, number>();

  /** Returns the name of the thing that a step created as its `index`-th one. */
  of(creator: string | undefined, index: number): string {
    if (creator === undefined) return `0.${index}`;
    let number = this.#numbers.get(creator);
    if (number === undefined) this.#numbers.set(creator, number = this.#numbers.size + 1);
    return `${number}.${index}`;
  }
}
