/** What a follower does with a leader's appends (§3.5). */

import { appendEntry, commitTo, type Core, type PendingAck, send, truncate } from "./core.ts";
import type { AppendRequest } from "./types.ts";

/** Takes entries that continue the own log, after cutting off what conflicts with them. */
export function onAppend(core: Core, request: AppendRequest): void {
  const { from: to, prevIndex, prevTerm, round, stamp } = request;
  if (prevIndex < core.commit && prevIndex + request.entries.length <= core.commit) {
    acknowledge(core, { to, match: core.commit, round, stamp }); // all of it is committed here already
    return;
  }
  if (prevIndex > core.log.lastIndex && request.pipelined) {
    if (core.outOfOrderAppends.size < core.config.inflightMax) core.outOfOrderAppends.set(prevIndex, request);
    return;
  }
  // What is committed here agrees with every leader's log (§3.6.3), also where it is compacted away.
  const known = prevIndex <= core.commit ? prevTerm : core.log.termAt(prevIndex);
  if (!core.rules.matchesPreviousEntry(known, prevTerm) || prevIndex > core.log.lastIndex) {
    const hintIndex = core.log.lastWithTermAtMost(Math.min(prevIndex, core.log.lastIndex), prevTerm);
    const hintTerm = core.log.termAt(hintIndex) ?? 0;
    send(core, { type: "append_rejected", to, prevIndex, hintIndex, hintTerm, round }, { answers: stamp });
    return;
  }
  for (const entry of request.entries) {
    if (entry.index <= core.commit) continue;
    const own = core.log.termAt(entry.index);
    if (own !== undefined && core.rules.conflicts(own, entry.term)) truncate(core, entry.index);
    if (entry.index > core.log.lastIndex) appendEntry(core, entry);
  }
  const agreed = prevIndex + request.entries.length;
  commitTo(core, Math.min(core.rules.followerCommit(request.commit, agreed), core.log.lastIndex));
  acknowledge(core, { to, match: agreed, round, stamp });
}

/** Takes the appends that had overtaken the ones before them, and fit now. */
export function applyBufferedAppends(core: Core): void {
  for (;;) {
    const fitting = [...core.outOfOrderAppends.keys()].filter((prevIndex) => prevIndex <= core.log.lastIndex);
    if (fitting.length === 0) return;
    for (const prevIndex of fitting.sort((a, b) => a - b)) {
      const request = core.outOfOrderAppends.get(prevIndex);
      core.outOfOrderAppends.delete(prevIndex);
      if (request !== undefined) onAppend(core, request);
    }
  }
}

/** One answer at the end of the turn stands for all appends in it. */
function acknowledge(core: Core, answer: PendingAck): void {
  const before = core.pendingAck;
  const { match, round } = before?.to === answer.to ? before : answer;
  core.pendingAck = { ...answer, match: Math.max(match, answer.match), round: Math.max(round, answer.round) };
}

/** Sends that answer. */
export function flushAck(core: Core): void {
  if (core.pendingAck === undefined) return;
  const { to, match, round, stamp } = core.pendingAck;
  send(core, { type: "append_ok", to, match, round }, { answers: stamp });
  core.pendingAck = undefined;
}
