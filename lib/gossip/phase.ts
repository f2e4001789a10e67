/** When a leaf gathers: at the moment that all leaves share, which the arrival of the last scatter sets. */

/** What the moment depends on. */
export interface PhaseOptions {
  /** When the oldest of the news came. */
  readonly newsSince: number;
  /** The round trip to the hub, ms. */
  readonly roundTripMs: number;
  readonly graceMs: number;
}

/** Follows a hub's rounds from the outside. */
export class Phase {
  #roundMs: number;
  #scatterAt = -Infinity;
  #gatheredAt = -Infinity;

  /** `roundMs`: what a round is taken to last until the hub says it. */
  constructor(roundMs: number) {
    this.#roundMs = roundMs;
  }

  get roundMs(): number {
    return this.#roundMs;
  }

  /** A scatter has arrived. */
  scattered(now: number, roundMs: number): void {
    this.#scatterAt = now;
    this.#roundMs = roundMs;
  }

  /** A gather leaves. */
  gathered(now: number): void {
    this.#gatheredAt = now;
  }

  /** Another hub: nothing is known of its rounds. */
  reset(): void {
    this.#scatterAt = -Infinity;
    this.#gatheredAt = -Infinity;
  }

  /**
   * When news should leave. In the rhythm: so that they arrive at the hub a grace before it scatters again; if they came
   * after that moment, they wait for the next scatter to set the next one, since they would only lie at the hub. When no
   * scatter came where one was expected, the cluster is quiet, and they leave at once.
   */
  dueAt({ newsSince, roundTripMs, graceMs }: PhaseOptions): number {
    const lateMs = 2 * graceMs;
    if (this.#gatheredAt > this.#scatterAt) { // the answer to the last gather sets the phase
      return this.#gatheredAt + roundTripMs + this.#roundMs + lateMs;
    }
    let slotMs = this.#roundMs - roundTripMs - graceMs;
    while (slotMs < 0) slotMs += this.#roundMs;
    const slot = this.#scatterAt + slotMs;
    if (newsSince <= slot) return slot;
    return this.#scatterAt + this.#roundMs + lateMs;
  }
}
