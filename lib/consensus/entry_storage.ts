/**
 * Stores an engine's log and snapshot. The node's store detects damaged records; this file detects missing ones. In both cases the
 * node must not take part in consensus, because an entry that it acknowledged may be missing.
 *
 * Tested by `tests/consensus/sessions_test.ts`.
 */

import { invariant } from "../protocol/errors.ts";
import { parseExactJson, stringifyExactJson } from "../protocol/exact_json.ts";
import { isObject, json } from "../protocol/schema.ts";
import type { Storage } from "../runtime/host.ts";
import type { Entry, Membership, Payload, Snapshot } from "./types.ts";

/** The operations of a node's store that are used here. */
export type StorageOps = Omit<Storage, "remove" | "sync">;

/** The error of a store that lacks entries or other records. */
export class MissingEntriesError extends Error {
  /** The log or key where they are missing. */
  readonly place: string;

  constructor(place: string, problem: string) {
    super(`the stored log is incomplete at ${place}: ${problem}`);
    this.name = "MissingEntriesError";
    this.place = place;
  }
}

/** The part of a batch that changes the stored log and snapshot. */
export interface EntryChanges {
  /** Replaces every entry up to its index, and what follows it unless that continues it. */
  readonly snapshot?: Snapshot | undefined;
  /** The index from which stored entries are deleted before `entries` are appended. */
  readonly truncateFrom?: number | undefined;
  readonly entries: readonly Entry[];
  /** Entries below this index are not needed any more. */
  readonly discardBefore?: number | undefined;
}

/** The names of the records of one engine. */
export interface EntryRecordNames {
  readonly log: string;
  readonly snapshot: string;
}

/** A log and a snapshot in a node's store. */
export class EntryStorage {
  readonly #store: StorageOps;
  readonly #names: EntryRecordNames;
  // The stored entries are #first…#last (none if #first > #last), and entry i is record i - #shift.
  #first = 1;
  #last = 0;
  #shift = 0;

  constructor(store: StorageOps, names: EntryRecordNames) {
    this.#store = store;
    this.#names = names;
  }

  /** True if the store holds neither an entry nor a snapshot. */
  get isEmpty(): boolean {
    if (this.#store.get(this.#names.snapshot) !== undefined) return false;
    for (const _ of this.#store.read(this.#names.log)) return false;
    return true;
  }

  /** Reads the snapshot and the entries after it. Throws {@linkcode MissingEntriesError}. */
  load(): { readonly snapshot: Snapshot | undefined; readonly entries: Entry[] } {
    const snapshot = this.#loadSnapshot();
    return { snapshot, entries: this.#entriesAfter(snapshot, this.#loadLog()) };
  }

  #loadSnapshot(): Snapshot | undefined {
    const record = this.#store.get(this.#names.snapshot);
    if (record === undefined) return undefined;
    const value: unknown = JSON.parse(record);
    if (!isSnapshot(value)) {
      throw new MissingEntriesError(`key ${this.#names.snapshot}`, "it is not a snapshot");
    }
    return value;
  }

  #loadLog(): Entry[] {
    const { log } = this.#names;
    const entries: Entry[] = [];
    for (const { index: number, value } of this.#store.read(log)) {
      const entry = parseEntry(parseExactJson(value));
      if (entry === undefined) {
        throw new MissingEntriesError(`log ${log}, index ${number}`, "it is not an entry");
      }
      const { index } = entry;
      if (entries.length === 0) {
        this.#shift = index - number;
        this.#first = index;
      } else if (index !== this.#last + 1 || index !== number + this.#shift) {
        throw new MissingEntriesError(
          `log ${log}, index ${number}`,
          `entry ${index} does not follow ${this.#last}`,
        );
      }
      this.#last = index;
      entries.push(entry);
    }
    return entries;
  }

  #entriesAfter(snapshot: Snapshot | undefined, entries: Entry[]): Entry[] {
    if (entries.length === 0) return entries;
    const base = snapshot?.index ?? 0;
    const atBase = entries[base - this.#first];
    const conflicts = snapshot !== undefined && atBase !== undefined && atBase.term !== snapshot.term;
    if (snapshot !== undefined && (this.#last <= base || conflicts)) {
      this.#deleteAll(); // the snapshot was stored, but the entries that it replaces were not deleted yet
      return [];
    }
    if (this.#first > base + 1) {
      const { log } = this.#names;
      throw new MissingEntriesError(`log ${log}`, `it begins with entry ${this.#first}, not ${base + 1}`);
    }
    return entries.filter(({ index }) => index > base);
  }

  /** Stores changes, in an order in which every prefix of them is a consistent state. */
  save({ snapshot, truncateFrom, entries, discardBefore }: EntryChanges): void {
    if (snapshot !== undefined) this.#store.put(this.#names.snapshot, JSON.stringify(snapshot));
    if (truncateFrom !== undefined && truncateFrom <= this.#last) this.#truncate(truncateFrom);
    for (const entry of entries) this.#append(entry);
    if (discardBefore !== undefined && discardBefore > this.#first) this.#discard(discardBefore);
  }

  #append({ index, term, payload }: Entry): void {
    const number = this.#store.append(this.#names.log, stringifyExactJson([index, term, payload]));
    if (this.#first > this.#last) {
      this.#first = index;
      this.#shift = index - number;
    }
    invariant(number + this.#shift === index, () => `entry ${index} was stored as ${number + this.#shift}`);
    this.#last = index;
  }

  #truncate(from: number): void {
    if (from <= this.#first) return this.#deleteAll();
    this.#store.truncate(this.#names.log, from - this.#shift);
    this.#last = from - 1;
  }

  #discard(discardBefore: number): void {
    const before = Math.min(discardBefore, this.#last + 1);
    if (this.#first <= this.#last) this.#store.discard(this.#names.log, before - this.#shift);
    this.#first = before;
  }

  #deleteAll(): void {
    if (this.#first <= this.#last) this.#store.truncate(this.#names.log, this.#first - this.#shift);
    this.#last = this.#first - 1;
  }
}

function parseEntry(value: unknown): Entry | undefined {
  if (!Array.isArray(value)) return undefined;
  const [index, term, payload] = value;
  return typeof index === "number" && typeof term === "number" && isPayload(payload)
    ? { index, term, payload }
    : undefined;
}

function isPayload(value: unknown): value is Payload {
  if (!isObject(value)) return false;
  switch (value["kind"]) {
    case "noop":
      return true;
    case "command":
      return json.is(value["command"]);
    case "membership":
      return isMembership(value["membership"]);
    case "rejoin":
      return typeof value["node"] === "string" && typeof value["incarnation"] === "string";
    default:
      return false;
  }
}

function isMembership(value: unknown): value is Membership {
  return isObject(value) && Array.isArray(value["voters"]) && Array.isArray(value["learners"]);
}

function isSnapshot(value: unknown): value is Snapshot {
  return isObject(value) && typeof value["index"] === "number" && typeof value["term"] === "number" &&
    isMembership(value["membership"]) && isObject(value["incarnations"]) && typeof value["data"] === "string";
}
