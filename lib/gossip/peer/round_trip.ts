/**
 * The round-trip time to a peer, from recent samples. It is a median rather than a mean, because a sample that was taken
 * while a process waited for the CPU, as at start-up, must not affect many rounds.
 */

/** The number of recent samples that are kept. */
const SAMPLES = 9;
/** The quantile of the distances from the median that counts as the deviation. */
const DEVIATION_QUANTILE = 0.75;

/** The median and the deviation of the latest round trips to one peer. */
export class RoundTrip {
  readonly #samples: number[] = [];
  #medianMs: number | undefined;
  #deviationMs = 0;

  /** The median of the latest round trips; undefined before the first sample. */
  get medianMs(): number | undefined {
    return this.#medianMs;
  }

  /** The shortest of the latest round trips; infinite before the first sample. */
  get shortestMs(): number {
    return Math.min(...this.#samples);
  }

  /** The distance from the median that three of four samples do not exceed. */
  get deviationMs(): number {
    return this.#deviationMs;
  }

  /** Adds a measured round trip. */
  sample(ms: number): void {
    this.#samples.push(Math.max(0, ms));
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    const median = quantile(this.#samples, 0.5) ?? 0;
    this.#medianMs = median;
    this.#deviationMs =
      quantile(this.#samples.map((sample) => Math.abs(sample - median)), DEVIATION_QUANTILE) ?? 0;
  }
}

/** Returns the smallest value that at least the fraction `q` of the values does not exceed; undefined for no values. */
export function quantile(values: readonly number[], q: number): number | undefined {
  const sorted = values.slice(); // by insertion, because there are few values and every message needs some sorted
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i] ?? 0;
    let place = i;
    for (; place > 0; place--) {
      const before = sorted[place - 1] ?? 0;
      if (before <= value) break;
      sorted[place] = before;
    }
    sorted[place] = value;
  }
  return sorted[Math.max(0, Math.ceil(q * values.length) - 1)];
}
