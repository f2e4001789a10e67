/**
 * The follower's side of replication: handles a leader's appends (§3.5).
 *
 * Tested by `tests/consensus/raft/transcripts_test.ts`.
 */

import { invariant } from "../../protocol/errors.ts";
import { appendEntry, commitTo, type Core, type PendingAck, send, truncate } from "./core.ts";
import type { AppendRequest } from "./types.ts";

/** Appends entries that continue this node's log, after removing the ones that conflict with them. */
export function onAppend(core: Core, request: AppendRequest): void {
  const { from: to, prevIndex, prevTerm, entries, round, stamp } = request;
  if (prevIndex < core.commit && prevIndex + entries.length <= core.commit) {
    acknowledge(core, { to, match: core.commit, round, stamp }); // all of it is committed already
    return;
  }
  if (prevIndex > core.log.lastIndex && request.pipelined) {
    const { outOfOrderAppends } = core.inbound;
    if (outOfOrderAppends.size < core.config.inflightMax) outOfOrderAppends.set(prevIndex, request);
    return;
  }
  // Committed entries agree with every leader's log (§3.6.3), also where they are compacted away.
  const ownTerm = prevIndex <= core.commit ? prevTerm : core.log.termAt(prevIndex);
  if (!core.rules.matchesPreviousEntry(ownTerm, prevTerm) || prevIndex > core.log.lastIndex) {
    return reject(core, request);
  }
  for (const entry of entries) {
    if (entry.index <= core.commit) continue;
    const own = core.log.termAt(entry.index);
    if (own !== undefined && core.rules.conflicts(own, entry.term)) truncate(core, entry.index);
    if (entry.index > core.log.lastIndex) appendEntry(core, entry);
  }
  const agreed = prevIndex + entries.length;
  commitTo(core, Math.min(core.rules.followerCommit(request.commit, agreed), core.log.lastIndex));
  acknowledge(core, { to, match: agreed, round, stamp });
}

function reject(core: Core, { from: to, prevIndex, prevTerm, round, stamp }: AppendRequest): void {
  const hintIndex = core.log.lastWithTermAtMost(prevIndex, prevTerm);
  const hintTerm = core.log.termAt(hintIndex);
  invariant(
    hintTerm !== undefined,
    () => `entry ${hintIndex} is compacted away, but committed entries are never rejected`,
  );
  send(core, { type: "append_rejected", to, prevIndex, hintIndex, hintTerm, round }, stamp?.from);
}

/** Handles the buffered appends that continue the log now. */
export function applyBufferedAppends(core: Core): void {
  const { outOfOrderAppends } = core.inbound;
  for (;;) {
    const fitting = [...outOfOrderAppends.keys()].filter((prevIndex) => prevIndex <= core.log.lastIndex);
    if (fitting.length === 0) return;
    for (const prevIndex of fitting.sort((a, b) => a - b)) {
      const request = outOfOrderAppends.get(prevIndex);
      outOfOrderAppends.delete(prevIndex);
      if (request !== undefined) onAppend(core, request);
    }
  }
}

/** Records the acknowledgement of an append. One reply at the end of the turn covers all of them. */
function acknowledge(core: Core, ack: PendingAck): void {
  const previous = core.inbound.pendingAck;
  const { match, round } = previous?.to === ack.to ? previous : ack;
  core.inbound.pendingAck = {
    ...ack,
    match: Math.max(match, ack.match),
    round: Math.max(round, ack.round),
  };
}

/** Sends the acknowledgement of this turn's appends. */
export function flushAck(core: Core): void {
  if (core.inbound.pendingAck === undefined) return;
  const { to, match, round, stamp } = core.inbound.pendingAck;
  send(core, { type: "append_ok", to, match, round }, stamp?.from);
  core.inbound.pendingAck = undefined;
}
