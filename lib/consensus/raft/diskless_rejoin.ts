/**
 * Nodes without a disk, or with a lost one. Such a node may have forgotten votes and acknowledgements, so it must not vote at once.
 *
 * Guarantee: Raft's five properties hold as with disks, as long as less than a majority of the voters is not eligible at any time.
 *
 * Idea: each start without a store draws an *incarnation*. Every message names the sender's, and every reply the receiver's. An
 * incarnation becomes *eligible* to vote in one of two ways. (a) Cold start: every other voter replied in two rounds that it has seen
 * no other incarnation of the node and is in term 0. (b) Rejoin: the node applied a committed entry, or a snapshot, that names it. A
 * leader proposes that entry for a node that returns its nonce, so a delayed request cannot name a dead incarnation.
 *
 * Cost: a cluster starts only after all of its voters have met. If a majority loses its state at once, the rest stops for good.
 * Source: none in the dissertation, which assumes stable storage (§3.8). `DISKLESS_REJOIN.md` has the proof.
 *
 * Tested by `tests/consensus/raft/transcripts_test.ts`.
 */

import type { Entry, Incarnations, NodeId } from "../types.ts";
import { append, type Core, type Leadership, send } from "./core.ts";
import type { JoinReply, JoinRequest, Message, Stamp } from "./types.ts";

/** The first time to wait for replies before asking again, as a fraction of the election timeout. It doubles each time. */
const JOIN_BACKOFF_MIN = 0.1;
/** The longest such time, as a fraction of the election timeout. */
const JOIN_BACKOFF_MAX = 1;

/** Nodes whose incarnations are remembered. */
const SEEN_NODES_MAX = 10_000;

/** Returns true if a message is for this incarnation, and its sender may send it. Records the sender's incarnation. */
export function acceptsMessage(core: Core, message: Message): boolean {
  const own = core.config.incarnation;
  const { stamp, from } = message;
  if (own === undefined) return stamp === undefined;
  if (stamp === undefined) return false;
  recordIncarnation(core, from, stamp);
  switch (message.type) {
    case "join":
    case "locate":
      return true;
    case "join_ok":
    case "located":
      return stamp.to === own;
    case "append":
    case "heartbeat":
    case "snapshot":
    case "vote":
    case "pre_vote":
    case "timeout_now":
      return stamp.eligible;
    default:
      return stamp.to === own && core.rules.isHeard(senderOf(core, from, stamp));
  }
}

function senderOf(core: Core, from: NodeId, { eligible, from: incarnation }: Stamp) {
  return { eligible, incarnation, currentIncarnation: core.configs.incarnations[from] };
}

function recordIncarnation(core: Core, id: NodeId, { from: incarnation }: Stamp): void {
  const { seenIncarnations } = core.rejoin;
  const known = seenIncarnations.get(id);
  if (known === undefined) {
    // Without a record the node gets no clean reply, which is safe.
    if (seenIncarnations.size < SEEN_NODES_MAX) seenIncarnations.set(id, { incarnation, seenMany: false });
  } else if (known.incarnation !== incarnation) known.seenMany = true;
}

/** Returns true if a reply counts in a quorum. */
export function replyCounts(core: Core, { from, stamp }: Message): boolean {
  if (core.config.incarnation === undefined) return true;
  return stamp !== undefined && core.rules.replyCounts(senderOf(core, from, stamp));
}

/** Treats a node's leader as its vote in the term. With a disk the node would remember a vote; without one it must not vote again. */
export function countLeaderAsVote(core: Core, leader: NodeId): void {
  if (core.config.incarnation !== undefined && core.vote === undefined) core.vote = leader;
}

/** Sends join requests when they are due. */
export function tickJoin(core: Core): void {
  const { rejoin, now, config } = core;
  if (rejoin.eligible || now < rejoin.joinAt) return;
  const min = config.electionTimeoutMs * JOIN_BACKOFF_MIN;
  const max = config.electionTimeoutMs * JOIN_BACKOFF_MAX;
  rejoin.joinBackoffMs = Math.min(max, Math.max(min, 2 * rejoin.joinBackoffMs));
  rejoin.joinAt = now + rejoin.joinBackoffMs;
  sendJoinRequests(core);
  tryColdStart(core);
}

/** Makes join requests due now, because there is a new leader, which can let this node rejoin. */
export function joinAtOnce(core: Core): void {
  if (core.rejoin.eligible) return;
  core.rejoin.joinAt = core.now;
  core.rejoin.joinBackoffMs = 0;
}

function sendJoinRequests(core: Core): void {
  const { voters, learners } = core.configs.membership;
  const peers = new Set([...voters, ...learners]);
  if (core.leader !== undefined) peers.add(core.leader);
  peers.delete(core.id);
  for (const to of peers) {
    // Before the first term, one reply per round is enough.
    if (core.term > 0 || !core.rejoin.cleanReplies.has(to)) sendJoinRequest(core, to);
  }
}

function sendJoinRequest(core: Core, to: NodeId): void {
  const { joinRound: round, noncesReceived } = core.rejoin;
  send(core, { type: "join", to, round, nonce: noncesReceived.get(to) });
}

/** Makes the node eligible if the same incarnations of all other voters replied cleanly in two consecutive rounds. */
function tryColdStart(core: Core): void {
  const { rejoin, term, voters, config: { incarnation } } = core;
  if (rejoin.eligible || incarnation === undefined || term > 0 || !core.isVoter) return;
  const { cleanReplies, previousCleanReplies } = rejoin;
  const others = voters.filter((id) => id !== core.id);
  if (others.some((id) => !cleanReplies.has(id))) return;
  if (others.every((id) => previousCleanReplies?.get(id) === cleanReplies.get(id))) {
    rejoin.eligible = true;
    rejoin.coldStartMembers = { ...Object.fromEntries(cleanReplies), [core.id]: incarnation };
    return;
  }
  rejoin.isColdStartChanged = true;
  rejoin.previousCleanReplies = new Map(cleanReplies);
  cleanReplies.clear();
  rejoin.joinRound++;
  sendJoinRequests(core);
}

/** Replies to a join request. A leader proposes to let the incarnation rejoin that returns its nonce. */
export function onJoinRequest(core: Core, { from, stamp, round, nonce }: JoinRequest): void {
  if (stamp === undefined) return;
  const { leadership, rejoin, configs: { membership, incarnations } } = core;
  const isMember = membership.voters.includes(from) || membership.learners.includes(from);
  let issued: number | undefined;
  if (leadership !== undefined && isMember && incarnations[from] !== stamp.from) {
    const known = leadership.nonces.get(from);
    if (known?.incarnation === stamp.from && known.value === nonce && core.committedInTerm) {
      return proposeRejoin(core, leadership, from, stamp.from);
    }
    issued = known?.incarnation === stamp.from ? known.value : ++leadership.noncesIssued;
    leadership.nonces.set(from, { incarnation: stamp.from, value: issued });
  }
  const seen = rejoin.seenIncarnations.get(from);
  const seenAnother = seen === undefined || seen.incarnation !== stamp.from || seen.seenMany;
  const clean = core.rules.isClean(core.term, seenAnother);
  const members = rejoin.coldStartMembers?.[from] === stamp.from ? rejoin.coldStartMembers : undefined;
  send(core, { type: "join_ok", to: from, round, clean, nonce: issued, members }, stamp.from);
}

function proposeRejoin(core: Core, leadership: Leadership, node: NodeId, incarnation: string): void {
  leadership.nonces.delete(node);
  append(core, [{ kind: "rejoin", node, incarnation }]);
  leadership.uncommittedSince ??= core.now;
  leadership.progress.get(node)?.reset(core.log.lastIndex);
}

/** Handles the reply to a join request. */
export function onJoinReply(core: Core, { from, stamp, round, clean, nonce, members }: JoinReply): void {
  const { rejoin, config: { incarnation } } = core;
  if (rejoin.eligible || stamp === undefined) return;
  const currentIncarnation = core.configs.incarnations[core.id] ?? incarnation;
  if (
    members !== undefined && members[core.id] === incarnation && currentIncarnation === incarnation
  ) {
    rejoin.coldStartMembers = members;
    rejoin.setEligible(true);
    return;
  }
  if (!clean) {
    const isVoid = rejoin.cleanReplies.delete(from) || rejoin.previousCleanReplies !== undefined;
    rejoin.isColdStartChanged ||= isVoid;
    rejoin.previousCleanReplies = undefined;
  } else if (round === rejoin.joinRound) {
    rejoin.isColdStartChanged ||= rejoin.cleanReplies.get(from) !== stamp.from;
    rejoin.cleanReplies.set(from, stamp.from);
  }
  if (nonce !== undefined && nonce !== rejoin.noncesReceived.get(from)) {
    rejoin.noncesReceived.set(from, nonce);
    sendJoinRequest(core, from);
  }
  tryColdStart(core);
}

/** Updates the right to vote by a committed entry. */
export function onApplied(core: Core, { payload }: Entry): void {
  if (payload.kind !== "rejoin" || payload.node !== core.id || core.config.incarnation === undefined) return;
  core.rejoin.setEligible(payload.incarnation === core.config.incarnation);
}

/** Updates the right to vote by an installed snapshot. */
export function onInstalled(core: Core, incarnations: Incarnations): void {
  const currentIncarnation = incarnations[core.id];
  if (core.config.incarnation === undefined || currentIncarnation === undefined) return;
  core.rejoin.setEligible(currentIncarnation === core.config.incarnation);
}
