/** Finds the states of nodes at a time. Tested by `tests/bench/report/states_test.ts`. */

import type { StateColumns, StateTrack } from "../data/report_data.ts";

/** The value of one part of a node's state at a time. */
export interface StateValue {
  readonly name: string;
  /** JSON that may be shortened; `undefined` if the node did not run or had not registered the part. */
  readonly value: string | undefined;
  /** The value before the last change. */
  readonly previous: string | undefined;
  /** The time of the last change; -Infinity if there is none. */
  readonly since: number;
}

/** Returns the parts of a node's state at a time, in the order of their names. Takes logarithmic time per part. */
export function stateAt(
  states: StateColumns,
  { node, at }: { readonly node: number; readonly at: number },
): StateValue[] {
  return states.tracks.filter((track) => track.node === node).map((track) => valueAt(states, track, at));
}

/** Returns the last change of any node's state before a time, or the first one after it; `undefined` if there is none. */
export function nextChange(
  states: StateColumns,
  { at, direction, node }: {
    readonly at: number;
    readonly direction: "forward" | "backward";
    /** The node whose changes count. Default: all nodes. */
    readonly node?: number;
  },
): number | undefined {
  const times = states.tracks.filter((track) => node === undefined || track.node === node).flatMap(
    (track) => {
      const time = direction === "forward"
        ? track.at[lastAt(track.at, at) + 1]
        : track.at[firstFrom(track.at, at) - 1];
      return time === undefined ? [] : [time];
    },
  );
  if (times.length === 0) return undefined;
  return direction === "forward" ? Math.min(...times) : Math.max(...times);
}

function valueAt({ values }: StateColumns, { name, at: times, value }: StateTrack, at: number): StateValue {
  const last = lastAt(times, at);
  return {
    name,
    value: values[value[last] ?? -1],
    previous: values[value[last - 1] ?? -1],
    since: times[last] ?? -Infinity,
  };
}

/** Returns the position of the last time that is not later than `at`, or -1. */
function lastAt(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Returns the position of the first time that is not earlier than `at`, or the number of times. */
function firstFrom(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
