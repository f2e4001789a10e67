/** How often a hub scatters: as seldom as the allowed latency permits, given how far away the others are. */

/** The part of the allowed latency that is kept for late timers and late deliveries… */
const MARGIN_SHARE = 0.08;
/** …and how much of it at least, ms, unless that is more than a fifth of it. */
const MARGIN_MS_MIN = 50;
const MARGIN_SHARE_MAX = 0.2;
/** Gathers are planned to arrive this long before the scatter, at least. */
const GATHER_LEAD_MS_MIN = 25;
/** A round takes no less than this part of the allowed latency, however far away the others are. */
const ROUND_SHARE_MIN = 0.33;
/** What a round is taken for until anything is known of the distance. */
const ROUND_SHARE_FIRST = 0.5;
/** Scatters between the rounds are earned: this many per round, and no more than that many at once. */
const EARLY_SCATTER_PER_ROUND = 0.1;
const EARLY_SCATTER_MAX = 3;

/** What the hubTiming is made from. */
export interface RoundTripStats {
  /** The middle one of the others' round trips, ms; undefined if none was measured yet. */
  readonly roundTripMs: number | undefined;
  /** How much round trips deviate, ms. */
  readonly deviationMs: number;
}

/**
 * The time of one round. A change that comes just too late for a gather waits a whole round, then travels to the hub, waits
 * out the grace, and travels on: round + grace + round trip, and with the guard that is the latency allowed.
 */
export class HubTiming {
  /** The latency allowed, ms. */
  readonly latencyMsMax: number;
  readonly #marginMs: number;
  #roundMs: number;
  #gatherLeadMs = GATHER_LEAD_MS_MIN;
  #scatteredAt = -Infinity;
  #earlyScatters = EARLY_SCATTER_MAX;

  constructor(latencyMsMax: number) {
    this.latencyMsMax = latencyMsMax;
    this.#marginMs = Math.max(
      latencyMsMax * MARGIN_SHARE,
      Math.min(MARGIN_MS_MIN, latencyMsMax * MARGIN_SHARE_MAX),
    );
    this.#roundMs = latencyMsMax * ROUND_SHARE_FIRST;
  }

  get roundMs(): number {
    return this.#roundMs;
  }

  get gatherLeadMs(): number {
    return this.#gatherLeadMs;
  }

  /** When the last scatter left. */
  get scatteredAt(): number {
    return this.#scatteredAt;
  }

  /** When the next scatter leaves, if there is anything to scatter; `complete` once all who may gather have. */
  dueAt(complete: boolean): number {
    return this.#scatteredAt + this.#roundMs - (complete ? 2 * this.#gatherLeadMs : 0);
  }

  /**
   * When a scatter must leave besides those of the rounds, for changes that came late, so as to be in time all the same: they
   * had waited `ageMs` when their gather left. Undefined if the next round's is soon enough, or if too many were late: then
   * the network is no steady one, and haste would only double the messages.
   */
  earlyScatterAt(ageMs: number, now: number): number | undefined {
    if (this.#earlyScatters < 1) return undefined;
    const at = now +
      Math.max(this.#gatherLeadMs, this.#roundMs + this.#gatherLeadMs + this.#marginMs - ageMs); // others may be late, too
    return at < this.dueAt(false) - this.#marginMs / 2 ? at : undefined;
  }

  /** Notes a scatter between the rounds: it changes nothing for the others. */
  onEarlyScatter(): void {
    this.#earlyScatters -= 1;
  }

  /** Notes a round's scatter, and sets the next round's time. */
  onScatter(now: number, distance: RoundTripStats): void {
    this.#earlyScatters = Math.min(EARLY_SCATTER_MAX, this.#earlyScatters + EARLY_SCATTER_PER_ROUND);
    this.#scatteredAt = now;
    this.measure(distance);
  }

  /** Sets the round's time from what is known of the distance now. */
  measure({ roundTripMs, deviationMs }: RoundTripStats): void {
    const latency = this.latencyMsMax;
    if (roundTripMs === undefined) return;
    const gatherLeadMs = Math.max(GATHER_LEAD_MS_MIN, 2 * deviationMs);
    // A longer grace takes lateness in already that the guard would be for.
    const marginMs = Math.max(this.#marginMs / 2, this.#marginMs - (gatherLeadMs - GATHER_LEAD_MS_MIN) / 2);
    const longest = latency - marginMs - gatherLeadMs - roundTripMs;
    this.#roundMs = Math.max(latency * ROUND_SHARE_MIN, longest);
    this.#gatherLeadMs = Math.min(gatherLeadMs, this.#roundMs / 4);
  }
}
