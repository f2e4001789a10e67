/**
 * Reads that write no entry (§6.4). A read may be served from the state at the commit index as of its arrival once the
 * leader knows that it still led then: because a majority answered a round of messages that began later, or because one
 * did so recently enough that no other leader can have been elected (a lease, §6.4.1).
 */

import { type Core, type Leadership, valuesByVoter } from "./core.ts";
import { noteRoundTrip } from "./timeouts.ts";
import { quorumValue } from "./quorum.ts";

/** Asks to read; says whether it was taken. Reads of a turn share one round. */
export function read(core: Core, id: number): boolean {
  const { leadership } = core;
  if (leadership === undefined || leadership.reads.length >= core.config.readsMax) return false;
  leadership.reads.push({ id, round: leadership.round + 1 });
  confirmReads(core, leadership);
  return true;
}

/** Whether some read needs a round that has not begun. */
export function isReadWaiting({ reads, round }: Leadership): boolean {
  return (reads.at(-1)?.round ?? 0) > round;
}

/** Whether no other node can have been elected, if clocks keep the bounds. */
export function holdsLease(core: Core, leadership: Leadership): boolean {
  const { lease, electionTimeoutMs } = core.config;
  if (lease === undefined || leadership.leaseRevoked && !core.rules.leaseValidAfterTransfer()) return false;
  return core.now - leadership.confirmedAt < core.rules.leaseMs(electionTimeoutMs, lease);
}

/** Finds out which rounds a majority has answered. */
export function confirmRounds(core: Core, leadership: Leadership): void {
  const { pendingRounds } = leadership;
  const confirmed = quorumValue(valuesByVoter(core, leadership.round, (progress) => progress.round));
  let closed = 0;
  for (const { round, at } of pendingRounds) {
    if (round > confirmed) break;
    leadership.confirmedRound = round;
    leadership.confirmedAt = at;
    closed++;
  }
  if (closed > 0) noteRoundTrip(core, leadership.confirmedAt);
  pendingRounds.splice(0, closed);
}

/** Hands out the reads that may be served. */
export function confirmReads(core: Core, leadership: Leadership): void {
  const { reads } = leadership;
  if (reads.length === 0 || !core.rules.mayRead(core.committedInTerm)) return;
  const leased = holdsLease(core, leadership);
  let served = 0;
  for (const { id, round } of reads) {
    if (!leased && !core.rules.isConfirmed(leadership.confirmedRound, round)) break;
    core.readStates.push({ id, index: core.commit });
    served++;
  }
  reads.splice(0, served);
}
