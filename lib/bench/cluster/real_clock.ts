/** The real clock, with timers that are not late. Tested by `tests/bench/cluster/process_cluster_test.ts`. */

import { clearImmediate, setImmediate } from "node:timers";
import type { Cancel, Clock } from "../../runtime/host.ts";
import { EventQueue } from "../../sim/event_queue.ts";

/** The time by which the system's timer is set early, in ms: its usual delay. */
const EARLY_MS = 1.2;

/** Maximum time for firing events without a break, in ms. After it, pipes, signals and other timers get a turn. */
const FIRING_MS_MAX = 10;

/**
 * Wall time since the clock's creation. One system timer serves all events. The clock sets it slightly early for the next event
 * and polls for the remaining time, since the system's timers are up to a millisecond late.
 */
export class RealClock implements Clock {
  readonly #queue = new EventQueue();
  readonly #origin = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #immediate: ReturnType<typeof setImmediate> | undefined;
  #armedFor = Infinity;
  #firing = false;

  now(): number {
    return performance.now() - this.#origin;
  }

  after(delayMs: number, fire: () => void): Cancel {
    const event = this.#queue.push(this.now() + Math.max(0, delayMs), fire);
    if (!this.#firing) this.#arm();
    return () => this.#queue.cancel(event);
  }

  /** Cancels all events. */
  stop(): void {
    while (this.#queue.pop() !== undefined);
    this.#disarm();
  }

  #arm(): void {
    const next = this.#queue.peek();
    if (next === undefined || next.at >= this.#armedFor) return;
    this.#disarm();
    this.#armedFor = next.at;
    const waitMs = next.at - this.now() - EARLY_MS;
    if (waitMs >= 1) this.#timer = setTimeout(() => this.#fire(), Math.floor(waitMs));
    else this.#immediate = setImmediate(() => this.#fire()); // the event loop reads and writes pipes between two immediates
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#armedFor = Infinity;
  }

  #fire(): void {
    this.#armedFor = Infinity;
    this.#firing = true;
    try {
      const now = this.now();
      for (let next = this.#queue.peek(); next !== undefined && next.at <= now; next = this.#queue.peek()) {
        this.#queue.pop();
        const fire = next.fire;
        next.fire = undefined;
        fire?.();
        if (this.now() - now > FIRING_MS_MAX) break;
      }
    } finally {
      this.#firing = false;
      this.#arm();
    }
  }
}
