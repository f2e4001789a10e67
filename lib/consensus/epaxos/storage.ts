/**
 * Stores the promises of an EPaxos node: a log of instance records, and a snapshot that replaces older ones.
 *
 * Tested by `tests/consensus/epaxos/simulation_test.ts`.
 */

import { array, json, natural, object, record, string } from "../../protocol/schema.ts";
import { MissingEntriesError, type StorageOps } from "../entry_storage.ts";
import { instanceRecord, toRecord } from "./messages.ts";
import type { StoredInstances } from "./replica.ts";
import type { EpaxosBatch, InstanceRecord } from "./types.ts";

const INCARNATION = "epaxos.incarnation";
const LOG = "epaxos.log";
const SNAPSHOT = "epaxos.snapshot";

const snapshotForm = object({
  number: natural,
  executed: record(natural),
  floor: record(natural),
  executedBeyond: array(string),
  state: json,
  instances: array(instanceRecord),
  /** The index of the first record after the snapshot. */
  next: natural,
});

/** A node's records in its store. */
export class EpaxosStorage {
  readonly #store: StorageOps;

  constructor(store: StorageOps) {
    this.#store = store;
  }

  /** Returns the incarnation that was drawn when the store was new. */
  incarnation(newIncarnation: () => string): string {
    const known = this.#store.get(INCARNATION);
    if (known !== undefined) return known;
    const drawn = newIncarnation();
    this.#store.put(INCARNATION, drawn);
    return drawn;
  }

  /** Reads everything. Throws {@linkcode MissingEntriesError}. */
  load(): StoredInstances {
    const text = this.#store.get(SNAPSHOT);
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    if (value !== undefined && !snapshotForm.is(value)) {
      throw new MissingEntriesError(`key ${SNAPSHOT}`, "it is not a snapshot");
    }
    const snapshot = value && { ...value, instances: value.instances.map(toRecord) };
    const records: InstanceRecord[] = [];
    for (const { index, value: line } of this.#store.read(LOG)) {
      const each: unknown = JSON.parse(line);
      if (!instanceRecord.is(each)) {
        throw new MissingEntriesError(`log ${LOG}, index ${index}`, "it is not a record");
      }
      if (index >= (snapshot?.next ?? 0)) records.push(toRecord(each));
    }
    return { snapshot, records };
  }

  /** Writes a batch. */
  save({ records, snapshot }: EpaxosBatch): void {
    let next = 0;
    for (const each of records) next = this.#store.append(LOG, JSON.stringify(each)) + 1;
    if (snapshot === undefined) return;
    this.#store.put(SNAPSHOT, JSON.stringify({ ...snapshot, next }));
    this.#store.discard(LOG, next);
  }
}
