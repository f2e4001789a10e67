/**
 * Gibbons and Korach's zone test for registers whose values are written once ("Testing shared memories", 1997).
 *
 * A write and the reads of its value form a cluster. If a member returned before another was called, the register had
 * the value in between: a forward zone. Otherwise all members overlap in a backward zone.
 *
 * There is an order if and only if no read returns before its write is called, no two forward zones overlap, and no
 * forward zone contains a backward one. The cost is that of sorting, however many operations are concurrent.
 *
 * Tested by `tests/checkers/zones_test.ts`.
 */

import type { RegisterOperation } from "./register.ts";

/** The result of the zone test. `inapplicable`: there is a cas, or a value is written twice. */
export type ZoneVerdict =
  | { readonly kind: "linearizable" }
  | { readonly kind: "inapplicable" }
  | { readonly kind: "impossible"; readonly operation: number; readonly because: string };

interface Cluster {
  /** The write; -1 for the initial value. */
  write: number;
  /** The earliest return and the latest call of a member, and the member that was called last. */
  firstReturn: number;
  lastCall: number;
  last: number;
}

/** Decides if the operations on one register are linearizable. */
export function checkZones(operations: readonly RegisterOperation[], initial: number): ZoneVerdict {
  const clusters = clustersOf(operations, initial);
  if (clusters === null) return { kind: "inapplicable" };
  for (const [index, { action, returned }] of operations.entries()) {
    if (action.kind !== "read" || returned === null) continue;
    const write = clusters.get(action.value)?.write;
    const called = write === undefined
      ? Infinity
      : write < 0
      ? -Infinity
      : operations[write]?.called ?? Infinity;
    if (called < returned) continue;
    const because = "it returned a value that no operation invoked before its return could have written";
    return { kind: "impossible", operation: index, because };
  }
  // Neither rule applies to a pending write that no operation read, because its cluster has no return.
  const zones = [...clusters.values()];
  const forward = zones.filter(({ firstReturn, lastCall }) => firstReturn < lastCall)
    .sort((a, b) => a.firstReturn - b.firstReturn);
  for (let i = 1; i < forward.length; i++) {
    const [before, after] = [forward[i - 1], forward[i]];
    if (before === undefined || after === undefined || after.firstReturn > before.lastCall) continue;
    const later = before.lastCall > after.lastCall ? before : after;
    return {
      kind: "impossible",
      operation: later.last,
      because: "the register would have had this value and another one at the same time",
    };
  }
  for (const cluster of zones) {
    if (cluster.firstReturn < cluster.lastCall) continue;
    const around = forward[lastBefore(forward, cluster.lastCall)];
    if (around === undefined || cluster.firstReturn >= around.lastCall) continue;
    return {
      kind: "impossible",
      operation: around.last,
      because:
        "another value was written and replaced between the first return and the last call that need its value",
    };
  }
  return { kind: "linearizable" };
}

function clustersOf(operations: readonly RegisterOperation[], initial: number): Map<number, Cluster> | null {
  const clusters = new Map<number, Cluster>();
  clusters.set(initial, { write: -1, firstReturn: -1, lastCall: -1, last: -1 });
  for (const [index, { action }] of operations.entries()) {
    if (action.kind === "cas") return null;
    if (action.kind === "read") continue;
    if (clusters.has(action.value)) return null;
    clusters.set(action.value, {
      write: index,
      firstReturn: Infinity,
      lastCall: -1,
      last: -1,
    });
  }
  for (const [index, { action, called, returned }] of operations.entries()) {
    if (action.kind === "cas" || (action.kind === "read" && returned === null)) continue;
    const cluster = clusters.get(action.value);
    if (cluster === undefined) continue; // a read of a value without a write, which checkZones rejects
    cluster.firstReturn = Math.min(cluster.firstReturn, returned ?? Infinity);
    if (called <= cluster.lastCall) continue;
    cluster.lastCall = called;
    cluster.last = index;
  }
  return clusters;
}

/** Returns the last forward zone that begins before a moment; -1 if there is none. */
function lastBefore(zones: readonly Cluster[], moment: number): number {
  let low = 0;
  let high = zones.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((zones[middle]?.firstReturn ?? Infinity) < moment) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
