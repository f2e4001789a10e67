/**
 * The decisions on which safety depends, each with its reason. Tested by `tests/consensus/epaxos/planted_bugs_test.ts`.
 *
 * n nodes, of which f may fail, and e ≤ f may fail without slowing a command down: n ≥ max(2e + f − 1, 2f + 1), which is optimal
 * (Ryabinin, Gotsman, Sutra, 2025).
 */

import { confirmationsNeeded } from "../leaderless/admission.ts";
import { areEqual, compareIds, isUpTo } from "../leaderless/instance_ids.ts";
import type { Commands, InstanceId } from "../leaderless/types.ts";
import type { Decision, Deps, InstanceRecord } from "./types.ts";

/** The sizes of quorums. */
export interface Quorums {
  /** n − e: replies with which the coordinator may decide at once. */
  readonly fast: number;
  /** n − f. */
  readonly slow: number;
  readonly e: number;
}

/** The replies to a recovery of an instance that no node has accepted. */
export interface RecoveryView {
  /** The number of replies, n − f. */
  readonly replies: number;
  /** The number of them that preaccepted exactly the initial dependencies. */
  readonly unchanged: number;
  /** True if the initial coordinator is among them. */
  readonly hasCoordinator: boolean;
}

/** A position of a node among all. */
export interface Place {
  readonly index: number;
  readonly nodes: number;
}

/** The rules. */
export const SAFETY_RULES = {
  /** A fast quorum shares enough nodes with every recovery. */
  quorums(n: number): Quorums {
    const f = Math.floor((n - 1) / 2);
    const e = Math.min(f, Math.ceil((f + 1) / 2));
    return { fast: n - e, slow: n - f, e };
  },
  /** Two incarnations of a node cannot both be confirmed. */
  confirmations(nodes: number): number {
    return confirmationsNeeded(nodes);
  },
  /** A node takes part in no ballot below one that it promised. */
  mayAccept(promised: number, ballot: number): boolean {
    return promised <= ballot;
  },
  /** A node confirms no proposal after a promise, because a recovery may have counted on its silence. */
  mayPreaccept(promised: number): boolean {
    return promised === 0;
  },
  /** A reply confirms the initial dependencies, of which a recovery knows; others it could not tell apart. */
  confirms(deps: Deps, initialDeps: Deps): boolean {
    return areEqual(deps, initialDeps);
  },
  /** A ballot belongs to one node, and is above every ballot that this node has promised. */
  ballotAbove(promised: number, { index, nodes }: Place): number {
    return (Math.floor(promised / nodes) + 1) * nodes + index;
  },
  /**
   * A promise leaves the ballot of the accepted decision as it was. With one ballot for both, an older decision appears to be newer after a
   * promise (Sutra, "On the correctness of Egalitarian Paxos", 2019).
   */
  acceptedBallotAfterPromise({ acceptedBallot }: Pick<InstanceRecord, "ballot" | "acceptedBallot">): number {
    return acceptedBallot;
  },
  /** The decision of the highest ballot in which one was accepted may have been made. */
  acceptedBefore(records: readonly InstanceRecord[]): Decision | undefined {
    const [newest] = records.filter(({ phase }) => phase === "accepted")
      .sort((a, b) => b.acceptedBallot - a.acceptedBallot);
    return newest && { id: newest.id, commands: newest.commands ?? null, deps: newest.deps };
  },
  /**
   * An instance that began with another one as a dependency keeps it in every decision. So the other one does not need it. What it
   * gained later could be lost again, and a recovery knows nothing of it.
   */
  isOrderedAfter(other: Pick<InstanceRecord, "initialDeps" | "deps">, id: InstanceId): boolean {
    return isUpTo(other.initialDeps, id);
  },
  /** A conflicting instance proves that there was no fast path if it is independent, or may prove it while it is not committed. */
  mayRefute(other: Omit<InstanceRecord, "id">, id: InstanceId): boolean {
    if (other.phase === "committed") return other.commands !== null && !isUpTo(other.deps, id);
    return other.initialCommands !== undefined && !isUpTo(other.initialDeps, id);
  },
  /**
   * The fast path was possible only if the coordinator is silent, since it takes none after its promise, and if all but e of the replies
   * kept the initial dependencies.
   */
  mayHaveTakenFastPath({ replies, unchanged, hasCoordinator }: RecoveryView, { e }: Quorums): boolean {
    return !hasCoordinator && unchanged >= Math.max(1, replies - e);
  },
  /**
   * With the fewest unchanged replies, every silent node would be in the fast quorum. If a conflicting instance has a silent coordinator, that
   * one preaccepted this instance before its own, which would then depend on it. So there was no fast path.
   */
  isRefutedBySilentCoordinator({ replies, unchanged }: RecoveryView, { e }: Quorums): boolean {
    return unchanged === replies - e;
  },
  /** A waiting recovery with more unchanged replies than the fewest: with its coordinator they share a node with every fast quorum. */
  isRefutedByWaiting(count: number, { slow, e }: Quorums): boolean {
    return count > slow - e;
  },
  /** An instance waits for dependencies that are not committed, since they may depend on it, or on others that come first. */
  waitsForOpen(): boolean {
    return true;
  },
  /** Instances that depend on each other are executed in one order at all nodes. */
  compare(a: InstanceId, b: InstanceId): number {
    return compareIds(a, b);
  },
  /** Requests are proposed again only if their instance is committed without them. */
  mayProposeAgain({ commands }: { readonly commands: Commands; readonly ballot: number }): boolean {
    return commands === null;
  },
} as const;

/** The rules, or planted mistakes in their place. */
export type EpaxosRules = typeof SAFETY_RULES;
