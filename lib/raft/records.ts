/**
 * What a node keeps on disk (§3.8): term and vote, the log, the snapshot. Each record begins with the CRC32C of the rest.
 * One that does not fit its checksum is named, and the node must not take part: a vote or an entry that it promised may
 * have stood there.
 */

import { crc32c } from "./crc32c.ts";
import { invariant } from "./invariant.ts";
import type { Entry, HardState, Membership, Payload, Ready, Restored, Snapshot } from "./types.ts";

/** A small durable store, as the runtime's; nothing is durable before `sync` returns. */
export interface RecordStore {
  get(key: string): string | undefined;
  put(key: string, value: string): void;
  /** Adds a record to a log and returns its number: one more than the last one's. */
  append(log: string, value: string): number;
  /** The records of a log, oldest first. */
  read(log: string): Iterable<{ readonly index: number; readonly value: string }>;
  /** Forgets the records from number `from` on. */
  truncate(log: string, from: number): void;
  /** Forgets the records before number `before`. */
  discard(log: string, before: number): void;
}

/** A stored record is not what was written. */
export class DamagedRecordError extends Error {
  /** Where it stands. */
  readonly place: string;

  constructor(place: string, problem: string) {
    super(`the stored record at ${place} is damaged: ${problem}; this node must not vote with it`);
    this.name = "DamagedRecordError";
    this.place = place;
  }
}

const CRC_DIGITS = 8;

/** A value as a record: eight hexadecimal digits of CRC32C, then JSON. */
export function encodeRecord(value: unknown): string {
  const text = JSON.stringify(value);
  return crc32c(text).toString(16).padStart(CRC_DIGITS, "0") + text;
}

/** A record's value. Throws {@linkcode DamagedRecordError}, naming `place`, if its checksum does not fit. */
export function decodeRecord(record: string, place: string): unknown {
  const text = record.slice(CRC_DIGITS);
  const written = record.slice(0, CRC_DIGITS);
  if (written !== crc32c(text).toString(16).padStart(CRC_DIGITS, "0")) {
    throw new DamagedRecordError(place, "its checksum does not match");
  }
  return JSON.parse(text);
}

const HARD_STATE = "raft.vote";
const SNAPSHOT = "raft.snapshot";
const LOG = "raft.log";

/** A node's records in a store. */
export class RaftRecords {
  readonly #store: RecordStore;
  // The stored entries are #first…#last (none if #first > #last), and entry i is record i - #shift.
  #first = 1;
  #last = 0;
  #shift = 0;

  constructor(store: RecordStore) {
    this.#store = store;
  }

  /** Reads everything back; `membership` is what holds where nothing says otherwise. Throws {@linkcode DamagedRecordError}. */
  load(membership: Membership): Restored {
    const hardState = this.#loadHardState();
    const snapshot = this.#loadSnapshot();
    const entries = this.#loadLog(snapshot);
    const lastTerm = entries.at(-1)?.term ?? snapshot?.term ?? 0;
    // A turn that was cut short may have left entries of a term that it did not store; no message of it has left.
    const term = Math.max(hardState.term, lastTerm);
    const restored = { term, vote: term === hardState.term ? hardState.vote : undefined };
    return { hardState: restored, snapshot, entries, membership };
  }

  #loadHardState(): HardState {
    const record = this.#store.get(HARD_STATE);
    if (record === undefined) return { term: 0, vote: undefined };
    const [term, vote] = decodeRecord(record, `key ${HARD_STATE}`) as [number, string | null];
    return { term, vote: vote ?? undefined };
  }

  #loadSnapshot(): Snapshot | undefined {
    const record = this.#store.get(SNAPSHOT);
    return record === undefined ? undefined : decodeRecord(record, `key ${SNAPSHOT}`) as Snapshot;
  }

  #loadLog(snapshot: Snapshot | undefined): Entry[] {
    const all: Entry[] = [];
    for (const { index: number, value } of this.#store.read(LOG)) {
      const place = `log ${LOG}, record ${number}`;
      const [index, term, payload] = decodeRecord(value, place) as [number, number, Payload];
      if (all.length === 0) {
        this.#shift = index - number;
        this.#first = index;
      } else if (index !== this.#last + 1 || index !== number + this.#shift) {
        throw new DamagedRecordError(place, `it holds entry ${index}, which does not follow ${this.#last}`);
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
      throw new DamagedRecordError(`log ${LOG}`, `entries ${base + 1} to ${this.#first - 1} are missing`);
    }
    return all.filter(({ index }) => index > base);
  }

  /** Stores what a turn wants stored, in an order in which any part of it, from the beginning, makes sense. */
  save({ hardState, snapshot, truncateFrom, entries, discardBefore }: Ready): void {
    if (hardState !== undefined) {
      this.#store.put(HARD_STATE, encodeRecord([hardState.term, hardState.vote ?? null]));
    }
    if (snapshot !== undefined) this.#store.put(SNAPSHOT, encodeRecord(snapshot));
    if (truncateFrom !== undefined && truncateFrom <= this.#last) {
      if (truncateFrom <= this.#first) this.#forgetAll();
      else {
        this.#store.truncate(LOG, truncateFrom - this.#shift);
        this.#last = truncateFrom - 1;
      }
    }
    for (const { index, term, payload } of entries) {
      const number = this.#store.append(LOG, encodeRecord([index, term, payload]));
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
