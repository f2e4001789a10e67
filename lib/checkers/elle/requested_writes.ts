/**
 * The requested writes of transactions whose replies contain other writes than their requests.
 *
 * Tested by `tests/checkers/elle/list_append_test.ts`.
 */

import { atomOf, microOp, type Transactions } from "./transactions.ts";

/** A write of an invocation. */
export interface RequestedWrite {
  readonly txn: number;
  /** The number of the key. Keys that no completion contains are left out, because no transaction read them. */
  readonly key: number;
  readonly value: unknown;
  /** True if a later write of the same request is to the same key. */
  readonly isIntermediate: boolean;
}

/**
 * Returns the writes that such transactions requested. They are rare, so the events are read again.
 *
 * @param write the name of the write function
 */
export function requestedWrites(txns: Transactions, write: string): RequestedWrite[] {
  const found: RequestedWrite[] = [];
  if (txns.writesDiffer.length === 0) return found;
  const numbers = new Map(txns.keys.map((key, number) => [atomOf(key), number]));
  for (const txn of txns.writesDiffer) {
    const mops = txns.invocation[txn]?.value;
    if (!Array.isArray(mops)) continue;
    const later = new Set<unknown>();
    for (const mop of [...mops].reverse()) {
      const parts = microOp(mop);
      if (parts === null || parts[0] !== write) continue;
      const atom = atomOf(parts[1]);
      const key = numbers.get(atom);
      if (key !== undefined) {
        found.push({ txn, key, value: atomOf(parts[2]), isIntermediate: later.has(atom) });
      }
      later.add(atom);
    }
  }
  return found;
}
