/**
 * A node's own view of time: it may run fast or slow, and jump.
 *
 * Tested by `tests/sim/virtual_clock_test.ts`.
 */

import type { Cancel, Clock } from "../runtime/host.ts";

interface Timer {
  readonly at: number; // in the node's own time
  readonly fire: () => void;
  cancel: Cancel;
}

/** A clock that runs at `rate` times the base clock's, from an origin of its own. */
export class NodeClock implements Clock {
  readonly #base: Clock;
  readonly #timers = new Set<Timer>();
  #rate = 1;
  #baseThen: number;
  #ownThen = 0;

  constructor(base: Clock) {
    this.#base = base;
    this.#baseThen = base.now();
  }

  now(): number {
    return this.#ownThen + (this.#base.now() - this.#baseThen) * this.#rate;
  }

  after(delayMs: number, fire: () => void): Cancel {
    const timer: Timer = { at: this.now() + Math.max(0, delayMs), fire, cancel: () => {} };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => this.#drop(timer);
  }

  /** From now on, time passes at `rate` times the base clock's. */
  drift(rate: number): void {
    this.#change(0, rate);
  }

  /** Time leaps forward; timers that this passes fire at once. */
  jump(byMs: number): void {
    this.#change(Math.max(0, byMs), this.#rate);
  }

  /** Time leaps back, at most to its origin; timers fire later by as much. Breaks the promise that time never goes back. */
  jumpBack(byMs: number): void {
    this.#change(-Math.min(Math.max(0, byMs), this.now()), this.#rate);
  }

  /** Ends all timers. */
  stop(): void {
    for (const timer of [...this.#timers]) this.#drop(timer);
  }

  #change(byMs: number, rate: number): void {
    this.#ownThen = this.now() + byMs;
    this.#baseThen = this.#base.now();
    this.#rate = rate;
    for (const timer of this.#timers) {
      timer.cancel();
      this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    timer.cancel = this.#base.after((timer.at - this.now()) / this.#rate, () => {
      this.#timers.delete(timer);
      timer.fire();
    });
  }

  #drop(timer: Timer): void {
    timer.cancel();
    this.#timers.delete(timer);
  }
}
