/**
 * Keeps on disk what a node must not forget (§3.8): its incarnation, term and vote, the log, the snapshot. The store finds
 * what is not as it was written; this file finds what does not fit together. In both cases the node must not take part,
 * because a vote or an entry that it promised may be missing.
 */

import type { Storage } from "../../runtime/host.ts";
import { invariant } from "../../protocol/errors.ts";
import type {
  ColdStart,
  Entry,
  HardState,
  Membership,
  Payload,
  PersistentState,
  Ready,
  Snapshot,
} from "./types.ts";

/** What is needed of a node's store. */
export type StorageOps = Omit<Storage, "remove" | "sync">;

/** The stored log lacks entries. */
export class MissingEntriesError extends Error {
  /** Where they are missing. */
  readonly place: string;

  constructor(place: string, problem: string) {
    super(`the stored log is broken at ${place}: ${problem}`);
    this.name = "MissingEntriesError";
    this.place = place;
  }
}

type StoredHardState = readonly [
  term: number,
  vote: string | null,
  eligible: boolean,
  coldStart: ColdStart | null,
];

const INCARNATION = "raft.incarnation";
const HARD_STATE = "raft.vote";
const SNAPSHOT = "raft.snapshot";
const LOG = "raft.log";

/** A node's records in a store. */
export class RaftStorage {
  readonly #store: StorageOps;
  // The stored entries are #first…#last (none if #first > #last), and entry i is record i - #shift.
  #first = 1;
  #last = 0;
  #shift = 0;

  constructor(store: StorageOps) {
    this.#store = store;
  }

  /**
   * Returns the incarnation that was drawn when the store was new. Throws {@linkcode MissingEntriesError} if the store was used and
   * lacks it or the vote.
   */
  incarnation(newIncarnation: () => string): string {
    const store = this.#store;
    const record = store.get(INCARNATION);
    const isVoteThere = store.get(HARD_STATE) !== undefined;
    if (record === undefined) {
      const isUsed = isVoteThere || store.get(SNAPSHOT) !== undefined || !isEmpty(store.read(LOG));
      if (isUsed) {
        throw new MissingEntriesError(`key ${INCARNATION}`, "it is missing, although others are there");
      }
      const incarnation = newIncarnation();
      store.put(HARD_STATE, JSON.stringify([0, null, false, null] satisfies StoredHardState));
      store.put(INCARNATION, incarnation);
      return incarnation;
    }
    if (!isVoteThere) {
      throw new MissingEntriesError(
        `key ${HARD_STATE}`,
        "it is missing, although the node was started before",
      );
    }
    return record;
  }

  /**
   * Reads everything back; `membership` is what holds where nothing says otherwise. Throws {@linkcode MissingEntriesError}, and what
   * the store throws when a record is damaged.
   */
  load(membership: Membership): PersistentState {
    const hardState = this.#loadHardState();
    const snapshot = this.#loadSnapshot();
    const entries = this.#loadLog(snapshot);
    const lastTerm = entries.at(-1)?.term ?? snapshot?.term ?? 0;
    // A turn that was cut short may have left entries of a term that it did not store; no message of it has left.
    const term = Math.max(hardState.term, lastTerm);
    const restored = { ...hardState, term, vote: term === hardState.term ? hardState.vote : undefined };
    return { hardState: restored, snapshot, entries, membership };
  }

  #loadHardState(): HardState {
    const record = this.#store.get(HARD_STATE);
    if (record === undefined) return { term: 0, vote: undefined, eligible: false };
    const [term, vote, eligible, coldStart] = JSON.parse(record) as StoredHardState;
    return { term, vote: vote ?? undefined, eligible, coldStart: coldStart ?? undefined };
  }

  #loadSnapshot(): Snapshot | undefined {
    const record = this.#store.get(SNAPSHOT);
    return record === undefined ? undefined : JSON.parse(record) as Snapshot;
  }

  #loadLog(snapshot: Snapshot | undefined): Entry[] {
    const all: Entry[] = [];
    for (const { index: number, value } of this.#store.read(LOG)) {
      const [index, term, payload] = JSON.parse(value) as [number, number, Payload];
      if (all.length === 0) {
        this.#shift = index - number;
        this.#first = index;
      } else if (index !== this.#last + 1 || index !== number + this.#shift) {
        throw new MissingEntriesError(
          `log ${LOG}, index ${number}`,
          `entry ${index} does not follow ${this.#last}`,
        );
      }
      this.#last = index;
      all.push({ index, term, payload });
    }
    if (all.length === 0) return all;
    const base = snapshot?.index ?? 0;
    const atBase = all[base - this.#first];
    if (
      snapshot !== undefined &&
      (this.#last <= base || (atBase !== undefined && atBase.term !== snapshot.term))
    ) {
      this.#forgetAll(); // a snapshot was stored, and what it replaces was still there
      return [];
    }
    if (this.#first > base + 1) {
      throw new MissingEntriesError(`log ${LOG}`, `it begins with entry ${this.#first}, not ${base + 1}`);
    }
    return all.filter(({ index }) => index > base);
  }

  /** Stores what a turn wants stored, in an order in which any part of it, from the beginning, makes sense. */
  save({ hardState, snapshot, truncateFrom, entries, discardBefore }: Ready): void {
    if (hardState !== undefined) {
      const { term, vote, eligible, coldStart } = hardState;
      const record: StoredHardState = [term, vote ?? null, eligible, coldStart ?? null];
      this.#store.put(HARD_STATE, JSON.stringify(record));
    }
    if (snapshot !== undefined) this.#store.put(SNAPSHOT, JSON.stringify(snapshot));
    if (truncateFrom !== undefined && truncateFrom <= this.#last) {
      if (truncateFrom <= this.#first) this.#forgetAll();
      else {
        this.#store.truncate(LOG, truncateFrom - this.#shift);
        this.#last = truncateFrom - 1;
      }
    }
    for (const { index, term, payload } of entries) {
      const number = this.#store.append(LOG, JSON.stringify([index, term, payload]));
      if (this.#first > this.#last) {
        this.#first = index;
        this.#shift = index - number;
      }
      invariant(number + this.#shift === index, `entry ${index} was stored as ${number + this.#shift}`);
      this.#last = index;
    }
    if (discardBefore !== undefined && discardBefore > this.#first) {
      const before = Math.min(discardBefore, this.#last + 1);
      if (this.#first <= this.#last) this.#store.discard(LOG, before - this.#shift);
      this.#first = before;
    }
  }

  #forgetAll(): void {
    if (this.#first <= this.#last) this.#store.truncate(LOG, this.#first - this.#shift);
    this.#last = this.#first - 1;
  }
}

function isEmpty(values: Iterable<unknown>): boolean {
  for (const _ of values) return false;
  return true;
}
