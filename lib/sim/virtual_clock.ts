/** Time that passes only when nothing is left to do now. */

import type { Cancel, Clock } from "../runtime/host.ts";
import { EventQueue } from "./event_queue.ts";

/** A clock whose time jumps from event to event. Events at the same time fire in the order in which they were set. */
export class VirtualClock implements Clock {
  readonly #queue = new EventQueue();
  #now = 0;
  #fired = 0;

  now(): number {
    return this.#now;
  }

  /** The number of events that have fired. */
  get fired(): number {
    return this.#fired;
  }

  after(delayMs: number, fire: () => void): Cancel {
    const event = this.#queue.push(this.#now + Math.max(0, delayMs), fire);
    return () => this.#queue.cancel(event);
  }

  /** Fires the next event, moving time to it. False if there is none. */
  step(): boolean {
    for (let event = this.#queue.pop(); event !== undefined; event = this.#queue.pop()) {
      if (event.fire === undefined) continue;
      this.#now = event.at;
      this.#fired++;
      const fire = event.fire;
      event.fire = undefined;
      fire();
      return true;
    }
    return false;
  }
}
