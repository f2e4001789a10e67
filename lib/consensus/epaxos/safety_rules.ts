/**
 * The decisions on which safety depends, each with its reason. Tested by `tests/consensus/epaxos/planted_bugs_test.ts`.
 *
 * n nodes, of which f may fail, and e ≤ f may fail without slowing a command down: n ≥ max(2e + f − 1, 2f + 1), which is optimal
 * (Ryabinin, Gotsman, Sutra, 2025).
 */

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

/** The rules. */
export const SAFETY_RULES = {
  /** A fast quorum shares enough nodes with every recovery. */
  quorums(n: number): Quorums {
    const f = Math.floor((n - 1) / 2);
    const e = Math.min(f, Math.ceil((f + 1) / 2));
    return { fast: n - e, slow: n - f, e };
  },
  /** A node takes part in no ballot below one that it promised. */
  mayAccept(promised: number, ballot: number): boolean {
    return promised <= ballot;
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
} as const;

/** The rules, or planted mistakes in their place. */
export type EpaxosRules = typeof SAFETY_RULES;
