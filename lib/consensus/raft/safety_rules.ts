/**
 * The decisions that Raft's safety rests on, each a function of plain values with the place where it is proven. They stand
 * together so that they can be read together, and so that tests can replace one at a time and show that the simulator
 * notices. This file is not exported by the room's `mod.ts`: programs cannot name what they would have to replace.
 */

import { majority } from "./quorum.ts";
import type { LeaseBounds, NodeId } from "./types.ts";

/** Where a log ends. */
export interface LogEnd {
  readonly lastIndex: number;
  readonly lastTerm: number;
}

/** One decision a method. */
export interface SafetyRules {
  /** How many of the voters decide: any two such sets share a member. */
  quorum(voters: number): number;
  /** §3.6.1: a candidate must be at least as up to date as whoever votes for it. */
  upToDate(candidate: LogEnd, own: LogEnd): boolean;
  /** §3.4: one vote a term. */
  mayVote(vote: NodeId | undefined, candidate: NodeId): boolean;
  /** §4.2.3, §6.4.1: who heard from a leader less than an election time-out ago helps nobody to depose it. */
  hasRecentLeader(sinceContactMs: number, electionTimeoutMs: number): boolean;
  /** What a restarted node must take for granted: that it heard from a leader just before, unless it never knew one. */
  contactBeforeStart(now: number, term: number): number;
  /** §3.6.2: by counting, a leader commits entries of its own term alone. */
  mayCommit(entryTerm: number, currentTerm: number): boolean;
  /** §3.5: an append matchesPreviousEntry where the entry before it has the leader's term. */
  matchesPreviousEntry(ownTerm: number | undefined, prevTerm: number): boolean;
  /** §3.5: an entry is overwritten only by one of another term at its index. */
  conflicts(ownTerm: number, newTerm: number): boolean;
  /** §3.5: a follower commits no further than it is known to agree with the leader. */
  followerCommit(leaderCommit: number, agreedIndex: number): number;
  /** §4.1, with the correction of 2015: the leader has committed in its own term, and no change is under way. */
  mayChangeMembership(state: { readonly committedInTerm: boolean; readonly underway: boolean }): boolean;
  /** §6.4: only who has committed in its own term knows what is committed. */
  mayRead(committedInTerm: boolean): boolean;
  /** §6.4: a read waits until a majority answered a round that began after it. */
  isConfirmed(confirmedRound: number, neededRound: number): boolean;
  /**
   * §6.4.1: how long on its own clock a leader may rely on a majority's answers. They promise T on theirs, which is at
   * least (T - jump) / (1 + drift) in real time; the leader's D is at most D / (1 - drift).
   */
  leaseMs(electionTimeoutMs: number, bounds: LeaseBounds): number;
  /** §6.4.1 with §3.10: who asked another to stand for election at once cannot rely on loyalty any more in this term. */
  leaseValidAfterTransfer(): boolean;
  /** §5.1: what follows a snapshot in the log stays only if the log agrees with it. */
  keepsSuffix(ownTermAtSnapshot: number | undefined, snapshotTerm: number): boolean;
  /** A node with neither disk nor eligible helps nobody into leaderState: see `diskless_rejoin.ts`. */
  mayVoteIfEligible(eligible: boolean): boolean;
  /** Whether this node knows of nothing that another incarnation of the asker may have done: see `diskless_rejoin.ts`. */
  isClean(known: { readonly term: number; readonly seenAnother: boolean }): boolean;
  /** Whether a incarnation's answers are heard at all: those of one that the log names, or of one with eligible if it names none. */
  isHeard(
    answer: {
      readonly eligible: boolean;
      readonly incarnation: string;
      readonly currentIncarnation: string | undefined;
    },
  ): boolean;
  /** A incarnation's answers count only if it has eligible and no later incarnation was currentIncarnation: see `diskless_rejoin.ts`. */
  answerCounts(
    answer: {
      readonly eligible: boolean;
      readonly incarnation: string;
      readonly currentIncarnation: string | undefined;
    },
  ): boolean;
}

/** The rules as they are proven. */
export const SAFETY_RULES: SafetyRules = {
  quorum: majority,
  upToDate: (candidate, own) =>
    candidate.lastTerm > own.lastTerm ||
    (candidate.lastTerm === own.lastTerm && candidate.lastIndex >= own.lastIndex),
  mayVote: (vote, candidate) => vote === undefined || vote === candidate,
  hasRecentLeader: (sinceContactMs, electionTimeoutMs) => sinceContactMs < electionTimeoutMs,
  contactBeforeStart: (now, term) => term === 0 ? -Infinity : now,
  mayCommit: (entryTerm, currentTerm) => entryTerm === currentTerm,
  matchesPreviousEntry: (ownTerm, prevTerm) => ownTerm === prevTerm,
  conflicts: (ownTerm, newTerm) => ownTerm !== newTerm,
  followerCommit: Math.min,
  mayChangeMembership: ({ committedInTerm, underway }) => committedInTerm && !underway,
  mayRead: (committedInTerm) => committedInTerm,
  isConfirmed: (confirmedRound, neededRound) => confirmedRound >= neededRound,
  leaseMs: (electionTimeoutMs, { driftMax, jumpMsMax }) =>
    Math.max(0, (electionTimeoutMs - jumpMsMax) * (1 - driftMax) / (1 + driftMax)),
  leaseValidAfterTransfer: () => false,
  keepsSuffix: (ownTermAtSnapshot, snapshotTerm) => ownTermAtSnapshot === snapshotTerm,
  mayVoteIfEligible: (eligible) => eligible,
  isClean: ({ term, seenAnother }) => term === 0 && !seenAnother,
  isHeard: ({ eligible, incarnation, currentIncarnation }) =>
    currentIncarnation === undefined ? eligible : currentIncarnation === incarnation,
  answerCounts: ({ eligible, incarnation, currentIncarnation }) =>
    eligible && (currentIncarnation === undefined || currentIncarnation === incarnation),
};
