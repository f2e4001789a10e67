/**
 * Leadership transfer (§3.10): brings the other node up to date, then asks it to start an election at once.
 *
 * Tested by `tests/consensus/raft/transcripts_test.ts`.
 */

import type { NodeId } from "../types.ts";
import { type Core, type Leadership, send } from "./core.ts";

/**
 * Starts a transfer to a voter, and returns false if that is not possible. The leader takes no proposals until the voter leads, or
 * an election timeout has passed.
 */
export function transferLeadership(core: Core, to: NodeId): boolean {
  const { leadership } = core;
  if (leadership === undefined || to === core.id || !core.voters.includes(to)) return false;
  leadership.transfer = { to, until: core.now + core.timeouts.electionMs, isAsked: false };
  continueTransfer(core, leadership);
  return true;
}

/** Asks the other node to start an election, as soon as it holds the whole log. */
export function continueTransfer(core: Core, leadership: Leadership): void {
  const { transfer } = leadership;
  if (transfer === undefined || transfer.isAsked) return;
  if (leadership.progress.get(transfer.to)?.match !== core.log.lastIndex) return;
  // The message may arrive at any later time, and voters then grant votes against this leader: no lease is valid any more (§6.4.1).
  leadership.leaseRevoked = true;
  transfer.isAsked = true;
  send(core, { type: "timeout_now", to: transfer.to });
}
