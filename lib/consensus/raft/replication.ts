/** What a leader does: keeps the others' logs like its own, and finds out what is committed (§3.5, §3.6, §10.2). */

import { append, becomeFollower, commitTo, type Core, type Leadership, send, valuesByVoter } from "./core.ts";
import { invariant } from "../../protocol/errors.ts";
import { retryMs, timeoutMs } from "./timeouts.ts";
import { Progress } from "./progress.ts";
import { majority, quorumValue } from "./quorum.ts";
import { confirmReads, confirmRounds, isReadWaiting } from "./read_index.ts";
import { answerCounts } from "./diskless_rejoin.ts";
import { beginSnapshot, sendChunk } from "./snapshot.ts";
import { continueTransfer } from "./leadership_transfer.ts";
import type { AppendAccepted, AppendRejected, HeartbeatAnswer, NodeId, SnapshotAnswer } from "./types.ts";

/** Takes leaderState: an entry of its own term first, since only that tells it what is committed (§3.6.2, §6.4). */
export function becomeLeader(core: Core): void {
  invariant(core.role === "candidate", "only a candidate becomes leader");
  invariant(core.log.lastIndex >= core.commit, "a leader holds every committed entry (§3.6.3)");
  core.role = "leader";
  core.leader = core.id;
  core.leadership = {
    progress: new Map(),
    round: 0,
    pendingRounds: [],
    confirmedRound: 0,
    confirmedAt: -Infinity,
    reads: [],
    firstIndex: core.log.lastIndex + 1,
    uncommittedSince: core.now,
    transferee: undefined,
    transferUntil: Infinity,
    transferAsked: false,
    leaseRevoked: false,
    nonces: new Map(),
    noncesIssued: 0,
  };
  for (const id of peersOf(core)) {
    core.leadership.progress.set(id, new Progress(core.log.lastIndex + 1, core.now));
  }
  append(core, [{ kind: "noop" }]);
  advanceCommit(core);
}

function peersOf(core: Core): NodeId[] {
  const { voters, learners } = core.configs.membership;
  return [...voters, ...learners].filter((id) => id !== core.id);
}

/** Follows a change of membership. */
export function followMembership(core: Core): void {
  const { leadership } = core;
  if (leadership === undefined) return;
  const peers = new Set(peersOf(core));
  for (const id of leadership.progress.keys()) if (!peers.has(id)) leadership.progress.delete(id);
  for (const id of peers) {
    if (!leadership.progress.has(id)) {
      leadership.progress.set(id, new Progress(core.log.lastIndex + 1, core.now));
    }
  }
  if (leadership.transferee !== undefined && !core.voters.includes(leadership.transferee)) {
    leadership.transferee = undefined;
  }
}

/** Commits what a majority holds, if its last entry is of this term (§3.6.2). */
export function advanceCommit(core: Core): void {
  const { leadership } = core;
  if (leadership === undefined) return;
  const held = valuesByVoter(core, core.log.lastIndex, (progress) => progress.match);
  const index = quorumValue(held, core.rules.quorum(held.length));
  if (index <= core.commit || !core.rules.mayCommit(core.log.termAt(index) ?? 0, core.term)) return;
  commitTo(core, index);
  leadership.uncommittedSince = index < core.log.lastIndex ? core.now : undefined;
}

/** Handles what the passing of time asks of a leader. */
export function tickLeader(core: Core, leadership: Leadership): void {
  const { now } = core;
  const heardFrom = quorumValue(valuesByVoter(core, now, (progress) => progress.answeredAt));
  if (core.voters.length > 0 && now >= heardFrom + timeoutMs(core)) {
    becomeFollower(core, core.term, undefined); // nobody listens (§6.2)
    core.leader = undefined;
    return;
  }
  if (now >= leadership.transferUntil) {
    leadership.transferee = undefined; // §3.10: it did not happen in time
    leadership.transferUntil = Infinity;
  }
  for (const progress of leadership.progress.values()) {
    const since = progress.unansweredSince;
    if (since === undefined || now < since + resendMs(core, progress)) continue;
    if (progress.state === "replicating") progress.probe(progress.match + 1);
    else progress.waitingSince = undefined; // what was sent is sent again
  }
}

/** Whether a peer has not answered for so long that it is probably cut off, or dead. */
function isSilent(core: Core, progress: Progress): boolean {
  return core.now - progress.answeredAt >= timeoutMs(core);
}

/** Whether a peer has not answered what it was sent for longer than it should take. */
function isLate(core: Core, progress: Progress): boolean {
  const since = progress.unansweredSince;
  return isSilent(core, progress) || (since !== undefined && core.now >= since + retryMs(core));
}

function resendMs(core: Core, progress: Progress): number {
  return isSilent(core, progress) ? Math.max(retryMs(core), core.config.heartbeatMs) : retryMs(core);
}

/** When {@linkcode tickLeader} or a heartbeat is next due. */
export function leaderDeadline(core: Core, leadership: Leadership): number {
  const { config } = core;
  let at = leadership.transferUntil;
  for (const progress of leadership.progress.values()) {
    at = Math.min(at, progress.lastSentAt + config.heartbeatMs);
    const since = progress.unansweredSince;
    if (since !== undefined) at = Math.min(at, since + resendMs(core, progress));
  }
  if (config.thrifty && leadership.uncommittedSince !== undefined) {
    const widen = leadership.uncommittedSince + retryMs(core);
    if (widen > core.now) at = Math.min(at, widen);
  }
  const heardFrom = quorumValue(valuesByVoter(core, Infinity, (progress) => progress.answeredAt));
  if (Number.isFinite(heardFrom)) at = Math.min(at, heardFrom + timeoutMs(core));
  return at;
}

/** Sends at the end of a turn what its peers lack, so that all that came in one turn travels together. */
export function replicate(core: Core, leadership: Leadership): void {
  const { config, now } = core;
  const asked = config.thrifty ? thriftyPeers(core, leadership) : undefined;
  const round = { started: false };
  const reading = isReadWaiting(leadership);
  for (const [id, progress] of leadership.progress) {
    const due = now >= progress.lastSentAt + config.heartbeatMs;
    const first = asked === undefined || asked.has(id);
    if ((first || due) && sendEntries(core, leadership, { id, progress, round })) continue;
    const confirms = reading && (asked === undefined ? core.voters.includes(id) : asked.has(id));
    if (due || confirms) sendHeartbeat(core, leadership, { id, progress, round, confirms });
  }
  if (reading) beginRound(core, leadership, round); // a single voter sends nothing, and confirms itself
  confirmRounds(core, leadership);
  confirmReads(core, leadership);
}

function beginRound(core: Core, leadership: Leadership, round: { started: boolean }): number {
  if (!round.started) {
    round.started = true;
    leadership.pendingRounds.push({ round: ++leadership.round, at: core.now });
  }
  return leadership.round;
}

interface Peer {
  readonly id: NodeId;
  readonly progress: Progress;
  readonly round: { started: boolean };
}

/**
 * The peers that are asked first: as many as make a majority; the same ones as before while they answer, since another one
 * would have to be sent what is under way a second time; else those that answered last, since they are the likeliest to
 * answer again. When that takes too long, everybody.
 */
function thriftyPeers(core: Core, leadership: Leadership): Set<NodeId> | undefined {
  const { uncommittedSince, transferee } = leadership;
  if (uncommittedSince !== undefined && core.now >= uncommittedSince + retryMs(core)) return undefined;
  const needed = majority(core.voters.length) - (core.isVoter ? 1 : 0);
  const candidates = [...leadership.progress].filter(([id, progress]) =>
    progress.countsTowardQuorum && core.voters.includes(id)
  );
  if (candidates.length < needed) return undefined;
  const rank = (progress: Progress) => isLate(core, progress) ? 2 : progress.inThriftyQuorum ? 0 : 1;
  candidates.sort(([, a], [, b]) => rank(a) - rank(b) || b.match - a.match || b.answeredAt - a.answeredAt);
  const asked = new Set(candidates.slice(0, needed).map(([id]) => id));
  for (const [id, progress] of candidates) progress.inThriftyQuorum = asked.has(id);
  if (transferee !== undefined) asked.add(transferee);
  for (const id of core.configs.membership.learners) asked.add(id);
  return asked;
}

/** Sends what a peer may be sent now: entries, or a piece of a snapshot. Says whether it sent anything. */
function sendEntries(core: Core, leadership: Leadership, peer: Peer): boolean {
  const { id, progress } = peer;
  const { log, config } = core;
  if (progress.state !== "snapshot" && log.termAt(progress.next - 1) === undefined) {
    if (progress.waitingSince === undefined) beginSnapshot(core, progress);
  }
  if (progress.waitingSince !== undefined) return false;
  if (progress.state === "replicating" && isSilent(core, progress)) progress.probe(progress.match + 1);
  if (progress.state === "snapshot") {
    sendChunk(core, { to: id, progress, round: beginRound(core, leadership, peer.round) });
    return true;
  }
  if (progress.state === "probing") {
    sendAppend(core, leadership, peer);
    progress.waitingSince = core.now;
    return true;
  }
  let sent = false;
  while (progress.next <= log.lastIndex && progress.inflight < config.inflightMax) {
    progress.recordSent(sendAppend(core, leadership, peer), core.now);
    sent = true;
  }
  return sent;
}

function sendAppend(core: Core, leadership: Leadership, { id, progress, round }: Peer): number {
  const { log, config } = core;
  const prevIndex = progress.next - 1;
  const prevTerm = log.termAt(prevIndex);
  invariant(prevTerm !== undefined, `entry ${prevIndex} is compacted away`);
  const max = isSilent(core, progress) ? 0 : config.appendEntriesMax; // nothing much for who may not be there
  const entries = log.slice(progress.next, { to: log.lastIndex, max });
  const last = entries.at(-1)?.index ?? prevIndex;
  progress.lastSentAt = core.now;
  send(core, {
    type: "append",
    to: id,
    prevIndex,
    prevTerm,
    entries,
    commit: core.commit,
    pipelined: progress.inflight > 0,
    round: beginRound(core, leadership, round),
  });
  return last;
}

/**
 * A heartbeat asks for an answer only where one is needed: to confirm a read, to stay in leaderState, or to know who is alive;
 * where entries are acknowledged all the time it need not.
 */
function sendHeartbeat(
  core: Core,
  leadership: Leadership,
  peer: Peer & { readonly confirms: boolean },
): void {
  const { id, progress } = peer;
  const { config, now } = core;
  const others = quorumValue(valuesByVoter(core, now, (each) => each.answeredAt));
  const ask = peer.confirms || now - others >= config.heartbeatMs / 2 ||
    now - progress.answeredAt >= timeoutMs(core) / 2;
  progress.lastSentAt = now;
  send(core, {
    type: "heartbeat",
    to: id,
    commit: Math.min(core.commit, progress.match),
    round: beginRound(core, leadership, peer.round),
    ask,
  }, { incarnation: progress.incarnation });
}

type PeerAnswer = AppendAccepted | AppendRejected | HeartbeatAnswer | SnapshotAnswer;

/** Takes note that a peer answered in this term: it is alive, and knew no later term when it did. */
function heard(core: Core, answer: PeerAnswer): { leadership: Leadership; progress: Progress } | undefined {
  const { leadership } = core;
  const progress = leadership?.progress.get(answer.from);
  if (leadership === undefined || progress === undefined) return undefined;
  progress.countsTowardQuorum = answerCounts(core, answer);
  progress.incarnation = answer.stamp?.from;
  progress.answeredAt = core.now;
  progress.round = Math.max(progress.round, answer.round);
  confirmRounds(core, leadership);
  confirmReads(core, leadership);
  return { leadership, progress };
}

/** The peer's log agrees up to `match`. */
export function onAppendAccepted(core: Core, answer: AppendAccepted): void {
  const known = heard(core, answer);
  if (known === undefined) return;
  const { progress } = known;
  if (progress.state === "snapshot" && answer.match < (progress.transfer?.snapshot.index ?? 0)) return;
  if (progress.state === "snapshot") progress.probe(answer.match + 1);
  invariant(
    answer.match <= core.log.lastIndex,
    `${answer.from} acknowledged ${answer.match}, which was never sent`,
  );
  progress.recordAccepted(answer.match);
  advanceCommit(core);
  confirmReads(core, known.leadership);
  continueTransfer(core, known.leadership);
}

/** The peer's log does not agree at `prevIndex`: goes back past the term in which they differ (§3.5). */
export function onAppendRejected(core: Core, answer: AppendRejected): void {
  const known = heard(core, answer);
  if (known === undefined) return;
  const { progress } = known;
  const { prevIndex, hintIndex, hintTerm } = answer;
  if (progress.state === "snapshot" || prevIndex <= progress.match) return; // an answer from before
  if (progress.state === "probing" && prevIndex !== progress.next - 1) return;
  const agreed = core.log.lastWithTermAtMost(Math.min(hintIndex, prevIndex - 1), hintTerm);
  progress.probe(Math.max(agreed, progress.match) + 1);
}

/** The peer is alive. */
export function onHeartbeatAnswer(core: Core, answer: HeartbeatAnswer): void {
  heard(core, answer);
}

/** A piece of a snapshot has arrived. */
export function onSnapshotAnswer(core: Core, answer: SnapshotAnswer): void {
  const transfer = heard(core, answer)?.progress;
  if (transfer?.transfer === undefined || transfer.transfer.snapshot.index !== answer.index) return;
  transfer.transfer.offset = Math.min(answer.offset, transfer.transfer.snapshot.data.length);
  transfer.waitingSince = undefined;
}
