/** How long a message and its answer take, from what was seen (the estimator of RFC 6298, section 2). */

const GAIN = 1 / 8;
const DEVIATION_GAIN = 1 / 4;

/** A smoothed round trip and its mean deviation. */
export class RoundTrip {
  #smoothedMs: number | undefined;
  #deviationMs = 0;

  /** Undefined until the first sample. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs;
  }

  get deviationMs(): number {
    return this.#deviationMs;
  }

  /** Takes in a measured round trip. The first one stands for itself, with no deviation: networks are mostly steady. */
  sample(ms: number): void {
    const measured = Math.max(0, ms);
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = measured;
      return;
    }
    const error = measured - this.#smoothedMs;
    this.#deviationMs += DEVIATION_GAIN * (Math.abs(error) - this.#deviationMs);
    this.#smoothedMs += GAIN * error;
  }
}

/** The smallest of some numbers that at least the part `q` of them does not exceed; undefined of none. */
export function quantile(values: readonly number[], q: number): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)];
}
