/** Dependencies that follow from the order of events: real time, and the order within a process. */

import { valueAt } from "../columns.ts";
import { OK, type Transactions } from "./transactions.ts";

/**
 * Calls back with each edge of the transitive reduction of the real-time order.
 *
 * There is an edge a → b if a completed before b was invoked, unless some c began and completed in between.
 *
 * Only committed transactions precede others. Those that still matter form a window, in the order of their completion.
 * A completion enters at its end. When c completes, transactions that completed before c began leave at its front. The
 * window is no longer than the number of concurrent transactions, so the cost is linear.
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

/** Returns the transactions that have an invocation, in the order of invocations. */
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
