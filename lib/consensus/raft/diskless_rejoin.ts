/**
 * Nodes that keep nothing on disk, or lose their disk. (No section of the dissertation: it takes stable storage for granted,
 * §3.8.)
 *
 * Such a node cannot tell its first start from a restart, and after a restart it has forgotten votes that it gave and
 * entries that it acknowledged. So each start draws an *incarnation*, a name for this incarnation; every message carries it, and
 * every answer the name of the incarnation that asked. With a store the incarnation is drawn when the store is made, and stored with
 * everything that the incarnation promises: such a incarnation goes on over restarts, with its eligible, until its store is lost. A incarnation
 * votes, stands for election and is counted (it *has eligible*) only after one of:
 *
 *  (a) *cold start*: every other voter of the first membership answered its join with "I never seenIncarnations another incarnation of
 *      yours, and I am in term 0", and the same incarnation of each did so again when asked after all had;
 *      Who has completed this knows the incarnations that took part. It tells them, and then they have eligible too;
 *  (b) *readmission*: it applied a committed entry `rejoin(node, incarnation)` that names it, or a snapshot that holds one.
 *
 * Claim: if less than a majority of the voters is without eligible at any time ("lost": its memory is gone, and it is not
 * rejoined yet), the five properties hold as they do with disks.
 *
 * (a) gives eligible to no incarnation whose predecessor's promises matter. Let B1 and B2 be incarnations of B, and let B2 have eligible
 * by (a). Between its two rounds there is a moment at which every other node was in term 0, in a incarnation that had not seenIncarnations B1:
 * each said so before and, in the same incarnation, after it, and neither a term nor what was seenIncarnations goes back within a incarnation.
 *   - Suppose that a vote of B1 elected somebody, or an acknowledgement of B1 committed something. That took a majority W
 *     in some term above 0. Less than a majority is lost at that moment, and B is among the lost, so some other node of W is
 *     not: either it has not restarted since, or it was rejoined by an entry of some term. In both cases its term is
 *     above 0, and it was not.
 *   - Suppose that a vote or an acknowledgement of B1 is still on its way to Y. Who asked for it had a term above 0, and so
 *     was another incarnation of Y than the one at that moment; later incarnations drop it, since it names the one that asked.
 * The same moment gives eligible to every incarnation that took part: at it, all others were in term 0, the one that asked too,
 * since it would have stopped otherwise. So a incarnation that was away meanwhile, or cut off from some, need not ask all by itself.
 * (A restart of a stored incarnation forgets whom it seenIncarnations. The proof needs only its term, which is stored. The answers that it has got
 * are stored too, so that the restart is to the proof no more than a pause.)
 * (One round would not do as clearly: a peer that has restarted and not caught up answers cleanly, and while B2 collects
 * answers, one after another might.) Answers name the incarnation that asked, so none that was meant for B1 reaches B2.
 *
 * (b) breaks no promise of a former incarnation. Let r = rejoin(B, B2) be committed in term T by a set M. While it is being
 * committed no answer of B counts: not B1's, because with r in the leader's log only B2 counts as B; not B2's, because
 * it has no eligible before r is committed. So M is a majority without B.
 *   - *Votes.* Suppose that B1 voted in a term U for Y, and Y wins with it. If U > T: Y's voters and M share a node Z, and
 *     Z is not B. Z acknowledged r before it voted (afterwards it would refuse term T), so by the election restriction
 *     Y's log holds r, and so Y does not count B1. If U ≤ T: B2 learned r from a leader of a term V ≥ T, took over V and,
 *     as every node here that hears from a leader, counts as having voted for it (`countLeaderAsVote`); so it votes in no term up
 *     to V for anybody else.
 *   - *Entries.* Suppose that e was committed with B1's acknowledgement. In a term up to T: the leader of T holds e (leader
 *     completeness; e's quorum and its voters share a node, which is B only if a incarnation of B that acknowledged e voted), and e
 *     stands before r if it was acknowledged before r was written, since after that B1 does not count. B2 has r, so it has
 *     all before it, e too. In a term U > T: its leader was elected by voters that share a node with M, none of which is B;
 *     so it held r, and did not count B1.
 *   - *Loyalty* (leases). B2 gets eligible by hearing from a leader, so it is loyal from then on; before, it votes for nobody.
 * A message of a dead incarnation that *asks* (an append, a request for a vote) is what it always was, a late message of its term.
 * Its *answers* are dropped as soon as the log names another incarnation.
 *
 * A join that was delayed must not rejoin a dead incarnation: the leader answers with a number and readmits only who gives it
 * back. If one is rejoined all the same, the living one finds itself replaced, loses its eligible, and says join again.
 *
 * The cost: a partition that cuts the cold start (before all have answered all) keeps the cluster from starting until it
 * heals, whichever part a majority is in. And when a majority is lost at once, its memory is gone: if any node with
 * eligible is left, the cluster stands still for good; if none is, it starts anew, empty.
 */

import { append, type Core, send } from "./core.ts";
import type {
  ColdStart,
  Entry,
  Incarnations,
  JoinReply,
  JoinRequest,
  Message,
  NodeId,
  Stamp,
} from "./types.ts";

/** How soon a node without eligible asks for it again, in parts of the election time-out; twice that the next time, … */
const JOIN_BACKOFF_MIN = 0.1;
/** …and so on up to this. */
const JOIN_BACKOFF_MAX = 1;

/** How many nodes are remembered as seenIncarnations. */
const SEEN_NODES_MAX = 10_000;

/** Whether a message is for this incarnation, and from one that may speak. Takes note of whom it seenIncarnations. */
export function acceptsMessage(core: Core, message: Message): boolean {
  const own = core.config.incarnation;
  const { stamp, from } = message;
  if (own === undefined) return stamp === undefined;
  if (stamp === undefined) return false;
  recordIncarnation(core, from, stamp);
  switch (message.type) {
    case "join":
      return true;
    case "join_ok":
      return stamp.to === own;
    case "append":
    case "heartbeat":
    case "snapshot":
    case "vote":
    case "pre_vote":
    case "timeout_now":
      return stamp.eligible;
    default: {
      if (stamp.to !== own) return false;
      const currentIncarnation = core.configs.incarnations[from];
      return core.rules.isHeard({ eligible: stamp.eligible, incarnation: stamp.from, currentIncarnation });
    }
  }
}

function recordIncarnation(core: Core, id: NodeId, { from: incarnation }: Stamp): void {
  const known = core.seenIncarnations.get(id);
  if (known === undefined && core.seenIncarnations.size >= SEEN_NODES_MAX) return; // a node that nobody seenIncarnations has no clean answer
  if (known === undefined) core.seenIncarnations.set(id, { incarnation, seenMany: false });
  else if (known.incarnation !== incarnation) known.seenMany = true;
}

/** Whether an answer counts in a quorum. */
export function answerCounts(core: Core, { from, stamp }: Message): boolean {
  if (core.config.incarnation === undefined) return true;
  if (stamp === undefined) return false;
  const currentIncarnation = core.configs.incarnations[from];
  return core.rules.answerCounts({ eligible: stamp.eligible, incarnation: stamp.from, currentIncarnation });
}

/** Who heard from the leader of a term votes for nobody else in it; with a disk, it would remember if it had. */
export function countLeaderAsVote(core: Core, leader: NodeId): void {
  if (core.config.incarnation !== undefined && core.vote === undefined) core.vote = leader;
}

function peersOf(core: Core): Set<NodeId> {
  const { voters, learners } = core.configs.membership;
  const peers = new Set([...voters, ...learners]);
  if (core.leader !== undefined) peers.add(core.leader);
  peers.delete(core.id);
  return peers;
}

/** Asks for eligible. */
export function tickJoin(core: Core): void {
  if (core.eligible || core.now < core.joinAt) return;
  const { electionTimeoutMs } = core.config;
  const [min, max] = [electionTimeoutMs * JOIN_BACKOFF_MIN, electionTimeoutMs * JOIN_BACKOFF_MAX];
  core.joinBackoffMs = Math.min(max, Math.max(min, 2 * core.joinBackoffMs));
  core.joinAt = core.now + core.joinBackoffMs;
  sendJoinRequests(core);
  coldStart(core);
}

/** There is news of a leader, who could rejoin this node: asks at once. */
export function joinAtOnce(core: Core): void {
  if (core.eligible) return;
  core.joinAt = core.now;
  core.joinBackoffMs = 0;
}

function sendJoinRequests(core: Core): void {
  for (const to of peersOf(core)) {
    if (core.term > 0 || !core.cleanReplies.has(to)) sendJoinRequest(core, to); // before any term, one answer a round is enough
  }
}

function sendJoinRequest(core: Core, to: NodeId): void {
  send(core, { type: "join", to, round: core.joinRound, nonce: core.noncesReceived.get(to) });
}

/** Gives eligible when two rounds in a row were answered cleanly by all, the same incarnations in both. */
function coldStart(core: Core): void {
  const { voters } = core.configs.membership;
  const { incarnation } = core.config;
  if (core.eligible || incarnation === undefined || core.term > 0 || !voters.includes(core.id)) return;
  const { cleanReplies, previousCleanReplies } = core;
  const others = voters.filter((id) => id !== core.id);
  if (others.some((id) => !cleanReplies.has(id))) return;
  if (others.every((id) => previousCleanReplies?.get(id) === cleanReplies.get(id))) {
    core.eligible = true;
    core.coldStartMembers = { ...Object.fromEntries(cleanReplies), [core.id]: incarnation };
    return;
  }
  core.coldStartChanged = true;
  core.previousCleanReplies = new Map(cleanReplies);
  cleanReplies.clear();
  core.joinRound++;
  sendJoinRequests(core);
}

/** Returns what must survive a restart of a cold start; undefined if there is nothing. */
export function coldStartOf(
  { eligible, term, joinRound, cleanReplies, previousCleanReplies, coldStartMembers }: Core,
): ColdStart | undefined {
  if (coldStartMembers !== undefined) return { round: joinRound, answers: {}, members: coldStartMembers };
  if (eligible || term > 0) return undefined;
  const answers = Object.fromEntries(cleanReplies);
  return {
    round: joinRound,
    answers,
    before: previousCleanReplies && Object.fromEntries(previousCleanReplies),
  };
}

/** Answers a join; a leader readmits the incarnation that gives its nonce back. */
export function onJoinRequest(core: Core, { from, stamp, round, nonce }: JoinRequest): void {
  if (stamp === undefined) return;
  const seenIncarnations = core.seenIncarnations.get(from);
  const seenAnother = seenIncarnations === undefined || seenIncarnations.incarnation !== stamp.from ||
    seenIncarnations.seenMany;
  const clean = core.rules.isClean({ term: core.term, seenAnother });
  let given: number | undefined;
  const { leadership } = core;
  const { voters, learners } = core.configs.membership;
  const isMember = voters.includes(from) || learners.includes(from);
  if (leadership !== undefined && isMember && core.configs.incarnations[from] !== stamp.from) {
    const known = leadership.nonces.get(from);
    if (known?.incarnation === stamp.from && known.number === nonce && core.committedInTerm) {
      leadership.nonces.delete(from);
      append(core, [{ kind: "rejoin", node: from, incarnation: stamp.from }]);
      leadership.uncommittedSince ??= core.now;
      leadership.progress.get(from)?.reset(core.log.lastIndex);
      return;
    }
    given = known?.incarnation === stamp.from ? known.number : ++leadership.noncesIssued;
    leadership.nonces.set(from, { incarnation: stamp.from, number: given });
  }
  const members = core.coldStartMembers?.[from] === stamp.from ? core.coldStartMembers : undefined;
  send(core, { type: "join_ok", to: from, round, clean, nonce: given, members }, { answers: stamp });
}

/** Takes note of an answer to a join. */
export function onJoinReply(
  core: Core,
  { from, stamp, round, clean, nonce, members }: JoinReply,
): void {
  if (core.eligible || stamp === undefined) return;
  const { incarnation } = core.config;
  const currentIncarnation = core.configs.incarnations[core.id] ?? incarnation;
  if (members !== undefined && members[core.id] === incarnation && currentIncarnation === incarnation) {
    core.coldStartMembers = members;
    setEligible(core, true);
    return;
  }
  if (!clean) {
    const isForgotten = core.cleanReplies.delete(from) || core.previousCleanReplies !== undefined;
    core.coldStartChanged ||= isForgotten;
    core.previousCleanReplies = undefined;
  } else if (round === core.joinRound) {
    core.coldStartChanged ||= core.cleanReplies.get(from) !== stamp.from;
    core.cleanReplies.set(from, stamp.from);
  }
  if (nonce !== undefined && nonce !== core.noncesReceived.get(from)) {
    core.noncesReceived.set(from, nonce);
    sendJoinRequest(core, from);
  }
  coldStart(core);
}

/** Gains or loses eligible by an entry that is committed. */
export function onApplied(core: Core, { payload }: Entry): void {
  if (payload.kind !== "rejoin" || payload.node !== core.id || core.config.incarnation === undefined) return;
  setEligible(core, payload.incarnation === core.config.incarnation);
}

/** Gains or loses eligible by a snapshot. */
export function onInstalled(core: Core, incarnations: Incarnations): void {
  const currentIncarnation = incarnations[core.id];
  if (core.config.incarnation === undefined || currentIncarnation === undefined) return;
  setEligible(core, currentIncarnation === core.config.incarnation);
}

function setEligible(core: Core, eligible: boolean): void {
  core.eligible = eligible;
  core.joinBackoffMs = 0;
  core.cleanReplies.clear(); // (a) is for the first start alone
  core.previousCleanReplies = undefined;
  core.noncesReceived.clear();
}
