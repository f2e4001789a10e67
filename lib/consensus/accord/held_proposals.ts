/**
 * Proposals whose initial timestamps are ahead of the time. Where conflicts are under way, a coordinator proposes a time at which all nodes
 * have its proposal. They wait for that time, and so vote in the order of timestamps, and agree. Safety does not depend on it: to hold a
 * proposal back is like a slow message.
 *
 * Tested by `tests/consensus/accord/held_proposals_test.ts`.
 */

import type { InstanceId } from "../leaderless/types.ts";
import type { NodeId } from "../types.ts";
import type { AccordCore, Transaction } from "./core.ts";

/** The longest time in ms that a proposal is held back. */
const HOLD_MS_MAX = 1000;

interface Held {
  readonly transaction: Transaction;
  readonly from: Set<NodeId>;
  readonly until: number;
}

/** Holds proposals, in the order of their timestamps. */
export class HeldProposals {
  readonly #core: AccordCore;
  readonly #held = new Map<InstanceId, Held>();

  constructor(core: AccordCore) {
    this.#core = core;
  }

  /** The time at which the first proposal can be answered. */
  get nextAt(): number {
    let next = Infinity;
    for (const { until } of this.#held.values()) next = Math.min(next, until);
    return next;
  }

  /** Holds a proposal back if its time has not come. Returns true if it does. */
  hold(transaction: Transaction, from: NodeId): boolean {
    const { clock, now } = this.#core;
    const { id, initialAt } = transaction;
    const held = this.#held.get(id);
    if (held !== undefined) {
      held.from.add(from);
      return true;
    }
    const until = Math.min(now + HOLD_MS_MAX, clock.ownTimeMs(clock.timeMsOf(initialAt)));
    if (until <= now) return false;
    this.#held.set(id, { transaction, from: new Set([from]), until });
    return true;
  }

  /** Returns the proposals whose time has come, with the nodes that wait for a reply, in the order of their timestamps. */
  takeDue(): { readonly transaction: Transaction; readonly from: ReadonlySet<NodeId> }[] {
    const due = [...this.#held.values()].filter(({ until }) => until <= this.#core.now)
      .sort((a, b) => a.transaction.initialAt - b.transaction.initialAt);
    for (const { transaction } of due) this.#held.delete(transaction.id);
    return due;
  }
}
