/** The intervals of operations, arranged for the search: the operations that are pending at each return. */

import { valueAt } from "../columns.ts";

/**
 * The interval of an operation, on any clock that orders calls and returns.
 *
 * `returned` is `null` if the operation is pending forever. Intervals are closed: a call and a return at the same
 * moment are concurrent.
 */
export interface Interval {
  readonly called: number;
  readonly returned: number | null;
}

/**
 * The returns in their order, numbered from 0, and the operations that are pending at each.
 *
 * Operations that return are *required*, because they happened. Operations that do not return are *optional*.
 */
export interface Schedule {
  /** By return: the operation that returns. */
  readonly returning: Int32Array;
  /** By operation: the number of returns before its call, which is the first return at which it is pending. */
  readonly firstReturn: Int32Array;
  /** By required operation: its bit among the pending ones. A later operation reuses it. */
  readonly slot: Int32Array;
  /** The number of 32-bit words in a set of slots. */
  readonly words: number;
  /**
   * The required operations that are pending at return `e`, in the order of their returns: `pending[pendingStart[e] …
   * pendingStart[e+1]]`.
   */
  readonly pendingStart: Int32Array;
  readonly pending: Int32Array;
  /** The same for read-only operations, which `pending` does not contain. */
  readonly readsStart: Int32Array;
  readonly reads: Int32Array;
}

/** Arranges operations. Read-only ones are separate, because delaying them is never useful. */
export function schedule(intervals: readonly Interval[], readOnly: (operation: number) => boolean): Schedule {
  const count = intervals.length;
  const events = sortedEvents(intervals);
  const returning: number[] = [];
  const firstReturn = new Int32Array(count);
  const returnRank = new Int32Array(count).fill(-1);
  for (const event of events) {
    if (event < count) {
      firstReturn[event] = returning.length;
    } else {
      returnRank[event - count] = returning.length;
      returning.push(event - count);
    }
  }
  const slot = new Int32Array(count).fill(-1);
  const free: number[] = [];
  let slots = 0;
  const pendingStart: number[] = [];
  const readsStart: number[] = [];
  const pending: number[] = [];
  const reads: number[] = [];
  const activeWrites: number[] = [];
  const activeReads: number[] = [];
  for (const event of events) {
    const isCall = event < count;
    const operation = isCall ? event : event - count;
    if (valueAt(returnRank, operation) < 0) continue; // optional operations have no slot: their class counts them
    const active = readOnly(operation) ? activeReads : activeWrites;
    if (isCall) {
      slot[operation] = free.pop() ?? slots++;
      insertByRank(active, operation, returnRank);
      continue;
    }
    pendingStart.push(pending.length);
    readsStart.push(reads.length);
    for (const other of activeWrites) pending.push(other);
    for (const other of activeReads) reads.push(other);
    active.splice(active.indexOf(operation), 1);
    free.push(valueAt(slot, operation));
  }
  pendingStart.push(pending.length);
  readsStart.push(reads.length);
  return {
    returning: Int32Array.from(returning),
    firstReturn,
    slot,
    words: Math.ceil(slots / 32),
    pendingStart: Int32Array.from(pendingStart),
    pending: Int32Array.from(pending),
    readsStart: Int32Array.from(readsStart),
    reads: Int32Array.from(reads),
  };
}

/**
 * Returns the number of pairs of a return and a required operation that is pending there.
 *
 * This is the size of a schedule. It grows with the square of the number of concurrent operations.
 */
export function scheduleSize(intervals: readonly Interval[]): number {
  const calls = intervals.filter(({ returned }) => returned !== null).map(({ called }) => called).sort((
    a,
    b,
  ) => a - b);
  const returns = intervals.flatMap(({ returned }) => returned ?? []).sort((a, b) => a - b);
  let size = 0;
  let called = 0;
  for (const [returned, at] of returns.entries()) {
    while (called < calls.length && (calls[called] ?? 0) <= at) called++;
    size += called - returned;
  }
  return size;
}

/**
 * Returns calls as the number of their operation, and returns as that plus the number of operations. Calls come first
 * at equal times.
 */
function sortedEvents(intervals: readonly Interval[]): number[] {
  const count = intervals.length;
  const events: number[] = [];
  const time = (event: number): number => {
    const interval = intervals[event < count ? event : event - count];
    return (event < count ? interval?.called : interval?.returned) ?? 0;
  };
  for (let i = 0; i < count; i++) {
    events.push(i);
    if (intervals[i]?.returned !== null) events.push(count + i);
  }
  return events.sort((a, b) => time(a) - time(b) || a - b);
}

function insertByRank(active: number[], operation: number, rank: Int32Array): void {
  let at = active.length;
  while (at > 0 && valueAt(rank, active[at - 1] ?? 0) > valueAt(rank, operation)) at--;
  active.splice(at, 0, operation);
}
