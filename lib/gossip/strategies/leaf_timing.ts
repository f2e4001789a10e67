/** The time of a leaf's next gather: the moment that all leaves share, because the hub's last scatter sets it. */

/** The way from a leaf to its hub. */
export interface HubLink {
  /** The round-trip time, in ms. */
  readonly roundTripMs: number;
  /** The time, in ms, by which changes should arrive before the hub's next scatter. */
  readonly gatherLeadMs: number;
}

/** An estimate of the hub's rounds, from the scatters that arrive. */
export class LeafTiming {
  #roundMs: number;
  #scatterAt = -Infinity;
  #gatheredAt: number | undefined; // when the last gather left, if no scatter has arrived since
  #unusedSlot: number | undefined; // the planned time of a gather that was not sent before the next scatter arrived

  /** `roundMs` is the assumed round time until the hub announces it. */
  constructor(roundMs: number) {
    this.#roundMs = roundMs;
  }

  /** The hub's round time, in ms. */
  get roundMs(): number {
    return this.#roundMs;
  }

  /** Records the arrival of a scatter. */
  onScatter(now: number, { roundMs, ...link }: HubLink & { readonly roundMs: number }): void {
    const slot = this.#slot(link);
    if (slot >= now && this.#gatheredAt === undefined) this.#unusedSlot ??= slot;
    this.#gatheredAt = undefined;
    this.#scatterAt = now;
    this.#roundMs = roundMs;
  }

  /** Records a gather that is sent. */
  onGather(now: number): void {
    this.#gatheredAt = now;
    this.#unusedSlot = undefined;
  }

  /** Forgets the rounds of the previous hub. */
  reset(): void {
    this.#scatterAt = -Infinity;
    this.#gatheredAt = undefined;
    this.#unusedSlot = undefined;
  }

  /**
   * Returns the time at which changes that appeared at `unsentSince` should be sent:
   *
   * - After a gather, they wait for the scatter that answers it.
   * - Otherwise they leave so that they arrive at the hub `gatherLeadMs` before its next scatter.
   * - If they are too late for that, they wait for the next scatter. At the hub they would only wait as long.
   * - If no scatter arrived when one was expected, the cluster is quiet, and they leave at once.
   *
   * A scatter that arrives before the planned time does not move it. Otherwise changes could wait forever.
   */
  dueAt(unsentSince: number, link: HubLink): number {
    const lateMs = 2 * link.gatherLeadMs;
    if (this.#gatheredAt !== undefined) {
      return this.#gatheredAt + link.roundTripMs + this.#roundMs + lateMs;
    }
    if (this.#unusedSlot !== undefined && unsentSince <= this.#unusedSlot) return this.#unusedSlot;
    const slot = this.#slot(link);
    if (unsentSince > slot) return this.#scatterAt + this.#roundMs + lateMs;
    return Math.min(slot, unsentSince + this.#roundMs); // changes that caused the last scatter are older than it
  }

  #slot({ roundTripMs, gatherLeadMs }: HubLink): number {
    let slotMs = this.#roundMs - roundTripMs - gatherLeadMs;
    // If the hub is further away than a round, changes that leave now meet a later scatter. If it is only a little further
    // away, the measurement may be a hiccup, and the changes leave at once.
    while (slotMs < -this.#roundMs / 2) slotMs += this.#roundMs;
    return this.#scatterAt + Math.max(0, slotMs);
  }
}
