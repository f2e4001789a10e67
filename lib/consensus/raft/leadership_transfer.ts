/** Leadership transfer (§3.10): bring the other one up to date, then tell it to stand at once. */

import { type Core, type Leadership, send } from "./core.ts";
import { timeoutMs } from "./timeouts.ts";

/** Hands leadership to a voter; no proposals are taken until it has it, or an election time-out has passed. */
export function transferLeadership(core: Core, to: string): boolean {
  const { leadership } = core;
  if (leadership === undefined || to === core.id || !core.voters.includes(to)) return false;
  leadership.transferee = to;
  leadership.transferUntil = core.now + timeoutMs(core);
  leadership.transferAsked = false;
  continueTransfer(core, leadership);
  return true;
}

/** Tells the transferee to stand as soon as it holds the whole log. */
export function continueTransfer(core: Core, leadership: Leadership): void {
  const { transferee } = leadership;
  if (transferee === undefined || leadership.transferAsked) return;
  if (leadership.progress.get(transferee)?.match !== core.log.lastIndex) return;
  // The message may arrive at any later time, and makes voters disloyal: no lease holds after this (§6.4.1).
  leadership.leaseRevoked = true;
  leadership.transferAsked = true;
  send(core, { type: "timeout_now", to: transferee });
}
