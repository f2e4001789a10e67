/** The real clock, with timers that are not late. */

import type { Cancel, Clock } from "../runtime/host.ts";
import { EventQueue } from "../sim/event_queue.ts";

/**
 * Wall time since it was made. One system timer serves all events: it is set for the next one, a little early, and what
 * is left is waited out turn by turn, since the system's timers are up to a millisecond late.
 */
export class WallClock implements Clock {
  readonly #queue = new EventQueue();
  readonly #origin = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedFor = Infinity;
  #firing = false;

  now(): number {
    return performance.now() - this.#origin;
  }

  after(delayMs: number, fire: () => void): Cancel {
    const event = this.#queue.push(this.now() + Math.max(0, delayMs), fire);
    if (!this.#firing) this.#arm();
    return () => {
      event.fire = undefined;
    };
  }

  /** Forgets all events. */
  stop(): void {
    while (this.#queue.pop() !== undefined);
    clearTimeout(this.#timer);
    this.#armedFor = Infinity;
  }

  #arm(): void {
    const next = this.#queue.peek();
    if (next === undefined || next.at >= this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = next.at;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, Math.floor(next.at - this.now())));
  }

  #fire(): void {
    this.#armedFor = Infinity;
    this.#firing = true;
    try {
      for (
        let next = this.#queue.peek();
        next !== undefined && next.at <= this.now();
        next = this.#queue.peek()
      ) {
        this.#queue.pop();
        const fire = next.fire;
        next.fire = undefined;
        fire?.();
      }
    } finally {
      this.#firing = false;
      this.#arm();
    }
  }
}
