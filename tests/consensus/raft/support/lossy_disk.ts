/** A disk whose crash keeps a random prefix of the unsynced operations. */

import type { StorageOps } from "../../../../lib/consensus/mod.ts";
import type { SeededRandom } from "../../../../lib/sim/random.ts";

interface LogContent {
  first: number;
  records: string[];
}

class Content {
  readonly values = new Map<string, string>();
  readonly logs = new Map<string, LogContent>();

  log(name: string): LogContent {
    let log = this.logs.get(name);
    if (log === undefined) this.logs.set(name, log = { first: 0, records: [] });
    return log;
  }

  clone(): Content {
    const copy = new Content();
    for (const [key, value] of this.values) copy.values.set(key, value);
    for (const [name, { first, records }] of this.logs) copy.logs.set(name, { first, records: [...records] });
    return copy;
  }
}

type Operation = (content: Content) => void;

/** One node's disk. */
export class LossyDisk implements StorageOps {
  #current = new Content();
  #durable = new Content();
  #unsynced: Operation[] = [];
  /** The number of calls of `sync` that had something to sync. */
  syncs = 0;

  get(key: string): string | undefined {
    return this.#current.values.get(key);
  }

  put(key: string, value: string): void {
    this.#do((content) => content.values.set(key, value));
  }

  append(name: string, value: string): number {
    const log = this.#current.log(name);
    const index = log.first + log.records.length;
    this.#do((content) => content.log(name).records.push(value));
    return index;
  }

  *read(name: string): Generator<{ readonly index: number; readonly value: string }> {
    const { first, records } = this.#current.log(name);
    for (const [i, value] of records.entries()) yield { index: first + i, value };
  }

  truncate(name: string, from: number): void {
    this.#do((content) => {
      const log = content.log(name);
      log.records.length = Math.max(0, Math.min(log.records.length, from - log.first));
    });
  }

  discard(name: string, before: number): void {
    this.#do((content) => {
      const log = content.log(name);
      const gone = Math.max(0, Math.min(log.records.length, before - log.first));
      log.records.splice(0, gone);
      log.first += gone;
    });
  }

  sync(): void {
    if (this.#unsynced.length > 0) this.syncs++;
    for (const operation of this.#unsynced) operation(this.#durable);
    this.#unsynced = [];
  }

  /** Simulates a power failure: a prefix of the unsynced operations survives. */
  crash(random: SeededRandom): void {
    const kept = random.below(this.#unsynced.length + 1);
    for (const operation of this.#unsynced.slice(0, kept)) operation(this.#durable);
    this.#unsynced = [];
    this.#current = this.#durable.clone();
  }

  /** The number of stored characters. */
  get size(): number {
    let size = 0;
    for (const value of this.#durable.values.values()) size += value.length;
    for (const { records } of this.#durable.logs.values()) {
      for (const record of records) size += record.length;
    }
    return size;
  }

  #do(operation: Operation): void {
    operation(this.#current);
    this.#unsynced.push(operation);
  }
}
