/**
 * Random transactions as Elle makes them (`elle.txn/wr-txns`, as of the release that Maelstrom is built with): reads and
 * unique writes over a pool of keys, where a key that has had all its writes gives its place to a new one.
 */

import type { SeededRandom } from "../../sim/random.ts";

/** A read, not yet filled in, or a write of a value that its key gets only once. */
export type MicroOperation<W extends string> =
  | readonly [f: "r", key: number, value: null]
  | readonly [f: W, key: number, value: number];

/** What transactions look like. */
export interface TransactionShape<W extends string> {
  /** The name of a write: `append`, `w`. */
  readonly write: W;
  /** How many keys are in use at a time. */
  readonly keyCount: number;
  /** The most micro-operations of a transaction; the fewest is one, and all lengths are equally likely. */
  readonly maxLength: number;
  /** How many writes a key gets before it is retired. */
  readonly maxWritesPerKey: number;
}

/** How many keys are in use at a time if nothing else is asked for. */
export const KEY_COUNT = 10;

/** Returns the function that makes the next transaction. */
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
      pool[at] = { key: nextKey++, writes: 0 }; // and all is drawn anew, so that the newcomer is not favoured
    }
  };
  return () => Array.from({ length: 1 + random.below(maxLength) }, microOperation);
}

/**
 * An index in [0, count), each twice as likely as the one before: with `count` − 1 − g for a geometric g that is cut off at
 * `count`, which holds for any count, where 2^count does not.
 */
export function exponentialIndex(random: SeededRandom, count: number): number {
  const fromLast = Math.floor(-Math.log2(1 - random.next() * (1 - 2 ** -count)));
  return Math.max(0, count - 1 - fromLast);
}
