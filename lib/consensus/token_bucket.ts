/** Batching for a busy node: one that has little to do sends at once, one that has much gathers for a while. */

/** So many batches may follow each other at once, where there were few before. */
const BURST = 4;

/** A token bucket: on average one batch each `everyMs`, some at once. */
export class TokenBucket {
  readonly #everyMs: number;
  #left = BURST;
  #at: number;

  constructor(everyMs: number, now: number) {
    this.#everyMs = everyMs;
    this.#at = now;
  }

  /** When the next batch may go. */
  get nextTokenAt(): number {
    return this.#left >= 1 ? this.#at : this.#at + (1 - this.#left) * this.#everyMs;
  }

  /** Whether a batch may go now. */
  hasToken(now: number): boolean {
    return now >= this.nextTokenAt;
  }

  /** Takes note that a batch has gone. */
  take(now: number): void {
    const refilled = this.#everyMs === 0 ? BURST : this.#left + (now - this.#at) / this.#everyMs;
    this.#left = Math.min(BURST, refilled) - 1;
    this.#at = now;
  }
}
