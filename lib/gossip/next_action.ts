/** The choice of the next action of a tick, out of all that are scheduled. */

import type { Peer } from "./peer/peer.ts";

/**
 * Collects candidate actions, each with its time, and keeps two results: the first action that is due, in the order of the
 * calls, and the earliest time of all actions. It is built again after every action, because an action may make others
 * unnecessary.
 */
export class NextAction {
  readonly now: number;
  #dueAction: ((now: number) => void) | undefined;
  #deadline = Infinity;

  constructor(now: number) {
    this.now = now;
  }

  /** Adds an action that is due at `at`; one at `Infinity` never runs. */
  schedule(at: number, action: (now: number) => void): void {
    if (this.#isFirstDue(at)) this.#dueAction = action;
  }

  /** Adds an action that concerns one peer. */
  scheduleFor(peer: Peer, at: number, action: (peer: Peer, now: number) => void): void {
    if (this.#isFirstDue(at)) this.#dueAction = (now) => action(peer, now);
  }

  /** The action to run now; undefined if none is due. */
  get dueAction(): ((now: number) => void) | undefined {
    return this.#dueAction;
  }

  /** The time of the earliest action, which may have passed; `Infinity` if there is none. */
  get deadline(): number {
    return this.#deadline;
  }

  #isFirstDue(at: number): boolean {
    if (at < this.#deadline) this.#deadline = at;
    return at <= this.now && this.#dueAction === undefined;
  }
}
