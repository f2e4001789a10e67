/** Writes that were asked for, of transactions whose reply tells of other writes than the request. */

import { atomOf, microOp, type Transactions } from "./transactions.ts";

/** A write as its invocation has it. */
export interface RequestedWrite {
  readonly txn: number;
  /** The key's number. Keys that no completion names are left out: nobody read them. */
  readonly key: number;
  readonly value: unknown;
  /** Whether a later write of the same request is to the same key. */
  readonly isIntermediate: boolean;
}

/** Such transactions are rare, so their requests are read again from the events. `write`: the function's name. */
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
