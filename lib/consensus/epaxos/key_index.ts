/**
 * The instances that use each key, from which dependencies follow. Tested by `tests/consensus/epaxos/key_index_test.ts`.
 *
 * Dependencies are prefixes: all conflicting instances of a coordinator up to a number. So they take one number per coordinator, however
 * many instances are open, and the newest conflicting instance of each coordinator states them.
 */

import type { NodeId } from "../types.ts";
import type { Instance, Uses } from "./core.ts";
import type { InstanceSet } from "../leaderless/instance_ids.ts";
import type { EpaxosRules } from "./safety_rules.ts";
import type { InstanceId } from "../leaderless/types.ts";
import type { Deps } from "./types.ts";

interface Use {
  readonly instance: Instance;
  readonly writes: boolean;
}

/** The number of keys from which those of deleted instances are forgotten. */
const KEYS_MIN = 10_000;

/** The uses of a key by the instances of a coordinator. */
interface KeyUses {
  /** In the order of numbers. */
  readonly retained: Use[];
  /** The numbers of the last deleted instance, and of the last one that writes. */
  deletedUse: number;
  deletedWrite: number;
}

/** The index. */
export class KeyIndex {
  readonly #byKey = new Map<string, Map<NodeId, KeyUses>>();
  readonly #rules: Pick<EpaxosRules, "isOrderedAfter">;
  #keysMax = KEYS_MIN;

  constructor(rules: Pick<EpaxosRules, "isOrderedAfter">) {
    this.#rules = rules;
  }

  /** Enters an instance under its keys. */
  add(instance: Instance): void {
    for (const [key, writes] of instance.uses) {
      let byCoordinator = this.#byKey.get(key);
      if (byCoordinator === undefined) this.#byKey.set(key, byCoordinator = new Map());
      let uses = byCoordinator.get(instance.coordinator);
      if (uses === undefined) {
        uses = { retained: [], deletedUse: 0, deletedWrite: 0 };
        byCoordinator.set(instance.coordinator, uses);
      }
      const { retained } = uses;
      let at = retained.length;
      while (at > 0 && (retained[at - 1]?.instance.number ?? 0) > instance.number) at--;
      retained.splice(at, 0, { instance, writes });
    }
  }

  /** Deletes an instance. Only the newest deleted ones are still dependencies. */
  delete({ number, coordinator, uses }: Instance): void {
    for (const [key, writes] of uses) {
      const known = this.#byKey.get(key)?.get(coordinator);
      if (known === undefined) continue;
      const at = known.retained.findIndex(({ instance }) => instance.number === number);
      if (at >= 0) known.retained.splice(at, 1);
      known.deletedUse = Math.max(known.deletedUse, number);
      if (writes) known.deletedWrite = Math.max(known.deletedWrite, number);
    }
  }

  /** True if enough keys are known to forget those of deleted instances. */
  get isLarge(): boolean {
    return this.#byKey.size > this.#keysMax;
  }

  /** Forgets the keys of deleted instances. From then on, these count as conflicting with any. */
  forgetDeleted(): void {
    for (const [key, byCoordinator] of this.#byKey) {
      if (byCoordinator.values().every(({ retained }) => retained.length === 0)) this.#byKey.delete(key);
    }
    this.#keysMax = Math.max(KEYS_MIN, 2 * this.#byKey.size);
  }

  /**
   * Extends the dependencies of an instance by the conflicting ones that are known. One whose coordinator began it with this instance as
   * a dependency is omitted, because it keeps the dependency in every decision, or becomes empty. The newest deleted ones are named, too: a node
   * that still has them would refute a fast path which this node had confirmed.
   */
  extend(deps: Record<NodeId, number>, { id, uses }: Instance): void {
    for (const [key, writes] of uses) {
      for (const [coordinator, { retained, deletedUse, deletedWrite }] of this.#byKey.get(key) ?? []) {
        const known = deps[coordinator] ?? 0;
        const newest = retained.findLast(({ instance, writes: otherWrites }) =>
          instance.number <= known || (
            (writes || otherWrites) && instance.id !== id && !this.#rules.isOrderedAfter(instance, id)
          )
        );
        const number = Math.max(newest?.instance.number ?? 0, writes ? deletedUse : deletedWrite);
        if (number > known) deps[coordinator] = number;
      }
    }
  }

  /**
   * Returns the time at which this node learned of the newest conflicting instance of other coordinators, if it is not executed; -Infinity if
   * there is none.
   */
  newestOfOthersAt(
    uses: Uses,
    { self, executed }: { readonly self: NodeId; readonly executed: InstanceSet },
  ): number {
    let newestAt = -Infinity;
    for (const [key, writes] of uses) {
      for (const [coordinator, { retained }] of this.#byKey.get(key) ?? []) {
        if (coordinator === self) continue;
        const newest = retained.findLast((other) => writes || other.writes)?.instance;
        if (newest === undefined || executed.has(newest.id)) continue;
        newestAt = Math.max(newestAt, newest.knownAt);
      }
    }
    return newestAt;
  }

  /**
   * Returns the dependencies of a committed instance that are not executed, without those that others of these reach: a committed write of
   * the key reaches all uses among its own dependencies. It counts only if these are below itself: otherwise two writes that depend on each
   * other would each leave the earlier uses to the other one.
   */
  unexecutedDeps({ id, uses, deps }: Instance, executed: InstanceSet): Set<InstanceId> {
    const ids = new Set<InstanceId>();
    for (const [key, writes] of uses) {
      for (const [coordinator, { retained }] of this.#byKey.get(key) ?? []) {
        const most = deps[coordinator] ?? 0;
        let reached = executed.numberOf(coordinator);
        for (let i = retained.length - 1; i >= 0; i--) {
          const use = retained[i];
          if (use === undefined || use.instance.number <= reached) break;
          const { instance } = use;
          const isCommitted = instance.phase === "committed" && instance.commands !== null;
          if (instance.number > most || instance.id === id || !isCommitted || !(writes || use.writes)) {
            continue;
          }
          if (!executed.has(instance.id)) ids.add(instance.id);
          const least = instance.deps[coordinator] ?? 0;
          if (use.writes && least < instance.number) reached = Math.max(reached, least);
        }
      }
    }
    return ids;
  }

  /** Returns the conflicting instances that are not in a set of prefixes. */
  conflictsBeyond(prefixes: Deps, { id, uses }: Instance): Set<Instance> {
    const conflicts = new Set<Instance>();
    for (const [key, writes] of uses) {
      for (const [coordinator, { retained }] of this.#byKey.get(key) ?? []) {
        const least = prefixes[coordinator] ?? 0;
        for (let i = retained.length - 1; i >= 0; i--) {
          const use = retained[i];
          if (use === undefined || use.instance.number <= least) break;
          if ((writes || use.writes) && use.instance.id !== id) conflicts.add(use.instance);
        }
      }
    }
    return conflicts;
  }
}
