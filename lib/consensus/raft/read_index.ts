/**
 * Reads without an entry (§6.4). A leader may serve a read from the state at its commit index once it knows that it still led when
 * the read arrived: a majority answered a round of messages that began later, or answered one so recently that no other leader can
 * have been elected (a lease, §6.4.1).
 *
 * Tested by `tests/consensus/raft/transcripts_test.ts`.
 */

import { type Core, type Leadership, valuesByVoter } from "./core.ts";
import { quorumValue } from "./quorum.ts";

/** Requests a read; returns true if it was taken. The reads of a turn share one round. */
export function read(core: Core, id: number): boolean {
  const { leadership } = core;
  if (leadership === undefined || leadership.reads.length >= core.config.readsMax) return false;
  leadership.reads.push({ id, round: leadership.round + 1 });
  confirmReads(core, leadership);
  return true;
}

/** Returns true if a read needs a round that has not started. */
export function isReadWaiting({ reads, round }: Leadership): boolean {
  const last = reads.at(-1);
  return last !== undefined && last.round > round;
}

/** Returns true if no other node can have been elected, provided that clocks keep the bounds. */
export function holdsLease(core: Core, leadership: Leadership): boolean {
  const { lease, electionTimeoutMs } = core.config;
  if (lease === undefined) return false;
  if (leadership.leaseRevoked && !core.rules.leaseValidAfterTransfer()) return false;
  return core.now - leadership.confirmedAt < core.rules.leaseMs(electionTimeoutMs, lease);
}

/** Records the rounds that a majority has answered. */
export function confirmRounds(core: Core, leadership: Leadership): void {
  const { pendingRounds } = leadership;
  if (pendingRounds.length === 0) return;
  const confirmed = quorumValue(valuesByVoter(core, leadership.round, (progress) => progress.round));
  let count = 0;
  for (const { round, at } of pendingRounds) {
    if (round > confirmed) break;
    leadership.confirmedRound = round;
    leadership.confirmedAt = at;
    count++;
  }
  if (count > 0) core.timeouts.recordRoundTrip(leadership.confirmedAt, core.now);
  pendingRounds.splice(0, count);
}

/** Hands out the reads that may be served now. */
export function confirmReads(core: Core, leadership: Leadership): void {
  const { reads } = leadership;
  if (reads.length === 0 || !core.rules.mayRead(core.committedInTerm)) return;
  const leased = holdsLease(core, leadership);
  let count = 0;
  for (const { id, round } of reads) {
    if (!leased && !core.rules.isConfirmed(leadership.confirmedRound, round)) break;
    core.pending.reads.push({ id, index: core.commit });
    count++;
  }
  reads.splice(0, count);
}
