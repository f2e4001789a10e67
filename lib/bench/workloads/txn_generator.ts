/**
 * Random transactions as Elle generates them (`elle.txn/wr-txns`, as of the release that Maelstrom includes): reads and
 * unique writes over a pool of keys. A new key replaces a key that has reached its number of writes.
 *
 * Tested by `tests/bench/workloads/transactions_test.ts`.
 */

import type { SeededRandom } from "../../sim/random.ts";

/** A read without its result, or a write of a value that is unique per key. */
export type MicroOperation<W extends string> =
  | readonly [f: "r", key: number, value: null]
  | readonly [f: W, key: number, value: number];

/** The parameters of transactions. */
export interface TransactionShape<W extends string> {
  /** The name of a write: `append`, `w`. */
  readonly write: W;
  /** The number of keys in use at a time. */
  readonly keyCount: number;
  /** The maximum number of micro-operations per transaction. The minimum is one, and all lengths are equally likely. */
  readonly maxLength: number;
  /** The number of writes before a key is retired. */
  readonly maxWritesPerKey: number;
}

/** The default number of keys in use at a time. */
export const KEY_COUNT = 10;

/**
 * Returns a function that generates the next transaction.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { randomTransactions, SeededRandom } from "@charybdis/charybdis/workload";
 *
 * const shape = { write: "append", keyCount: 3, maxLength: 2, maxWritesPerKey: 4 };
 * const next = randomTransactions(new SeededRandom(1), shape);
 * assertEquals(next().every(([f]) => f === "r" || f === "append"), true);
 * ```
 */
export function randomTransactions<W extends string>(
  random: SeededRandom,
  { write, keyCount, maxLength, maxWritesPerKey }: TransactionShape<W>,
): () => MicroOperation<W>[] {
  const pool = Array.from({ length: keyCount }, (_, key) => ({ key, writes: 0 }));
  let nextKey = keyCount;
  const microOperation = (): MicroOperation<W> => {
    for (;;) {
      const reads = random.chance(0.5);
      const at = exponentialIndex(random, keyCount);
      const place = pool[at];
      if (place === undefined) throw new RangeError("no keys");
      if (reads) return ["r", place.key, null];
      if (place.writes < maxWritesPerKey) return [write, place.key, ++place.writes];
      pool[at] = { key: nextKey++, writes: 0 }; // draw everything again, so that the new key is not favored
    }
  };
  return () => {
    const transaction: MicroOperation<W>[] = [];
    for (let left = 1 + random.below(maxLength); left > 0; left--) transaction.push(microOperation());
    return transaction;
  };
}

/**
 * Returns an index in [0, count), each twice as likely as the one before: `count` − 1 − g for a geometric g that is truncated
 * at
 * `count`. This form works for any count, whereas 2^count does not.
 */
export function exponentialIndex(random: SeededRandom, count: number): number {
  const fromLast = Math.floor(-Math.log2(1 - random.next() * (1 - 2 ** -count)));
  return Math.max(0, count - 1 - fromLast);
}
