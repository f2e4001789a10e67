/** A token bucket: limits a rate, and lets a short burst through at once. */

/** Tokens that the bucket holds at most, if the caller does not say. */
const BURST_DEFAULT = 4;

/** Hands out one token per `intervalMs` on average, and up to `burst` of them at once. */
export class TokenBucket {
  readonly #intervalMs: number;
  readonly #burst: number;
  #tokens: number; // below 0 if tokens were taken in advance
  #updatedAt: number;

  constructor(intervalMs: number, now: number, burst = BURST_DEFAULT) {
    this.#intervalMs = intervalMs;
    this.#burst = burst;
    this.#tokens = burst;
    this.#updatedAt = now;
  }

  /** The time at which the next token is available. */
  get nextTokenAt(): number {
    return this.#tokens >= 1 ? this.#updatedAt : this.#updatedAt + (1 - this.#tokens) * this.#intervalMs;
  }

  /** Returns true if a token is available. */
  hasToken(now: number): boolean {
    return now >= this.nextTokenAt;
  }

  /** Takes a token, in advance if there is none, and returns for how many ms the caller must wait for it. */
  take(now: number): number {
    const refilled = this.#intervalMs === 0
      ? this.#burst
      : this.#tokens + (now - this.#updatedAt) / this.#intervalMs;
    this.#tokens = Math.min(this.#burst, refilled) - 1;
    this.#updatedAt = now;
    return Math.max(0, -this.#tokens * this.#intervalMs);
  }
}
