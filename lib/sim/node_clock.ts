/** A node's own view of time: it may run fast or slow, and jump forward. */

import type { Cancel, Clock } from "../runtime/host.ts";

interface Timer {
  readonly at: number; // in the node's own time
  readonly fire: () => void;
  cancel: Cancel;
}

/** A clock that runs at `rate` times the world's, from an origin of its own. */
export class NodeClock implements Clock {
  readonly #world: Clock;
  readonly #timers = new Set<Timer>();
  #rate = 1;
  #worldThen: number;
  #ownThen = 0;

  constructor(world: Clock) {
    this.#world = world;
    this.#worldThen = world.now();
  }

  now(): number {
    return this.#ownThen + (this.#world.now() - this.#worldThen) * this.#rate;
  }

  after(delayMs: number, fire: () => void): Cancel {
    const timer: Timer = { at: this.now() + Math.max(0, delayMs), fire, cancel: () => {} };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => this.#drop(timer);
  }

  /** From now on, time passes at `rate` times the world's. */
  drift(rate: number): void {
    this.#change(0, rate);
  }

  /** Time leaps forward; timers that this passes fire at once. */
  jump(byMs: number): void {
    this.#change(Math.max(0, byMs), this.#rate);
  }

  /** Ends all timers. */
  stop(): void {
    for (const timer of [...this.#timers]) this.#drop(timer);
  }

  #change(byMs: number, rate: number): void {
    this.#ownThen = this.now() + byMs;
    this.#worldThen = this.#world.now();
    this.#rate = rate;
    for (const timer of this.#timers) {
      timer.cancel();
      this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    timer.cancel = this.#world.after((timer.at - this.now()) / this.#rate, () => {
      this.#timers.delete(timer);
      timer.fire();
    });
  }

  #drop(timer: Timer): void {
    timer.cancel();
    this.#timers.delete(timer);
  }
}
