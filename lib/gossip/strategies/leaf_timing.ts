/** When a leaf gathers: at the moment that all leaves share, which the arrival of the last scatter sets. */

/** What the moment depends on. */
export interface HubLink {
  /** The round trip to the hub, ms. */
  readonly roundTripMs: number;
  /** How long before the hub's next scatter news should arrive there, ms. */
  readonly gatherLeadMs: number;
}

/** Follows a hub's rounds from the outside. */
export class LeafTiming {
  #roundMs: number;
  #scatterAt = -Infinity;
  #gatheredAt = -Infinity;
  #unusedSlot: number | undefined;

  /** `roundMs`: what a round is taken to last until the hub says it. */
  constructor(roundMs: number) {
    this.#roundMs = roundMs;
  }

  get roundMs(): number {
    return this.#roundMs;
  }

  /** A scatter has arrived. */
  onScatter(now: number, { roundMs, ...distance }: HubLink & { readonly roundMs: number }): void {
    const slot = this.#slot(distance);
    if (slot >= now && this.#gatheredAt <= this.#scatterAt) this.#unusedSlot ??= slot;
    this.#scatterAt = now;
    this.#roundMs = roundMs;
  }

  /** A gather leaves. */
  onGather(now: number): void {
    this.#gatheredAt = now;
    this.#unusedSlot = undefined;
  }

  /** Another hub: nothing is known of its rounds. */
  reset(): void {
    this.#scatterAt = -Infinity;
    this.#gatheredAt = -Infinity;
    this.#unusedSlot = undefined;
  }

  /**
   * When news should leave that came at `updatesSince`. In the rhythm: so that they arrive at the hub a grace before it scatters
   * again; if they came after that moment, they wait for the next scatter to set the next one, since they would only lie
   * at the hub. When no scatter came where one was expected, the cluster is quiet, and they leave at once. A scatter that
   * comes before the moment that the last one set does not put it off: else news could wait for ever.
   */
  dueAt(updatesSince: number, distance: HubLink): number {
    const lateMs = 2 * distance.gatherLeadMs;
    if (this.#gatheredAt > this.#scatterAt) { // the answer to the last gather sets the leafTiming
      return this.#gatheredAt + distance.roundTripMs + this.#roundMs + lateMs;
    }
    if (this.#unusedSlot !== undefined && updatesSince <= this.#unusedSlot) return this.#unusedSlot;
    const slot = this.#slot(distance);
    if (updatesSince > slot) return this.#scatterAt + this.#roundMs + lateMs;
    return Math.min(slot, updatesSince + this.#roundMs); // news that set off the last scatter are older than it
  }

  #slot({ roundTripMs, gatherLeadMs }: HubLink): number {
    let slotMs = this.#roundMs - roundTripMs - gatherLeadMs;
    // Further away than a round: what leaves then is for a scatter after the next. A little further may be but a hiccup: then
    // it is best to hurry.
    while (slotMs < -this.#roundMs / 2) slotMs += this.#roundMs;
    return this.#scatterAt + Math.max(0, slotMs);
  }
}
