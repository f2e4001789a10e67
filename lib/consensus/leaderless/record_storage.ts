/**
 * Stores the promises of a node: a log of records, and a snapshot that replaces older ones.
 *
 * Tested by `tests/consensus/accord/simulation_test.ts`.
 */

import { parseExactJson, stringifyExactJson } from "../../protocol/exact_json.ts";
import { boolean, json, natural, object, record, string } from "../../protocol/schema.ts";
import { MissingEntriesError, type StorageOps } from "../entry_storage.ts";
import type { StoredAdmission } from "./admission.ts";

/** A snapshot, and the index of the first record after it. */
const storedSnapshot = object({ next: natural, snapshot: json });

const storedAdmission = object({ isAdmitted: boolean, incarnations: record(string) });

/** The records that a node finds in its store. */
export interface StoredRecords<R, S> {
  readonly snapshot: S | undefined;
  /** The records after the snapshot, oldest first. */
  readonly records: readonly R[];
  /** Undefined if the store is new. */
  readonly admission: StoredAdmission | undefined;
}

/** The records of a turn, to be stored before its messages are sent. */
export interface RecordBatch<R, S> {
  readonly records: readonly R[];
  /** Replaces all records before this batch and in it. */
  readonly snapshot: S | undefined;
  /** Undefined if it has not changed. */
  readonly admission: StoredAdmission | undefined;
}

/** Makes the batches of a node's turns. Every so many records, a batch has a snapshot. */
export class RecordBatches<R, S> {
  readonly #recordsPerSnapshot: number;
  #stored = 0;

  constructor(recordsPerSnapshot: number) {
    this.#recordsPerSnapshot = recordsPerSnapshot;
  }

  /** Returns the batch of a turn; none if nothing has changed. */
  take(
    { records, admission, snapshot }: Omit<RecordBatch<R, S>, "snapshot"> & { readonly snapshot: () => S },
  ): RecordBatch<R, S>[] {
    if (records.length === 0 && admission === undefined) return [];
    this.#stored += records.length;
    const isFull = this.#stored >= this.#recordsPerSnapshot;
    if (isFull) this.#stored = 0;
    return [{ records, snapshot: isFull ? snapshot() : undefined, admission }];
  }
}

/** The forms of an engine's records and snapshots. */
export interface RecordForms<R, S> {
  /** The first part of the names under which they are stored. */
  readonly engine: string;
  /** Returns the record that a value holds; undefined if it is none. */
  readonly toRecord: (value: unknown) => R | undefined;
  readonly toSnapshot: (value: unknown) => S | undefined;
}

/** A node's records in its store. */
export class RecordStorage<R, S> {
  readonly #store: StorageOps;
  readonly #forms: RecordForms<R, S>;

  constructor(store: StorageOps, forms: RecordForms<R, S>) {
    this.#store = store;
    this.#forms = forms;
  }

  /** Returns the incarnation that was drawn when the store was new. */
  incarnation(newIncarnation: () => string): string {
    const key = this.#key("incarnation");
    const known = this.#store.get(key);
    if (known !== undefined) return known;
    const drawn = newIncarnation();
    this.#store.put(key, drawn);
    return drawn;
  }

  /** Reads everything. Throws {@linkcode MissingEntriesError}. */
  load(): StoredRecords<R, S> {
    const text = this.#store.get(this.#key("snapshot"));
    const stored: unknown = text === undefined ? undefined : parseExactJson(text);
    const snapshot = storedSnapshot.is(stored) ? this.#forms.toSnapshot(stored.snapshot) : undefined;
    if (text !== undefined && snapshot === undefined) {
      throw new MissingEntriesError(`key ${this.#key("snapshot")}`, "it is not a snapshot");
    }
    const next = storedSnapshot.is(stored) ? stored.next : 0;
    const records: R[] = [];
    for (const { index, value } of this.#store.read(this.#key("log"))) {
      const known = this.#forms.toRecord(parseExactJson(value));
      if (known === undefined) {
        throw new MissingEntriesError(`log ${this.#key("log")}, index ${index}`, "it is not a record");
      }
      if (index >= next) records.push(known);
    }
    return { snapshot, records, admission: this.#admission() };
  }

  /** Writes a batch. */
  save({ records, snapshot, admission }: RecordBatch<R, S>): void {
    if (admission !== undefined) this.#store.put(this.#key("admission"), JSON.stringify(admission));
    let next = 0;
    for (const each of records) next = this.#store.append(this.#key("log"), stringifyExactJson(each)) + 1;
    if (snapshot === undefined) return;
    this.#store.put(this.#key("snapshot"), stringifyExactJson({ next, snapshot }));
    this.#store.discard(this.#key("log"), next);
  }

  #admission(): StoredAdmission | undefined {
    const text = this.#store.get(this.#key("admission"));
    if (text === undefined) return undefined;
    const stored: unknown = JSON.parse(text);
    if (storedAdmission.is(stored)) return stored;
    throw new MissingEntriesError(`key ${this.#key("admission")}`, "it is not an admission");
  }

  #key(name: string): string {
    return `${this.#forms.engine}.${name}`;
  }
}
