/** Stores the state that a Raft node must not lose (§3.8): its incarnation, its term and vote, its log and its snapshot. */

import { isObject } from "../../protocol/schema.ts";
import { EntryStorage, MissingEntriesError, type StorageOps } from "../entry_storage.ts";
import type { Incarnations, Membership } from "../types.ts";
import type { ColdStart, HardState, PersistentState, Ready } from "./types.ts";

/** The version of the records. A store of another version is refused. */
const FORMAT = 2;

const INCARNATION = "raft.incarnation";
const HARD_STATE = "raft.hard_state";
const ENTRIES = { log: "raft.log", snapshot: "raft.snapshot" } as const;
/** The key of the hard state in format 1. */
const HARD_STATE_FORMAT_1 = "raft.vote";

/** The error of a store that another version has written. */
export class StorageFormatError extends Error {
  constructor(format: number) {
    super(
      `the store has format ${format}, but this version reads format ${FORMAT}. ` +
        "Run the version that wrote it, or delete the node's data directory.",
    );
    this.name = "StorageFormatError";
  }
}

/** A Raft node's records in its store. */
export class RaftStorage {
  readonly #store: StorageOps;
  readonly #entries: EntryStorage;

  /** Throws {@linkcode StorageFormatError} if another version has written the store. */
  constructor(store: StorageOps) {
    if (store.get(HARD_STATE_FORMAT_1) !== undefined) throw new StorageFormatError(1);
    this.#store = store;
    this.#entries = new EntryStorage(store, ENTRIES);
  }

  /**
   * Returns the incarnation that was drawn when the store was new. Throws {@linkcode MissingEntriesError} if the store was used, but
   * lacks the incarnation or the hard state.
   */
  incarnation(newIncarnation: () => string): string {
    const record = this.#store.get(INCARNATION);
    const hasHardState = this.#store.get(HARD_STATE) !== undefined;
    if (record === undefined) {
      if (hasHardState || !this.#entries.isEmpty) {
        throw new MissingEntriesError(`key ${INCARNATION}`, "it is missing, but other records are there");
      }
      const incarnation = newIncarnation();
      this.#putHardState({ term: 0, vote: undefined, eligible: false });
      this.#store.put(INCARNATION, incarnation);
      return incarnation;
    }
    if (!hasHardState) {
      throw new MissingEntriesError(`key ${HARD_STATE}`, "it is missing, but the node was started before");
    }
    return record;
  }

  /**
   * Reads everything. `membership` is the first one, if the store holds none. Throws {@linkcode MissingEntriesError}, and the store's
   * error if a record is damaged.
   */
  load(membership: Membership): PersistentState {
    const stored = this.#loadHardState();
    const { snapshot, entries } = this.#entries.load();
    const lastTerm = entries.at(-1)?.term ?? snapshot?.term ?? 0;
    // A turn that was cut short may have stored entries of a term, but not the term. It has sent nothing.
    const hardState = lastTerm > stored.term ? { ...stored, term: lastTerm, vote: undefined } : stored;
    return { hardState, snapshot, entries, membership };
  }

  /** Stores what a turn has changed, in an order in which every prefix of it is a consistent state. */
  save(ready: Ready): void {
    if (ready.hardState !== undefined) this.#putHardState(ready.hardState);
    this.#entries.save(ready);
  }

  #putHardState(hardState: HardState): void {
    this.#store.put(HARD_STATE, JSON.stringify({ format: FORMAT, ...hardState }));
  }

  #loadHardState(): HardState {
    const record = this.#store.get(HARD_STATE);
    if (record === undefined) return { term: 0, vote: undefined, eligible: false };
    const value: unknown = JSON.parse(record);
    if (isObject(value) && typeof value["format"] === "number" && value["format"] !== FORMAT) {
      throw new StorageFormatError(value["format"]);
    }
    const hardState = parseHardState(value);
    if (hardState === undefined) throw new MissingEntriesError(`key ${HARD_STATE}`, "it is not a hard state");
    return hardState;
  }
}

function parseHardState(value: unknown): HardState | undefined {
  if (!isObject(value)) return undefined;
  const { term, vote, eligible, coldStart } = value;
  if (typeof term !== "number" || typeof eligible !== "boolean") return undefined;
  if (vote !== undefined && typeof vote !== "string") return undefined;
  if (coldStart !== undefined && !isColdStart(coldStart)) return undefined;
  return { term, vote, eligible, coldStart };
}

function isColdStart(value: unknown): value is ColdStart {
  if (!isObject(value)) return false;
  const { round, replies, previousReplies, members } = value;
  return typeof round === "number" && isIncarnations(replies) &&
    (previousReplies === undefined || isIncarnations(previousReplies)) &&
    (members === undefined || isIncarnations(members));
}

function isIncarnations(value: unknown): value is Incarnations {
  return isObject(value) && Object.values(value).every((each) => typeof each === "string");
}
