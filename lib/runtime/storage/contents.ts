/**
 * The contents of a store: a map, and logs with consecutive indexes.
 *
 * Tested by `tests/runtime/storage/crash_test.ts`.
 */

import { type Change, FRAME_HEAD_BYTES } from "./frame.ts";

interface Log {
  /** The index of the first value. */
  first: number;
  values: string[];
}

/** The contents of a store, in memory. */
export class Contents {
  readonly #map = new Map<string, string>();
  readonly #logs = new Map<string, Log>();
  #sizeEstimate = 0;

  /** The approximate size of the contents in the log, in bytes. */
  get sizeEstimate(): number {
    return this.#sizeEstimate;
  }

  get(key: string): string | undefined {
    return this.#map.get(key);
  }

  /** The index that the next record of a log gets. */
  end(log: string): number {
    const found = this.#logs.get(log);
    return found === undefined ? 0 : found.first + found.values.length;
  }

  *read(log: string): Generator<{ readonly index: number; readonly value: string }> {
    const found = this.#logs.get(log);
    if (found === undefined) return;
    for (const [i, value] of found.values.entries()) yield { index: found.first + i, value };
  }

  /** Makes one change. */
  apply(change: Change): void {
    switch (change.kind) {
      case "put":
        this.#forget(change.key);
        this.#map.set(change.key, change.value);
        this.#sizeEstimate += estimate(change.key, change.value);
        break;
      case "remove":
        this.#forget(change.key);
        break;
      case "append":
        this.#log(change.log).values.push(change.value);
        this.#sizeEstimate += estimate(change.log, change.value);
        break;
      case "truncate":
        this.#truncate(change.log, change.from);
        break;
      case "discard":
        this.#discard(change.log, change.before);
        break;
    }
  }

  /** The changes that create these contents in an empty store. */
  *changes(): Generator<Change> {
    for (const [key, value] of this.#map) yield { kind: "put", key, value };
    for (const [log, { first, values }] of this.#logs) {
      if (first > 0) yield { kind: "discard", log, before: first };
      for (const value of values) yield { kind: "append", log, value };
    }
  }

  #forget(key: string): void {
    const value = this.#map.get(key);
    if (value === undefined) return;
    this.#map.delete(key);
    this.#sizeEstimate -= estimate(key, value);
  }

  #truncate(name: string, from: number): void {
    const log = this.#log(name);
    this.#forgetRecords(name, log.values.splice(Math.max(0, from - log.first)));
    if (from < log.first) log.first = from;
  }

  #discard(name: string, before: number): void {
    const log = this.#log(name);
    this.#forgetRecords(name, log.values.splice(0, Math.max(0, before - log.first)));
    log.first = Math.max(log.first, before);
  }

  #forgetRecords(name: string, values: readonly string[]): void {
    for (const value of values) this.#sizeEstimate -= estimate(name, value);
  }

  #log(name: string): Log {
    let log = this.#logs.get(name);
    if (log === undefined) this.#logs.set(name, log = { first: 0, values: [] });
    return log;
  }
}

function estimate(name: string, value: string): number {
  return FRAME_HEAD_BYTES + name.length + value.length;
}
