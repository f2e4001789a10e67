/** What is to be done, and when: made anew whenever something has happened, since that may have changed all of it. */

import type { Peer } from "./peer/peer.ts";

/** The first step that is due, in the order in which steps are proposed, and when the earliest of those that are not will be. */
export class NextAction {
  readonly now: number;
  #due: ((now: number) => void) | undefined;
  #earliest = Infinity;

  constructor(now: number) {
    this.now = now;
  }

  /** Proposes a step; one that would be at `Infinity` is none. */
  schedule(at: number, step: (now: number) => void): void {
    if (this.#isFirstDue(at)) this.#due = step;
  }

  /** Proposes a step that concerns one peer. */
  scheduleFor(peer: Peer, at: number, step: (peer: Peer, now: number) => void): void {
    if (this.#isFirstDue(at)) this.#due = (now) => step(peer, now);
  }

  /** What is due now. */
  get due(): ((now: number) => void) | undefined {
    return this.#due;
  }

  /** When the earliest of all steps is due, which may be now or before; `Infinity` if there is none. */
  get earliest(): number {
    return this.#earliest;
  }

  #isFirstDue(at: number): boolean {
    if (at < this.#earliest) this.#earliest = at;
    return at <= this.now && this.#due === undefined;
  }
}
