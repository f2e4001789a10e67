/** The round time of a hub: as long as the latency limit permits, given the round trips to the leaves. */

import { invariant } from "../../protocol/errors.ts";

/** The time that is reserved for late timers and late deliveries before any lateness is measured, in ms. */
const MARGIN_MS_FIRST = 50;
/** The part of the latency limit that the margin takes at most. */
const MARGIN_FRACTION_MAX = 0.2;
/** The margin in addition to the measured lateness, in ms, for the rounds that will be later than any before. */
const MARGIN_MS_SPARE = 20;
/** The number of rounds whose lateness counts, so that one late moment shortens rounds for a while. */
const LATENESS_ROUNDS = 24;
/**
 * The latency limit, in round trips, from which on the margin follows the lateness. Below, rounds are hardly longer than a round
 * trip, and a change that misses a gather misses more than a small margin covers.
 */
const LATENESS_ROUND_TRIPS_MIN = 2.5;
/** The number of measured rounds from which on the margin follows the lateness. */
const LATENESS_ROUNDS_MIN = 4;
/** The minimum time, in ms, by which gathers are planned to arrive before the scatter. */
const GATHER_LEAD_MS_MIN = 25;
/** The minimum time, in ms, by which a round is longer than a round trip if gathers leave as soon as a scatter arrives. */
const CATCH_MS_MIN = 10;
/** The minimum round time, as a part of the latency limit. It prevents a storm of messages on slow networks. */
const ROUND_FRACTION_MIN = 0.33;
/** The round time before any round trip is measured, as a part of the latency limit. */
const ROUND_FRACTION_FIRST = 0.5;
/** The number of early scatters that each round earns. */
const EARLY_SCATTER_PER_ROUND = 0.1;
/** The number of early scatters that a hub begins with, and keeps at most. */
const EARLY_SCATTER_MAX = 6;
/** The slack in addition to that by which gathers missed a scatter, in ms, for those that will be later than any before. */
const SLACK_MS_SPARE = 5;
/** The part of the latency limit that the slack takes at most. A gather that is later misses a scatter for another reason. */
const SLACK_FRACTION_MAX = 0.05;

/** The round trips to all leaves, summarized. */
export interface RoundTripStats {
  /** The median of the leaves' round-trip times, in ms; undefined before the first measurement. */
  readonly roundTripMs: number | undefined;
  /** The deviation of the round-trip times, in ms. */
  readonly deviationMs: number;
  /** The shortest recent round trip of any leaf, in ms; infinite before the first measurement. */
  readonly shortestMs: number;
}

/** The greatest of the values of the last rounds. */
class RecentMax {
  readonly #values: number[] = [];

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > LATENESS_ROUNDS) this.#values.shift();
  }

  get count(): number {
    return this.#values.length;
  }

  get max(): number {
    return Math.max(0, ...this.#values);
  }
}

/**
 * The timing of one hub. A change that just misses a gather waits for a whole round, travels to the hub, waits there for the
 * lead time, and travels on. So round + lead + round trip + margin must equal the latency limit.
 *
 * If such a round is shorter than a round trip and the lead time, gathers leave as soon as a scatter arrives, and those that
 * are a little late miss the next one. A change then waits for two rounds in total, including both ways, as long as a round
 * catches the gathers. So the round becomes longer for that, up to half of the latency limit.
 *
 * A gather that is a little late misses its scatter, and its changes wait for another round. After that, rounds have a slack:
 * they are longer than the hub announces, by as much as gathers were late. That costs less than a second round of waiting.
 */
export class HubTiming {
  /** The latency limit, in ms. */
  readonly latencyMsMax: number;
  #marginMs: number;
  readonly #latenessMs = new RecentMax();
  #roundMs: number;
  #gatherLeadMs = GATHER_LEAD_MS_MIN;
  #waitMsMax: number; // the time for which a change may wait at a leaf and at the hub in total
  #slackMs = 0;
  #missedMs = 0; // how long after the last scatter a gather arrived that was for it
  readonly #neededSlackMs = new RecentMax();
  #scatteredAt = -Infinity;
  #previousScatterAt = Infinity;
  #earlyScatters = EARLY_SCATTER_MAX;

  constructor(latencyMsMax: number) {
    invariant(latencyMsMax > 0, () => `the latency limit is ${latencyMsMax} ms`);
    this.latencyMsMax = latencyMsMax;
    this.#marginMs = Math.min(MARGIN_MS_FIRST, latencyMsMax * MARGIN_FRACTION_MAX);
    this.#roundMs = latencyMsMax * ROUND_FRACTION_FIRST;
    this.#waitMsMax = this.#roundMs + this.#gatherLeadMs + this.#marginMs;
  }

  /** The time from one scatter to the next, in ms. */
  get roundMs(): number {
    return this.#roundMs;
  }

  /** The round time that the hub announces to the leaves, in ms. */
  get announcedMs(): number {
    return this.#roundMs - this.#slackMs;
  }

  /** The time by which gathers should arrive before the scatter, in ms. */
  get gatherLeadMs(): number {
    return this.#gatherLeadMs;
  }

  /** Returns the time of the next scatter; `complete` if the gathers of all leaves have arrived. */
  dueAt(complete: boolean): number {
    return this.#scatteredAt + this.#roundMs - (complete ? 2 * this.#gatherLeadMs : 0);
  }

  /**
   * Returns the time of an early scatter for changes that had waited `ageMs` when their gather left. Returns undefined if the
   * next regular scatter is early enough, or if too many early scatters were needed: the network is then not steady, and
   * they would only double the number of messages.
   */
  earlyScatterAt(ageMs: number, now: number): number | undefined {
    if (this.#earlyScatters < 1) return undefined;
    // Wait as long as the age permits, because gathers of other leaves may be late, too.
    const at = now + Math.max(this.#gatherLeadMs, this.#waitMsMax - ageMs);
    return at < this.dueAt(false) - this.#gatherLeadMs ? at : undefined;
  }

  /** Records an early scatter. It does not affect the rounds. */
  onEarlyScatter(): void {
    this.#earlyScatters -= 1;
  }

  /**
   * Records a gather that acknowledges the message of `ackedAt`. Returns true if it answers the last scatter. A gather that still
   * answers the scatter before that one came too late.
   */
  onGather(ackedAt: number, now: number): boolean {
    if (ackedAt >= this.#scatteredAt) return true;
    const missedMs = now - this.#scatteredAt;
    if (ackedAt >= this.#previousScatterAt && missedMs <= this.#slackMsMax) {
      this.#missedMs = Math.max(this.#missedMs, missedMs);
    }
    return false;
  }

  /**
   * Records a regular scatter, and computes the next round time. `oldestAgeMs` is the age of the oldest change in it; undefined
   * if it has none of the last round.
   */
  onScatter(now: number, stats: RoundTripStats, oldestAgeMs?: number): void {
    const { roundTripMs = Infinity } = stats;
    if (oldestAgeMs !== undefined && this.latencyMsMax >= LATENESS_ROUND_TRIPS_MIN * roundTripMs) {
      // A change that just missed a gather waits for a round, travels to the hub, and waits there for the lead time.
      const plannedMs = this.#roundMs + roundTripMs / 2 + this.#gatherLeadMs + this.#slackMs;
      // Changes of a late gather waited for two rounds. The slack is for those.
      if (this.#missedMs === 0) this.#recordLateness(oldestAgeMs - plannedMs);
    }
    this.#updateSlack();
    this.#earlyScatters = Math.min(EARLY_SCATTER_MAX, this.#earlyScatters + EARLY_SCATTER_PER_ROUND);
    if (this.#scatteredAt > -Infinity) this.#previousScatterAt = this.#scatteredAt;
    this.#scatteredAt = now;
    this.measure(stats);
  }

  #recordLateness(latenessMs: number): void {
    const recent = this.#latenessMs;
    recent.add(latenessMs);
    if (recent.count < LATENESS_ROUNDS_MIN) return;
    this.#marginMs = Math.min(recent.max + MARGIN_MS_SPARE, this.latencyMsMax * MARGIN_FRACTION_MAX);
  }

  #updateSlack(): void {
    const needed = this.#neededSlackMs;
    needed.add(this.#missedMs === 0 ? 0 : this.#slackMs + this.#missedMs);
    this.#missedMs = 0;
    this.#slackMs = needed.max === 0 ? 0 : Math.min(needed.max + SLACK_MS_SPARE, this.#slackMsMax);
  }

  get #slackMsMax(): number {
    return this.latencyMsMax * SLACK_FRACTION_MAX;
  }

  /** Computes the round time from the current round trips. */
  measure({ roundTripMs, deviationMs, shortestMs }: RoundTripStats): void {
    const latency = this.latencyMsMax;
    if (roundTripMs === undefined) return;
    const gatherLeadMs = Math.max(GATHER_LEAD_MS_MIN, 2 * deviationMs);
    // A longer lead covers lateness that the margin would cover otherwise.
    const marginMs = Math.max(this.#marginMs / 2, this.#marginMs - (gatherLeadMs - GATHER_LEAD_MS_MIN) / 2);
    const longest = latency - marginMs - gatherLeadMs - this.#slackMs - roundTripMs;
    const caught = Math.min(roundTripMs + gatherLeadMs, latency / 2);
    const isTwoRounds = longest < caught && caught >= roundTripMs + CATCH_MS_MIN;
    this.#roundMs = isTwoRounds ? caught : Math.max(latency * ROUND_FRACTION_MIN, longest);
    this.#gatherLeadMs = Math.min(gatherLeadMs, this.#roundMs / 4);
    this.#waitMsMax = latency - shortestMs;
  }
}
