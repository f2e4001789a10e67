/**
 * The decisions on which safety depends. The README has their reasons. Tested by `tests/consensus/accord/planted_bugs_test.ts`.
 */

import { isUpTo } from "../leaderless/instance_ids.ts";
import type { InstanceId } from "../leaderless/types.ts";
import type { Dependencies, Phase, Timestamp, TransactionRecord } from "./types.ts";

/** The sizes of quorums. */
export interface Quorums {
  readonly nodes: number;
  /** Votes for the initial timestamp with which the coordinator may decide at once. */
  readonly fast: number;
  /** A majority. */
  readonly slow: number;
}

/** A conflicting transaction at a node. */
export interface Other {
  readonly phase: Phase;
  readonly initialAt: Timestamp;
  readonly executeAt: Timestamp;
  readonly deps: Dependencies;
}

/** The rules. */
export const SAFETY_RULES = {
  /**
   * Two fast quorums and a majority share a node. So of two conflicting transactions, at most one looks to a recovery as if it had been
   * decided at its initial timestamp without the other.
   */
  quorums(nodes: number): Quorums {
    const slow = Math.floor(nodes / 2) + 1;
    return { nodes, slow, fast: Math.floor((2 * nodes - slow) / 2) + 1 };
  },
  /** A node takes part in no ballot below one that it promised. */
  mayAccept(promised: number, ballot: number): boolean {
    return promised <= ballot;
  },
  /** A node votes for the initial timestamp only if it knows no conflicting transaction at a later one. */
  mayVoteForInitial(initialAt: Timestamp, latestConflict: Timestamp): boolean {
    return initialAt > latestConflict;
  },
  /** With fewer votes for the initial timestamp among the replies to a recovery, there was no fast quorum. */
  mayHaveTakenFastPath(votes: number, replies: number, { nodes, fast }: Quorums): boolean {
    return votes >= Math.max(1, replies - (nodes - fast));
  },
  /**
   * The dependencies that a majority returned are known to the coordinator alone, and a recovery can find others. So a majority stores them
   * before they take effect.
   */
  mustStabilize(): boolean {
    return true;
  },
  /** The accepted record of the higher ballot counts. Within a ballot, the stable one counts: its dependencies are final. */
  supersedes(a: TransactionRecord, b: TransactionRecord): boolean {
    if (a.acceptedBallot !== b.acceptedBallot) return a.acceptedBallot > b.acceptedBallot;
    return a.phase === "stable" && b.phase !== "stable";
  },
  /**
   * Returns the meaning of a conflicting transaction for one that may have been decided at its initial timestamp. One that executes later
   * without depending on it refutes that, if its dependencies are final, or if it started later. Otherwise its decision must be awaited.
   */
  testimonyOf(
    other: Other,
    { id, initialAt }: { readonly id: InstanceId; readonly initialAt: Timestamp },
  ): "none" | "refutes" | "awaited" {
    const isDecided = other.phase === "committed" || other.phase === "stable";
    if (!isDecided && other.phase !== "accepted") return "none";
    if (other.executeAt < initialAt || covers(other.deps, id)) return "none";
    return isDecided || other.initialAt > initialAt ? "refutes" : "awaited";
  },
  /** A transaction that was executed at a later timestamp, while this one is not even committed, does not depend on it. */
  isRefutedByExecution(initialAt: Timestamp, lastExecuted: Timestamp): boolean {
    return lastExecuted > initialAt;
  },
  /** A transaction waits for each dependency until it is decided, and until it is executed if it comes first. */
  mustWaitFor(
    executeAt: Timestamp,
    dependency: { readonly phase: Phase; readonly executeAt: Timestamp },
  ): boolean {
    return dependency.phase !== "committed" || dependency.executeAt < executeAt;
  },
} as const;

/** The rules, or planted mistakes in their place. */
export type AccordRules = typeof SAFETY_RULES;

/** Returns true if a transaction is among dependencies. */
function covers({ ids, floor }: Dependencies, id: InstanceId): boolean {
  return ids.includes(id) || isUpTo(floor, id);
}
