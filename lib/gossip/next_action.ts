/** The choice of the next action of a tick, out of all that are scheduled. */

import type { Peer } from "./peer/peer.ts";

/**
 * Collects candidate actions, each with its time, and keeps two results: the first action that is due, in the order of the
 * calls, and the earliest time of all actions. It is built again after every action, because an action may make others
 * unnecessary.
 */
export class NextAction {
  readonly now: number;
  #action: ((now: number) => void) | undefined;
  #peerAction: ((peer: Peer, now: number) => void) | undefined;
  #peer: Peer | undefined;
  #isDue = false;
  #deadline = Infinity;

  constructor(now: number) {
    this.now = now;
  }

  /** Adds an action that is due at `at`; one at `Infinity` never runs. */
  schedule(at: number, action: (now: number) => void): void {
    if (this.#isFirstDue(at)) this.#action = action;
  }

  /** Adds an action that concerns one peer. */
  scheduleFor(peer: Peer, at: number, action: (peer: Peer, now: number) => void): void {
    if (!this.#isFirstDue(at)) return;
    this.#peer = peer;
    this.#peerAction = action;
  }

  /** True if an action is due now. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** The time of the earliest action, which may have passed; `Infinity` if there is none. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Runs the action that is due. */
  run(): void {
    this.#action?.(this.now);
    if (this.#peer !== undefined) this.#peerAction?.(this.#peer, this.now);
  }

  #isFirstDue(at: number): boolean {
    if (at < this.#deadline) this.#deadline = at;
    if (this.#isDue || at > this.now) return false;
    return this.#isDue = true;
  }
}
