/**
 * Registers that whole transactions write, last writer wins: transactions are ordered by Lamport time and, where that is
 * the same, by the origin's name (Lamport, 1978; Thomas's write rule: "A majority consensus approach", 1979). Since each
 * origin is one life of a node with memory, no two transactions have the same place in that order.
 *
 * An entry is `[time, [key, value], …]`: what a transaction left behind in each key that it wrote.
 */

import type { Json } from "../../protocol/schema.ts";

/** A register's name: 1 and "1" are two. */
export type RegisterKey = string | number | boolean;

/** A micro-operation: `["r", key, null]`, or `["w", key, value]`. */
export type RegisterOperation = readonly ["r" | "w", RegisterKey, Json];

/** What a transaction did: its reads filled in, and what it wrote, if anything. */
export interface Executed {
  readonly txn: readonly RegisterOperation[];
  readonly writes: ReadonlyMap<RegisterKey, Json>;
}

interface Version {
  readonly time: number;
  readonly origin: string;
  readonly value: Json;
}

/** See the file's head. */
export class Registers {
  readonly #versions = new Map<RegisterKey, Version>();
  #clock = 0;

  /** The latest Lamport time seen. */
  get clock(): number {
    return this.#clock;
  }

  /** A register's value; null if it was never written. */
  get(key: RegisterKey): Json {
    return this.#versions.get(key)?.value ?? null;
  }

  /** Runs a transaction on what is known here. Changes nothing yet: see {@linkcode entry}. */
  execute(txn: readonly RegisterOperation[]): Executed {
    const writes = new Map<RegisterKey, Json>();
    const done = txn.map((operation): RegisterOperation => {
      const [f, key, value] = operation;
      if (f === "w") {
        writes.set(key, value);
        return operation;
      }
      return ["r", key, writes.has(key) ? writes.get(key) ?? null : this.get(key)];
    });
    return { txn: done, writes };
  }

  /** The entry of a transaction that follows all that was seen here. */
  entry(writes: ReadonlyMap<RegisterKey, Json>): readonly Json[] {
    return [this.#clock + 1, ...writes];
  }

  /** Writes without asking which write is the later one: where all nodes write in the same order. */
  write(writes: ReadonlyMap<RegisterKey, Json>): void {
    for (const [key, value] of writes) this.#versions.set(key, { time: 0, origin: "", value });
  }

  /** Applies a transaction, all of it; an entry that has not the right form is left out. */
  deliver(entry: readonly Json[], origin: string): void {
    const [time, ...writes] = entry;
    if (typeof time !== "number" || !Number.isSafeInteger(time) || !writes.every(isWrite)) return;
    this.#clock = Math.max(this.#clock, time);
    for (const [key, value] of writes) {
      const before = this.#versions.get(key);
      if (before !== undefined && !follows({ time, origin }, before)) continue;
      this.#versions.set(key, { time, origin, value });
    }
  }
}

function follows(a: Pick<Version, "time" | "origin">, b: Pick<Version, "time" | "origin">): boolean {
  return a.time > b.time || (a.time === b.time && a.origin > b.origin);
}

function isWrite(value: Json): value is readonly [RegisterKey, Json] {
  return Array.isArray(value) && value.length === 2 &&
    (typeof value[0] === "string" || typeof value[0] === "number" || typeof value[0] === "boolean");
}
