/**
 * The leader's side of replication: makes the peers' logs equal to its own, and commits entries (§3.5, §3.6, §10.2).
 *
 * Tested by `tests/consensus/raft/transcripts_test.ts`.
 */

import { invariant } from "../../protocol/errors.ts";
import type { NodeId } from "../types.ts";
import { append, becomeFollower, commitTo, type Core, type Leadership, send, valuesByVoter } from "./core.ts";
import { replyCounts } from "./diskless_rejoin.ts";
import { continueTransfer } from "./leadership_transfer.ts";
import { Progress } from "./progress.ts";
import { majority, quorumValue } from "./quorum.ts";
import { confirmReads, confirmRounds, isReadWaiting } from "./read_index.ts";
import { beginSnapshot, sendChunk } from "./snapshot.ts";
import type { AppendAccepted, AppendRejected, HeartbeatReply, SnapshotReply } from "./types.ts";

/**
 * Becomes leader and appends a no-op entry in its own term. Without it the leader could neither commit entries of earlier terms nor
 * serve reads (§3.6.2, §6.4).
 */
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
    transfer: undefined,
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

/** Adapts the leader's view of its peers to a changed membership. */
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
  if (leadership.transfer !== undefined && !core.voters.includes(leadership.transfer.to)) {
    leadership.transfer = undefined;
  }
}

/** Commits the entries that a majority holds, if the last of them is of this term (§3.6.2). */
export function advanceCommit(core: Core): void {
  const { leadership } = core;
  if (leadership === undefined || core.commit === core.log.lastIndex) return;
  const held = valuesByVoter(core, core.log.lastIndex, (progress) => progress.match);
  const index = quorumValue(held, core.rules.quorum(held.length));
  if (index <= core.commit) return;
  const term = core.log.termAt(index);
  if (term === undefined || !core.rules.mayCommit(term, core.term)) return;
  commitTo(core, index);
  leadership.uncommittedSince = index < core.log.lastIndex ? core.now : undefined;
}

/** Handles the passing of time as a leader. */
export function tickLeader(core: Core, leadership: Leadership): void {
  const { now } = core;
  const heardFrom = quorumValue(valuesByVoter(core, now, (progress) => progress.answeredAt));
  if (core.voters.length > 0 && now >= heardFrom + core.timeouts.electionMs) {
    becomeFollower(core, core.term, undefined); // no majority answers (§6.2)
    core.leader = undefined;
    return;
  }
  if (leadership.transfer !== undefined && now >= leadership.transfer.until) {
    leadership.transfer = undefined; // §3.10: it did not succeed in time
  }
  for (const progress of leadership.progress.values()) {
    const since = progress.unansweredSince;
    if (since === undefined || now < since + resendMs(core, progress)) continue;
    if (progress.state === "replicating") progress.probe(progress.match + 1);
    else progress.waitingSince = undefined; // the same message is sent again
  }
}

/** Returns true if a quorum of some voters, this node among them or not, answered lately. */
export function isQuorumAlive(core: Core, voters: readonly NodeId[]): boolean {
  const alive = voters.filter((id) => {
    const progress = core.leadership?.progress.get(id);
    return id === core.id || (progress?.countsTowardQuorum === true && !isSilent(core, progress));
  });
  return alive.length >= majority(voters.length);
}

/** Returns true if a peer has been silent for a time that suggests a partition or a crash. */
function isSilent(core: Core, progress: Progress): boolean {
  return core.now - progress.answeredAt >= core.timeouts.electionMs;
}

/** Returns true if a peer's reply is overdue. */
function isLate(core: Core, progress: Progress): boolean {
  const since = progress.unansweredSince;
  return isSilent(core, progress) || (since !== undefined && core.now >= since + core.timeouts.retryMs);
}

function resendMs(core: Core, progress: Progress): number {
  const { retryMs } = core.timeouts;
  return isSilent(core, progress) ? Math.max(retryMs, core.config.heartbeatMs) : retryMs;
}

/** Returns the time at which {@linkcode tickLeader} or a heartbeat is due next. */
export function leaderDeadline(core: Core, leadership: Leadership): number {
  const { config, timeouts } = core;
  let at = leadership.transfer?.until ?? Infinity;
  for (const progress of leadership.progress.values()) {
    at = Math.min(at, progress.lastSentAt + config.heartbeatMs);
    const since = progress.unansweredSince;
    if (since !== undefined) at = Math.min(at, since + resendMs(core, progress));
  }
  if (config.thrifty && leadership.uncommittedSince !== undefined) {
    const widenAt = leadership.uncommittedSince + timeouts.retryMs;
    if (widenAt > core.now) at = Math.min(at, widenAt);
  }
  const heardFrom = quorumValue(valuesByVoter(core, Infinity, (progress) => progress.answeredAt));
  if (Number.isFinite(heardFrom)) at = Math.min(at, heardFrom + timeouts.electionMs);
  return at;
}

/** The round of sending of one turn. It begins with the first message that belongs to it. */
class Round {
  readonly #core: Core;
  readonly #leadership: Leadership;
  #isStarted = false;

  constructor(core: Core, leadership: Leadership) {
    this.#core = core;
    this.#leadership = leadership;
  }

  /** Starts the round, if it is not started yet, and returns its number. */
  start(): number {
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#leadership.pendingRounds.push({ round: ++this.#leadership.round, at: this.#core.now });
    }
    return this.#leadership.round;
  }
}

/** Sends at the end of a turn what the peers lack, so that everything of the turn travels together. */
export function replicate(core: Core, leadership: Leadership): void {
  const { config, now } = core;
  const thrifty = config.thrifty ? thriftyPeers(core, leadership) : undefined;
  const round = new Round(core, leadership);
  const reading = isReadWaiting(leadership);
  for (const [id, progress] of leadership.progress) {
    const isDue = now >= progress.lastSentAt + config.heartbeatMs;
    const isFirst = thrifty === undefined || thrifty.has(id);
    if ((isFirst || isDue) && sendEntries(core, id, progress, round)) continue;
    const confirms = reading && (thrifty === undefined ? core.voters.includes(id) : thrifty.has(id));
    if (isDue || confirms) sendHeartbeat(core, id, progress, round.start(), confirms);
  }
  if (reading) round.start(); // a single voter sends nothing, and confirms its own reads
  confirmRounds(core, leadership);
  confirmReads(core, leadership);
}

/**
 * Returns the peers to send to first: as many as make a majority. It keeps the previous ones while they answer, because another peer
 * would need the entries in flight a second time; otherwise it takes the peers that answered last. Returns undefined, for every
 * peer, if that takes too long.
 */
function thriftyPeers(core: Core, leadership: Leadership): Set<NodeId> | undefined {
  const { uncommittedSince, transfer } = leadership;
  if (uncommittedSince !== undefined && core.now >= uncommittedSince + core.timeouts.retryMs) {
    return undefined;
  }
  const needed = majority(core.voters.length) - (core.isVoter ? 1 : 0);
  const rank = (progress: Progress) => isLate(core, progress) ? 2 : progress.inThriftyQuorum ? 0 : 1;
  const candidates: Array<readonly [NodeId, Progress]> = [];
  const first = new Set<NodeId>();
  for (const [id, progress] of leadership.progress) {
    if (!progress.countsTowardQuorum || !core.voters.includes(id)) continue;
    candidates.push([id, progress]);
    if (rank(progress) === 0) first.add(id);
  }
  if (candidates.length < needed) return undefined;
  if (first.size !== needed) {
    candidates.sort(([, a], [, b]) => rank(a) - rank(b) || b.match - a.match || b.answeredAt - a.answeredAt);
    first.clear();
    for (const [id] of candidates.slice(0, needed)) first.add(id);
  }
  for (const [id, progress] of candidates) progress.inThriftyQuorum = first.has(id);
  if (transfer !== undefined) first.add(transfer.to);
  for (const id of core.configs.membership.learners) first.add(id);
  return first;
}

/** Sends entries, or a piece of a snapshot, as the peer's progress allows. Returns true if anything was sent. */
function sendEntries(core: Core, to: NodeId, progress: Progress, round: Round): boolean {
  const { log, config } = core;
  if (progress.state !== "snapshot" && log.termAt(progress.next - 1) === undefined) {
    if (progress.waitingSince === undefined) beginSnapshot(core, progress);
  }
  if (progress.waitingSince !== undefined) return false;
  if (progress.state === "replicating" && isSilent(core, progress)) progress.probe(progress.match + 1);
  if (progress.state === "snapshot") {
    sendChunk(core, to, progress, round.start());
    return true;
  }
  if (progress.state === "probing") {
    sendAppend(core, to, progress, round.start());
    progress.waitingSince = core.now;
    return true;
  }
  let sent = false;
  while (progress.next <= log.lastIndex && progress.inflight < config.inflightMax) {
    progress.recordSent(sendAppend(core, to, progress, round.start()), core.now);
    sent = true;
  }
  return sent;
}

/** Sends the next entries and returns the index of the last one. */
function sendAppend(core: Core, to: NodeId, progress: Progress, round: number): number {
  const { log, config } = core;
  const prevIndex = progress.next - 1;
  const prevTerm = log.termAt(prevIndex);
  invariant(prevTerm !== undefined, () => `entry ${prevIndex} is compacted away`);
  const max = isSilent(core, progress) ? 0 : config.appendEntriesMax; // send an empty probe: the peer may be down
  const entries = log.slice(progress.next, log.lastIndex, max);
  progress.lastSentAt = core.now;
  const pipelined = progress.inflight > 0;
  send(core, { type: "append", to, prevIndex, prevTerm, entries, commit: core.commit, pipelined, round });
  return prevIndex + entries.length;
}

/**
 * Sends a heartbeat. It asks for a reply only if one is needed: to confirm a read, to keep the leadership, or to know whether the
 * peer is alive. Acknowledgements of entries make it unnecessary.
 */
function sendHeartbeat(core: Core, to: NodeId, progress: Progress, round: number, confirms: boolean): void {
  const { config, now } = core;
  const heardFrom = quorumValue(valuesByVoter(core, now, (each) => each.answeredAt));
  const ask = confirms || now - heardFrom >= config.heartbeatMs / 2 ||
    now - progress.answeredAt >= core.timeouts.electionMs / 2;
  progress.lastSentAt = now;
  const commit = Math.min(core.commit, progress.match);
  send(core, { type: "heartbeat", to, commit, round, ask }, progress.incarnation);
}

type PeerReply = AppendAccepted | AppendRejected | HeartbeatReply | SnapshotReply;

/** Records a reply in this term: the peer is alive, and knew no later term. Returns undefined unless this node leads. */
function recordReply(
  core: Core,
  reply: PeerReply,
): { readonly leadership: Leadership; readonly progress: Progress } | undefined {
  const { leadership } = core;
  const progress = leadership?.progress.get(reply.from);
  if (leadership === undefined || progress === undefined) return undefined;
  progress.countsTowardQuorum = replyCounts(core, reply);
  progress.incarnation = reply.stamp?.from;
  progress.answeredAt = core.now;
  progress.round = Math.max(progress.round, reply.round);
  confirmRounds(core, leadership);
  confirmReads(core, leadership);
  return { leadership, progress };
}

/** Handles an acknowledgement: the peer's log agrees up to `match`. */
export function onAppendAccepted(core: Core, reply: AppendAccepted): void {
  const known = recordReply(core, reply);
  if (known === undefined) return;
  const { progress } = known;
  if (progress.snapshot !== undefined) {
    if (reply.match < progress.snapshot.snapshot.index) return;
    progress.probe(reply.match + 1);
  }
  invariant(
    reply.match <= core.log.lastIndex,
    () => `${reply.from} acknowledged ${reply.match}, which was never sent`,
  );
  progress.recordAccepted(reply.match);
  advanceCommit(core);
  confirmReads(core, known.leadership);
  continueTransfer(core, known.leadership);
}

/** Handles a rejection: the logs differ at `prevIndex`, so the leader goes back past the term in which they differ (§3.5). */
export function onAppendRejected(core: Core, reply: AppendRejected): void {
  const progress = recordReply(core, reply)?.progress;
  if (progress === undefined) return;
  const { prevIndex, hintIndex, hintTerm } = reply;
  if (progress.state === "snapshot" || prevIndex <= progress.match) return; // an outdated reply
  if (progress.state === "probing" && prevIndex !== progress.next - 1) return;
  const agreed = core.log.lastWithTermAtMost(Math.min(hintIndex, prevIndex - 1), hintTerm);
  progress.probe(Math.max(agreed, progress.match) + 1);
}

/** Handles the reply to a heartbeat. */
export function onHeartbeatReply(core: Core, reply: HeartbeatReply): void {
  recordReply(core, reply);
}

/** Handles the reply to a piece of a snapshot. */
export function onSnapshotReply(core: Core, reply: SnapshotReply): void {
  const progress = recordReply(core, reply)?.progress;
  if (progress?.snapshot?.snapshot.index !== reply.index) return;
  progress.snapshot.acknowledge(reply.offset);
  progress.waitingSince = undefined;
}
