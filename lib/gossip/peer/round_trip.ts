/**
 * How long a message and its answer take, from what was seen lately. Medians rather than means: one sample that was
 * taken while a process had to wait for its turn, as all do when many start at once, must not count for many rounds.
 */

/** So many samples count, the latest. */
const SAMPLES = 9;
/** Three of four of them are no further from the middle than the deviation. */
const DEVIATION_QUANTILE = 0.75;

/** The middle of the latest round trips, and how far they are from it. */
export class RoundTrip {
  readonly #samples: number[] = [];
  #medianMs: number | undefined;
  #deviationMs = 0;

  /** The median of the latest round trips; undefined until the first. */
  get medianMs(): number | undefined {
    return this.#medianMs;
  }

  /** How far three of four of them are from it at most. */
  get deviationMs(): number {
    return this.#deviationMs;
  }

  /** Takes in a measured round trip. */
  sample(ms: number): void {
    this.#samples.push(Math.max(0, ms));
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    const middle = quantile(this.#samples, 0.5) ?? 0;
    this.#medianMs = middle;
    this.#deviationMs =
      quantile(this.#samples.map((sample) => Math.abs(sample - middle)), DEVIATION_QUANTILE) ?? 0;
  }
}

/** The smallest of some numbers that at least the part `q` of them does not exceed; undefined of none. */
export function quantile(values: readonly number[], q: number): number | undefined {
  const sorted: number[] = []; // by insertion: they are few, and every message has some sorted
  for (const value of values) {
    let place = sorted.push(value) - 1;
    for (let before = sorted[place - 1]; before !== undefined && before > value; before = sorted[place - 1]) {
      sorted[place--] = before;
    }
    sorted[place] = value;
  }
  return sorted[Math.max(0, Math.ceil(q * values.length) - 1)];
}
