/**
 * A hybrid logical clock. Tested by `tests/consensus/accord/hybrid_clock_test.ts`.
 *
 * It follows the node's clock, and no timestamp of another node stays ahead of it. Kulkarni et al., "Logical Physical Clocks" (2014), wait
 * until the node's clock has caught up with such a timestamp. This clock keeps the difference, so that it continues to measure time.
 */

import type { Timestamp } from "./types.ts";

/** Ticks per ms. With 100 nodes, timestamps stay exact integers for 50,000 years. */
const TICKS_PER_MS = 16;

/** Issues timestamps that increase and that no other node issues. */
export class HybridClock {
  readonly #nodes: number;
  readonly #index: number;
  /** The time in ms by which this clock is ahead of the node's own. */
  #aheadMs = 0;
  #lastTick = 0;

  constructor(nodes: number, index: number) {
    this.#nodes = nodes;
    this.#index = index;
  }

  /** The last timestamp that was issued or witnessed. */
  get last(): Timestamp {
    return this.#lastTick * this.#nodes + this.#index;
  }

  /** Returns the time of this clock, in ms. */
  timeMs(nowMs: number): number {
    return nowMs + this.#aheadMs;
  }

  /** Returns the time in ms of a timestamp. */
  timeMsOf(timestamp: Timestamp): number {
    return Math.floor(timestamp / this.#nodes) / TICKS_PER_MS;
  }

  /** Returns the node's own time at which this clock shows a time, both in ms. */
  ownTimeMs(timeMs: number): number {
    return timeMs - this.#aheadMs;
  }

  /** Issues a timestamp, later than any before and than any that was witnessed. */
  next(nowMs: number): Timestamp {
    this.#lastTick = Math.max(this.#lastTick + 1, Math.floor(this.timeMs(nowMs) * TICKS_PER_MS));
    return this.last;
  }

  /** Advances the clock to a timestamp that it lags. */
  witness(timestamp: Timestamp, nowMs: number): void {
    const tick = Math.floor(timestamp / this.#nodes);
    this.#lastTick = Math.max(this.#lastTick, tick);
    this.#aheadMs = Math.max(this.#aheadMs, tick / TICKS_PER_MS - nowMs);
  }
}
