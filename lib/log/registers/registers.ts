/**
 * Registers that transactions write as a whole; the last writer wins. Transactions are ordered by Lamport time, and at equal
 * times by the name of their origin (Lamport, 1978; Thomas's write rule: "A majority consensus approach", 1979). An origin
 * is written by one incarnation at a time, which knows its last time, so no two transactions have the same position.
 *
 * An entry is `[time, [key, value], …]`: the final value of each key that the transaction wrote.
 *
 * Tested by `tests/log/registers_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";

/** The name of a register. 1 and "1" are different registers. */
export type RegisterKey = string | number | boolean;

/** A micro-operation: `["r", key, null]`, or `["w", key, value]`. */
export type RegisterOperation = readonly ["r" | "w", RegisterKey, Json];

/** The result of a transaction: its operations with their reads filled in, and its writes. */
export interface ExecutionResult {
  readonly txn: readonly RegisterOperation[];
  readonly writes: ReadonlyMap<RegisterKey, Json>;
}

interface Version {
  readonly time: number;
  readonly origin: string;
  readonly value: Json;
}

/** One node's copy of the registers. */
export class Registers {
  readonly #versions = new Map<RegisterKey, Version>();
  #clock = 0;

  /** The latest Lamport time that this node has seen. */
  get clock(): number {
    return this.#clock;
  }

  /** The number of registers that were written. */
  get size(): number {
    return this.#versions.size;
  }

  /** Returns the value of a register; null if it was never written. */
  get(key: RegisterKey): Json {
    return this.#versions.get(key)?.value ?? null;
  }

  /** Executes a transaction on this copy. It does not change the copy: see {@linkcode entry}. */
  execute(txn: readonly RegisterOperation[]): ExecutionResult {
    const writes = new Map<RegisterKey, Json>();
    const done = txn.map((operation): RegisterOperation => {
      const [f, key, value] = operation;
      if (f === "w") {
        writes.set(key, value);
        return operation;
      }
      return ["r", key, writes.has(key) ? writes.get(key) ?? null : this.get(key)]; // plant: own-write-unread
    });
    return { txn: done, writes };
  }

  /** Returns the entry of a transaction that is ordered after everything that this node has seen. */
  entry(writes: ReadonlyMap<RegisterKey, Json>): readonly Json[] {
    return [this.#clock + 1, ...writes];
  }

  /** Writes without comparing times. Use it only if all nodes write in the same order. */
  write(writes: ReadonlyMap<RegisterKey, Json>): void {
    for (const [key, value] of writes) this.#versions.set(key, { time: 0, origin: "", value }); // plant: partial-apply
  }

  /** Applies a transaction as a whole. A malformed entry is ignored. */
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
