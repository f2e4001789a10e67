/**
 * The decisions on which Raft's safety depends. This is a seam for mutation: tests replace one rule at a time and show that the
 * simulator notices. Each rule is a function of plain values, with the section that proves it. `mod.ts` does not export this file,
 * so programs cannot name what they would have to replace.
 */

import type { NodeId } from "../types.ts";
import { majority } from "./quorum.ts";
import type { LeaseBounds } from "./types.ts";

/** The end of a log. */
export interface LogEnd {
  readonly lastIndex: number;
  readonly lastTerm: number;
}

/** The sender of a reply, and the incarnation of it that the log names. */
export interface ReplySender {
  readonly eligible: boolean;
  readonly incarnation: string;
  /** Undefined if the log does not name one. */
  readonly currentIncarnation: string | undefined;
}

/** One decision per method. */
export interface SafetyRules {
  /** Returns the number of voters that decide: any two such sets share a member. */
  quorum(voters: number): number;
  /** §3.6.1: a candidate's log must be at least as up to date as that of its voter. */
  upToDate(candidate: LogEnd, own: LogEnd): boolean;
  /** §3.4: one vote per term. */
  mayVote(vote: NodeId | undefined, candidate: NodeId): boolean;
  /** §4.2.3, §6.4.1: a server that heard from a leader within the election timeout ignores vote requests. */
  hasRecentLeader(sinceContactMs: number, electionTimeoutMs: number): boolean;
  /** Returns the time of contact that a restarted node must assume: just now, unless it has never known a leader. */
  contactBeforeStart(now: number, term: number): number;
  /** §3.6.2: by counting replies, a leader commits entries of its own term only. */
  mayCommit(entryTerm: number, currentTerm: number): boolean;
  /** §3.5: an append continues a log if the entry before it has the leader's term. */
  matchesPreviousEntry(ownTerm: number | undefined, prevTerm: number): boolean;
  /** §3.5: an entry is overwritten only by one of another term at its index. */
  conflicts(ownTerm: number, newTerm: number): boolean;
  /** §3.5: a follower commits no further than it is known to agree with the leader. */
  followerCommit(leaderCommit: number, agreedIndex: number): number;
  /** §4.1 as corrected in 2015: the leader has committed in its own term, and no other change is in progress. */
  mayChangeMembership(committedInTerm: boolean, isChanging: boolean): boolean;
  /** §4.1: returns the greatest index of a configuration that may be in force: the newest one in the log is, committed or not. */
  configurationInForce(newest: number, commit: number): number;
  /** §6.4: a leader knows the commit index only after it has committed in its own term. */
  mayRead(committedInTerm: boolean): boolean;
  /** §6.4: a read waits until a majority has answered a round that began after it. */
  isConfirmed(confirmedRound: number, neededRound: number): boolean;
  /**
   * §6.4.1: returns the time, on its own clock, for which a leader may rely on a majority's replies. The voters promise T on their
   * clocks, which is at least (T - jump) / (1 + drift) in real time. The leader's D is at most D / (1 - drift).
   */
  leaseMs(electionTimeoutMs: number, bounds: LeaseBounds): number;
  /** §6.4.1 with §3.10: a leader that asked another node to start an election has no valid lease for the rest of its term. */
  leaseValidAfterTransfer(): boolean;
  /** §5.1: the entries after a snapshot stay only if the log agrees with the snapshot. */
  keepsSuffix(ownTermAtSnapshot: number | undefined, snapshotTerm: number): boolean;
  /** A diskless node that has not rejoined must not vote: see `diskless_rejoin.ts`. */
  mayVoteIfEligible(eligible: boolean): boolean;
  /** True if this node knows of nothing that a previous incarnation of the sender can have done: see `diskless_rejoin.ts`. */
  isClean(term: number, seenAnother: boolean): boolean;
  /** A reply is handled if the log names its incarnation, or if the log names none and its sender may vote. */
  isHeard(sender: ReplySender): boolean;
  /** A reply counts only if its sender may vote and the log names no other incarnation: see `diskless_rejoin.ts`. */
  replyCounts(sender: ReplySender): boolean;
}

/** The rules as they are proven. */
export const SAFETY_RULES: SafetyRules = {
  quorum: majority,
  upToDate: (candidate, own) =>
    candidate.lastTerm > own.lastTerm || // plant: lagging-candidate
    (candidate.lastTerm === own.lastTerm && candidate.lastIndex >= own.lastIndex),
  mayVote: (vote, candidate) => vote === undefined || vote === candidate, // plant: votes-twice
  hasRecentLeader: (sinceContactMs, electionTimeoutMs) => sinceContactMs < electionTimeoutMs,
  contactBeforeStart: (now, term) => term === 0 ? -Infinity : now,
  mayCommit: (entryTerm, currentTerm) => entryTerm === currentTerm,
  matchesPreviousEntry: (ownTerm, prevTerm) => ownTerm === prevTerm,
  conflicts: (ownTerm, newTerm) => ownTerm !== newTerm,
  followerCommit: Math.min,
  mayChangeMembership: (committedInTerm, isChanging) => committedInTerm && !isChanging,
  configurationInForce: (newest) => newest,
  mayRead: (committedInTerm) => committedInTerm, // plant: reads-before-commit
  isConfirmed: (confirmedRound, neededRound) => confirmedRound >= neededRound,
  leaseMs: (electionTimeoutMs, { driftMax, jumpMsMax }) =>
    Math.max(0, (electionTimeoutMs - jumpMsMax) * (1 - driftMax) / (1 + driftMax)),
  leaseValidAfterTransfer: () => false,
  keepsSuffix: (ownTermAtSnapshot, snapshotTerm) => ownTermAtSnapshot === snapshotTerm,
  mayVoteIfEligible: (eligible) => eligible,
  isClean: (term, seenAnother) => term === 0 && !seenAnother,
  isHeard: ({ eligible, incarnation, currentIncarnation }) =>
    currentIncarnation === undefined ? eligible : currentIncarnation === incarnation,
  replyCounts: ({ eligible, incarnation, currentIncarnation }) =>
    eligible && (currentIncarnation === undefined || currentIncarnation === incarnation),
};
