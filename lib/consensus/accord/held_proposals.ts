/**
 * Proposals that are held back until earlier ones have arrived. Nodes that vote in the order of timestamps agree, so that conflicting
 * transactions are decided in one round trip, too. Holding back is like a slow message: safety does not depend on it.
 *
 * Tested by `tests/consensus/accord/held_proposals_test.ts`.
 */

import type { InstanceId } from "../leaderless/types.ts";
import type { NodeId } from "../types.ts";
import type { AccordCore, Transaction } from "./core.ts";

/** The longest time in ms that a proposal is held back. */
const HOLD_MS_MAX = 250;
/** Conflicts count if they are no older than this number of usual latencies. */
const LATENCIES_OF_CONFLICT = 4;

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

  /** Holds a proposal back if conflicting ones could still arrive that started earlier. Returns true if it does. */
  hold(transaction: Transaction, from: NodeId): boolean {
    const { clock, conflicts, peers, quorums, now } = this.#core;
    const { id, initialAt, uses } = transaction;
    const held = this.#held.get(id);
    if (held !== undefined) {
      held.from.add(from);
      return true;
    }
    const usualMs = Math.min(HOLD_MS_MAX, peers.usualLatencyMs(quorums.fast - 1));
    const lastConflict = clock.timeMsOf(conflicts.arrived(uses, initialAt));
    const startedAt = clock.timeMsOf(initialAt);
    if (lastConflict < startedAt - LATENCIES_OF_CONFLICT * usualMs) return false;
    const until = Math.min(now + HOLD_MS_MAX, clock.ownTimeMs(startedAt + usualMs));
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
