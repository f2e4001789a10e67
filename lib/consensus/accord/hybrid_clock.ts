/**
 * A clock that all nodes share approximately, and the timestamps that a node issues. Tested by `tests/consensus/accord/hybrid_clock_test.ts`.
 *
 * Each node follows the fastest clock from which it receives a message. Hybrid logical clocks (Kulkarni et al., "Logical Physical Clocks",
 * 2014) stop at such a time until their own has caught up. This one keeps the difference, so that it continues to measure time.
 */

import type { Timestamp } from "./types.ts";

/** Ticks per ms. With 100 nodes, timestamps stay exact integers for 50,000 years. */
const TICKS_PER_MS = 16;

/** Issues timestamps, each once, and none that another node issues. */
export class HybridClock {
  readonly #nodes: number;
  readonly #index: number;
  /** The time in ms by which this clock is ahead of the node's own. */
  #aheadMs = 0;
  /** No tick up to this one is issued any more. */
  #closedTick = 0;
  /** The issued ticks that are not closed. */
  readonly #issued = new Set<number>();

  constructor(nodes: number, index: number) {
    this.#nodes = nodes;
    this.#index = index;
  }

  /** Returns the time of this clock, in ms. */
  timeMs(nowMs: number): number {
    return nowMs + this.#aheadMs;
  }

  /** Returns the time in ms of a timestamp. */
  timeMsOf(timestamp: Timestamp): number {
    return this.#tickOf(timestamp) / TICKS_PER_MS;
  }

  /** Returns the node's own time at which this clock shows a time, both in ms. */
  ownTimeMs(timeMs: number): number {
    return timeMs - this.#aheadMs;
  }

  /** Issues a timestamp: the time of this clock or `aheadMs` later, but later than `after`. */
  issue(
    nowMs: number,
    { after, aheadMs = 0 }: { readonly after: Timestamp; readonly aheadMs?: number },
  ): Timestamp {
    const present = Math.floor(this.timeMs(nowMs) * TICKS_PER_MS);
    this.#close(present - 1);
    const wanted = present + Math.ceil(aheadMs * TICKS_PER_MS);
    let tick = Math.max(wanted, this.#tickOf(after) + 1, this.#closedTick + 1);
    while (this.#issued.has(tick)) tick++;
    this.#issued.add(tick);
    return tick * this.#nodes + this.#index;
  }

  /** Advances this clock to the time of another node's clock, if it is behind. */
  synchronize(timeMs: number, nowMs: number): void {
    this.#aheadMs = Math.max(this.#aheadMs, timeMs - nowMs);
  }

  /** Continues after a timestamp that was stored before a restart. */
  restore(timestamp: Timestamp, nowMs: number): void {
    this.#close(this.#tickOf(timestamp));
    this.synchronize(this.timeMsOf(timestamp), nowMs);
  }

  /** The last timestamp that may have been issued. */
  get last(): Timestamp {
    return Math.max(this.#closedTick, ...this.#issued) * this.#nodes + this.#index;
  }

  #close(tick: number): void {
    if (tick <= this.#closedTick) return;
    this.#closedTick = tick;
    for (const each of this.#issued) if (each <= tick) this.#issued.delete(each);
  }

  #tickOf(timestamp: Timestamp): number {
    return Math.floor(timestamp / this.#nodes);
  }
}
