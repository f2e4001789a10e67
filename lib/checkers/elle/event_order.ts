/** Edges that come from when events happened, not from data: real time, and the order within a process. */

import { valueAt } from "../columns.ts";
import { OK, type Transactions } from "./transactions.ts";

/**
 * Calls back with each edge of the real-time order's transitive reduction: a → b where a had completed before b was
 * invoked, and no c completed and began in between (a → c → b says the same).
 *
 * Only what surely happened precedes anything. Those that still matter form a window over the committed transactions in
 * order of completion: it grows at its end with each completion, and whatever completed before c began leaves it at its
 * front when c completes. The window is no longer than the number of transactions at once, so this is linear.
 */
export function forEachRealtimeEdge(txns: Transactions, edge: (before: number, after: number) => void): void {
  const { count, outcome, invokedAt, completedAt } = txns;
  const byInvocation = invocationOrder(txns);
  const window = new Int32Array(count);
  let front = 0;
  let end = 0;
  let completed = 0; // transactions are numbered by completion
  for (const t of byInvocation) {
    const began = valueAt(invokedAt, t);
    while ((completedAt[completed] ?? began) < began) {
      const c = completed++;
      if (outcome[c] !== OK) continue;
      const invoked = valueAt(invokedAt, c);
      while (front < end && valueAt(completedAt, valueAt(window, front)) < invoked) front++;
      window[end++] = c;
    }
    for (let i = front; i < end; i++) edge(valueAt(window, i), t);
  }
}

/** Calls back with an edge from each committed transaction to the next committed one of its process. */
export function forEachProcessEdge(txns: Transactions, edge: (before: number, after: number) => void): void {
  const last = new Map<unknown, number>();
  for (let t = 0; t < txns.count; t++) {
    if (txns.outcome[t] !== OK) continue;
    const process = txns.op[t]?.process;
    const before = last.get(process);
    if (before !== undefined) edge(before, t);
    last.set(process, t);
  }
}

/** Transactions by the place of their invocation, leaving out those that have none. */
function invocationOrder({ count, invokedAt }: Transactions): Int32Array {
  let length = 0;
  for (const place of invokedAt) length = Math.max(length, place + 1);
  const at = new Int32Array(length).fill(-1);
  for (let t = 0; t < count; t++) {
    const place = valueAt(invokedAt, t);
    if (place >= 0) at[place] = t;
  }
  return at.filter((t) => t >= 0);
}
