/**
 * An index of transactions by the keys that they use. Two transactions conflict if they use the same key, and one of them writes it.
 *
 * Tested by `tests/consensus/accord/conflicts_test.ts`.
 */

import type { InstanceId, KeyUse } from "../leaderless/types.ts";
import type { KeyTimes, Timestamp } from "./types.ts";

/** The state of a key. It is never deleted, as its timestamps must never go back. */
interface Key {
  /** The transactions that are not deleted, and whether they write the key. */
  readonly users: Map<InstanceId, boolean>;
  known: KeyTimes;
  executed: KeyTimes;
  /** The timestamps of all proposals that arrived, also of those that are held back, and of those by other nodes. */
  proposed: KeyTimes;
  proposedByOthers: KeyTimes;
}

const NEVER: KeyTimes = { used: 0, written: 0 };

/** Finds conflicting transactions, and the latest timestamps of conflicting ones. */
export class ConflictIndex {
  readonly #keys = new Map<string, Key>();

  /** Enters a transaction under its keys, with a timestamp at which it may execute. */
  add(id: InstanceId, uses: readonly KeyUse[], at: Timestamp): void {
    for (const { key, writes } of uses) {
      const state = this.#key(key);
      state.users.set(id, writes || state.users.get(id) === true);
      state.known = later(state.known, writes, at);
    }
  }

  /** Records the execution of a transaction. */
  executed(uses: readonly KeyUse[], at: Timestamp): void {
    for (const { key, writes } of uses) {
      const state = this.#key(key);
      state.executed = later(state.executed, writes, at);
    }
  }

  /** Records a proposal, by this node or by another one. */
  proposed(uses: readonly KeyUse[], at: Timestamp, { byOther }: { readonly byOther: boolean }): void {
    for (const { key, writes } of uses) {
      const state = this.#key(key);
      state.proposed = later(state.proposed, writes, at);
      if (byOther) state.proposedByOthers = later(state.proposedByOthers, writes, at);
    }
  }

  /** Removes a transaction. Its timestamps stay. */
  delete(id: InstanceId, uses: readonly KeyUse[]): void {
    for (const { key } of uses) this.#keys.get(key)?.users.delete(id);
  }

  /** Returns the conflicting transactions. */
  conflictsOf(id: InstanceId, uses: readonly KeyUse[]): Set<InstanceId> {
    const conflicts = new Set<InstanceId>();
    for (const { key, writes } of uses) {
      for (const [other, otherWrites] of this.#keys.get(key)?.users ?? []) {
        if (other !== id && (writes || otherWrites)) conflicts.add(other);
      }
    }
    return conflicts;
  }

  /** Returns the latest timestamp of a conflicting transaction. */
  lastKnown(uses: readonly KeyUse[]): Timestamp {
    return this.#latest(uses, (key) => key.known);
  }

  /** Returns the latest timestamp of a conflicting proposal. */
  lastProposed(uses: readonly KeyUse[]): Timestamp {
    return this.#latest(uses, (key) => key.proposed);
  }

  /** Returns the latest timestamp of a conflicting proposal by another node. */
  lastProposedByOthers(uses: readonly KeyUse[]): Timestamp {
    return this.#latest(uses, (key) => key.proposedByOthers);
  }

  /** Returns the latest timestamp of a conflicting transaction that was executed. */
  lastExecuted(uses: readonly KeyUse[]): Timestamp {
    return this.#latest(uses, (key) => key.executed);
  }

  #latest(uses: readonly KeyUse[], timesOf: (key: Key) => KeyTimes): Timestamp {
    let latest = 0;
    for (const { key, writes } of uses) {
      const state = this.#keys.get(key);
      if (state === undefined) continue;
      const { used, written } = timesOf(state);
      latest = Math.max(latest, writes ? used : written);
    }
    return latest;
  }

  /** Returns the timestamps of all keys. */
  snapshot(): (readonly [key: string, known: KeyTimes, executed: KeyTimes])[] {
    return [...this.#keys].map(([key, { known, executed }]) => [key, known, executed]);
  }

  /** Restores the timestamps of keys. */
  restore(keys: Iterable<readonly [key: string, known: KeyTimes, executed: KeyTimes]>): void {
    for (const [key, known, executed] of keys) Object.assign(this.#key(key), { known, executed });
  }

  #key(key: string): Key {
    let state = this.#keys.get(key);
    if (state === undefined) {
      state = { users: new Map(), known: NEVER, executed: NEVER, proposed: NEVER, proposedByOthers: NEVER };
      this.#keys.set(key, state);
    }
    return state;
  }
}

function later({ used, written }: KeyTimes, writes: boolean, at: Timestamp): KeyTimes {
  return { used: Math.max(used, at), written: writes ? Math.max(written, at) : written };
}
