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
 *  (a) *cold start*: every other voter of the first membership answered its hello with "I never met another incarnation of
 *      yours, and I am in term 0", and the same incarnation of each did so again when asked after all had;
 *      Who has completed this knows the incarnations that took part. It tells them, and then they have eligible too;
 *  (b) *readmission*: it applied a committed entry `readmit(node, incarnation)` that names it, or a snapshot that holds one.
 *
 * Claim: if less than a majority of the voters is without eligible at any time ("lost": its memory is gone, and it is not
 * readmitted yet), the five properties hold as they do with disks.
 *
 * (a) gives eligible to no incarnation whose predecessor's promises matter. Let B1 and B2 be incarnations of B, and let B2 have eligible
 * by (a). Between its two rounds there is a moment at which every other node was in term 0, in a incarnation that had not met B1:
 * each said so before and, in the same incarnation, after it, and neither a term nor what was met goes back within a incarnation.
 *   - Suppose that a vote of B1 elected somebody, or an acknowledgement of B1 committed something. That took a majority W
 *     in some term above 0. Less than a majority is lost at that moment, and B is among the lost, so some other node of W is
 *     not: either it has not restarted since, or it was readmitted by an entry of some term. In both cases its term is
 *     above 0, and it was not.
 *   - Suppose that a vote or an acknowledgement of B1 is still on its way to Y. Who asked for it had a term above 0, and so
 *     was another incarnation of Y than the one at that moment; later incarnations drop it, since it names the one that asked.
 * The same moment gives eligible to every incarnation that took part: at it, all others were in term 0, the one that asked too,
 * since it would have stopped otherwise. So a incarnation that was away meanwhile, or cut off from some, need not ask all by itself.
 * (A restart of a stored incarnation forgets whom it met. The proof needs only its term, which is stored. The answers that it has got
 * are stored too, so that the restart is to the proof no more than a pause.)
 * (One round would not do as clearly: a peer that has restarted and not caught up answers cleanly, and while B2 collects
 * answers, one after another might.) Answers name the incarnation that asked, so none that was meant for B1 reaches B2.
 *
 * (b) breaks no promise of a former incarnation. Let r = readmit(B, B2) be committed in term T by a set M. While it is being
 * committed no answer of B counts: not B1's, because with r in the leader's log only B2 counts as B; not B2's, because
 * it has no eligible before r is committed. So M is a majority without B.
 *   - *Votes.* Suppose that B1 voted in a term U for Y, and Y wins with it. If U > T: Y's voters and M share a node Z, and
 *     Z is not B. Z acknowledged r before it voted (afterwards it would refuse term T), so by the election restriction
 *     Y's log holds r, and so Y does not count B1. If U ≤ T: B2 learned r from a leader of a term V ≥ T, took over V and,
 *     as every node here that hears from a leader, counts as having voted for it (`adoptVote`); so it votes in no term up
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
 * A hello that was delayed must not readmit a dead incarnation: the leader answers with a number and readmits only who gives it
 * back. If one is readmitted all the same, the living one finds itself replaced, loses its eligible, and says hello again.
 *
 * The cost: a partition that cuts the cold start (before all have answered all) keeps the cluster from starting until it
 * heals, whichever part a majority is in. And when a majority is lost at once, its memory is gone: if any node with
 * eligible is left, the cluster stands still for good; if none is, it starts anew, empty.
 */

import { append, type Core, send } from "./core.ts";
import type { ColdStart, Entry, Hello, HelloAnswer, Incarnations, Message, NodeId, Stamp } from "./types.ts";

/** How soon a node without eligible asks for it again, in parts of the election time-out; twice that the next time, … */
const HELLO_WAIT_MIN = 0.1;
/** …and so on up to this. */
const HELLO_WAIT_MAX = 1;

/** How many nodes are remembered as met. */
const MET_MAX = 10_000;

/** Whether a message is for this incarnation, and from one that may speak. Takes note of whom it met. */
export function concerns(core: Core, message: Message): boolean {
  const own = core.config.incarnation;
  const { stamp, from } = message;
  if (own === undefined) return stamp === undefined;
  if (stamp === undefined) return false;
  meet(core, from, stamp);
  switch (message.type) {
    case "hello":
      return true;
    case "hello_ok":
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
      const admitted = core.configs.incarnations[from];
      return core.rules.isHeard({ eligible: stamp.eligible, incarnation: stamp.from, admitted });
    }
  }
}

function meet(core: Core, id: NodeId, { from: incarnation }: Stamp): void {
  const known = core.met.get(id);
  if (known === undefined && core.met.size >= MET_MAX) return; // a node that nobody met has no clean answer
  if (known === undefined) core.met.set(id, { incarnation, several: false });
  else if (known.incarnation !== incarnation) known.several = true;
}

/** Whether an answer counts in a quorum. */
export function answerCounts(core: Core, { from, stamp }: Message): boolean {
  if (core.config.incarnation === undefined) return true;
  if (stamp === undefined) return false;
  const admitted = core.configs.incarnations[from];
  return core.rules.answerCounts({ eligible: stamp.eligible, incarnation: stamp.from, admitted });
}

/** Who heard from the leader of a term votes for nobody else in it; with a disk, it would remember if it had. */
export function adoptVote(core: Core, leader: NodeId): void {
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
export function tickHello(core: Core): void {
  if (core.eligible || core.now < core.helloAt) return;
  const { electionTimeoutMs } = core.config;
  const [min, max] = [electionTimeoutMs * HELLO_WAIT_MIN, electionTimeoutMs * HELLO_WAIT_MAX];
  core.helloWaitMs = Math.min(max, Math.max(min, 2 * core.helloWaitMs));
  core.helloAt = core.now + core.helloWaitMs;
  sayHello(core);
  coldStart(core);
}

/** There is news of a leader, who could readmit this node: asks at once. */
export function askLeader(core: Core): void {
  if (core.eligible) return;
  core.helloAt = core.now;
  core.helloWaitMs = 0;
}

function sayHello(core: Core): void {
  for (const to of peersOf(core)) {
    if (core.term > 0 || !core.cleanAnswers.has(to)) greet(core, to); // before any term, one answer a round is enough
  }
}

function greet(core: Core, to: NodeId): void {
  send(core, { type: "hello", to, round: core.helloRound, challenge: core.challengesTaken.get(to) });
}

/** Gives eligible when two rounds in a row were answered cleanly by all, the same incarnations in both. */
function coldStart(core: Core): void {
  const { voters } = core.configs.membership;
  const { incarnation } = core.config;
  if (core.eligible || incarnation === undefined || core.term > 0 || !voters.includes(core.id)) return;
  const { cleanAnswers, cleanBefore } = core;
  const others = voters.filter((id) => id !== core.id);
  if (others.some((id) => !cleanAnswers.has(id))) return;
  if (others.every((id) => cleanBefore?.get(id) === cleanAnswers.get(id))) {
    core.eligible = true;
    core.coldStartMembers = { ...Object.fromEntries(cleanAnswers), [core.id]: incarnation };
    return;
  }
  core.coldStartChanged = true;
  core.cleanBefore = new Map(cleanAnswers);
  cleanAnswers.clear();
  core.helloRound++;
  sayHello(core);
}

/** Returns what must survive a restart of a cold start; undefined if there is nothing. */
export function coldStartOf(
  { eligible, term, helloRound, cleanAnswers, cleanBefore, coldStartMembers }: Core,
): ColdStart | undefined {
  if (coldStartMembers !== undefined) return { round: helloRound, answers: {}, members: coldStartMembers };
  if (eligible || term > 0) return undefined;
  const answers = Object.fromEntries(cleanAnswers);
  return { round: helloRound, answers, before: cleanBefore && Object.fromEntries(cleanBefore) };
}

/** Answers a hello; a leader readmits the incarnation that gives its challenge back. */
export function onHello(core: Core, { from, stamp, round, challenge }: Hello): void {
  if (stamp === undefined) return;
  const met = core.met.get(from);
  const metAnother = met === undefined || met.incarnation !== stamp.from || met.several;
  const clean = core.rules.isClean({ term: core.term, metAnother });
  let given: number | undefined;
  const { leadership } = core;
  const { voters, learners } = core.configs.membership;
  const isMember = voters.includes(from) || learners.includes(from);
  if (leadership !== undefined && isMember && core.configs.incarnations[from] !== stamp.from) {
    const known = leadership.challenges.get(from);
    if (known?.incarnation === stamp.from && known.number === challenge && core.committedInTerm) {
      leadership.challenges.delete(from);
      append(core, [{ kind: "readmit", node: from, incarnation: stamp.from }]);
      leadership.uncommittedSince ??= core.now;
      leadership.progress.get(from)?.forget(core.log.lastIndex);
      return;
    }
    given = known?.incarnation === stamp.from ? known.number : ++leadership.challengesGiven;
    leadership.challenges.set(from, { incarnation: stamp.from, number: given });
  }
  const members = core.coldStartMembers?.[from] === stamp.from ? core.coldStartMembers : undefined;
  send(core, { type: "hello_ok", to: from, round, clean, challenge: given, members }, { answers: stamp });
}

/** Takes note of an answer to a hello. */
export function onHelloAnswer(
  core: Core,
  { from, stamp, round, clean, challenge, members }: HelloAnswer,
): void {
  if (core.eligible || stamp === undefined) return;
  const { incarnation } = core.config;
  const admitted = core.configs.incarnations[core.id] ?? incarnation;
  if (members !== undefined && members[core.id] === incarnation && admitted === incarnation) {
    core.coldStartMembers = members;
    setEligible(core, true);
    return;
  }
  if (!clean) {
    const isForgotten = core.cleanAnswers.delete(from) || core.cleanBefore !== undefined;
    core.coldStartChanged ||= isForgotten;
    core.cleanBefore = undefined;
  } else if (round === core.helloRound) {
    core.coldStartChanged ||= core.cleanAnswers.get(from) !== stamp.from;
    core.cleanAnswers.set(from, stamp.from);
  }
  if (challenge !== undefined && challenge !== core.challengesTaken.get(from)) {
    core.challengesTaken.set(from, challenge);
    greet(core, from);
  }
  coldStart(core);
}

/** Gains or loses eligible by an entry that is committed. */
export function onApplied(core: Core, { payload }: Entry): void {
  if (payload.kind !== "readmit" || payload.node !== core.id || core.config.incarnation === undefined) return;
  setEligible(core, payload.incarnation === core.config.incarnation);
}

/** Gains or loses eligible by a snapshot. */
export function onInstalled(core: Core, incarnations: Incarnations): void {
  const admitted = incarnations[core.id];
  if (core.config.incarnation === undefined || admitted === undefined) return;
  setEligible(core, admitted === core.config.incarnation);
}

function setEligible(core: Core, eligible: boolean): void {
  core.eligible = eligible;
  core.helloWaitMs = 0;
  core.cleanAnswers.clear(); // (a) is for the first start alone
  core.cleanBefore = undefined;
  core.challengesTaken.clear();
}
