/** A disk that forgets what was not synced when its node is killed. */

import { CorruptRecordError, type Storage } from "../runtime/host.ts";

interface Log {
  first: number;
  values: string[];
}

/** What a node's disk holds over its lives. */
export class Disk {
  readonly #damaged = new Set<string>();
  #map = new Map<string, string>();
  #logs = new Map<string, Log>();
  #syncs = 0;

  /** How often something was made durable. */
  get syncs(): number {
    return this.#syncs;
  }

  /** Damages a record, as a failing device would: `key NAME`, or `log NAME, index N`. */
  damage(place: string): void {
    this.#damaged.add(place);
  }

  /** Opens the disk for one life of its node. What that life does not sync is lost with it. */
  open(): Storage {
    const map = new Map(this.#map);
    const logs = new Map(
      [...this.#logs].map(([name, { first, values }]) => [name, { first, values: [...values] }]),
    );
    const logOf = (name: string): Log => {
      let log = logs.get(name);
      if (log === undefined) logs.set(name, log = { first: 0, values: [] });
      return log;
    };
    let pending: Array<() => void> = [];
    const durable = (name: string): Log => {
      let log = this.#logs.get(name);
      if (log === undefined) this.#logs.set(name, log = { first: 0, values: [] });
      return log;
    };
    const both = (name: string, change: (log: Log) => void) => {
      change(logOf(name));
      pending.push(() => change(durable(name)));
    };
    const rewritten = new Set<string>(); // by this life: readable again, though the disk has not got it yet
    const check = (place: string) => {
      if (this.#damaged.has(place) && !rewritten.has(place)) throw new CorruptRecordError(place);
    };
    return {
      get: (key) => {
        check(`key ${key}`);
        return map.get(key);
      },
      put: (key, value) => {
        map.set(key, value);
        rewritten.add(`key ${key}`);
        pending.push(() => {
          this.#map.set(key, value);
          this.#damaged.delete(`key ${key}`);
        });
      },
      remove: (key) => {
        map.delete(key);
        pending.push(() => this.#map.delete(key));
      },
      append: (name, value) => {
        const log = logOf(name);
        const index = log.first + log.values.length;
        both(name, ({ values }) => values.push(value));
        return index;
      },
      *read(name) {
        const log = logOf(name);
        for (let i = 0; i < log.values.length; i++) {
          const index = log.first + i;
          check(`log ${name}, index ${index}`);
          yield { index, value: log.values[i] ?? "" };
        }
      },
      truncate: (name, from) =>
        both(name, (log) => {
          log.values.length = Math.min(log.values.length, Math.max(0, from - log.first));
          if (from < log.first) log.first = from;
        }),
      discard: (name, before) =>
        both(name, (log) => {
          log.values.splice(0, Math.max(0, before - log.first));
          log.first = Math.max(log.first, before);
        }),
      sync: () => {
        if (pending.length === 0) return;
        for (const write of pending) write();
        pending = [];
        this.#syncs++;
      },
    };
  }
}
