/** Finds the states of nodes at a time. Tested by `tests/bench/report/states_test.ts`. */

import type { LogColumns, StateColumns, StateTrack } from "../data/report_data.ts";

/** The name of the part that is the last line of a node's log. */
export const LOG_PART = "log";

/** Returns the states with the last line of each node's log as one more part; `null` if there is neither. */
export function withLogLines(states: StateColumns | null, logs: LogColumns | null): StateColumns | null {
  if (logs === null || logs.at.length === 0) return states;
  const values = [...states?.values ?? []];
  const tracks = new Map<number, { readonly at: number[]; readonly value: number[] }>();
  for (let line = 0; line < logs.at.length; line++) {
    const node = logs.node[line] ?? 0;
    let track = tracks.get(node);
    if (track === undefined) tracks.set(node, track = { at: [], value: [] });
    track.at.push(logs.at[line] ?? 0);
    track.value.push(values.push(JSON.stringify(logs.text[line] ?? "")) - 1);
  }
  return {
    values,
    tracks: [
      ...states?.tracks ?? [],
      ...Array.from(tracks, ([node, track]): StateTrack => ({ node, name: LOG_PART, ...track })),
    ],
    leftOut: states?.leftOut ?? logs.leftOut,
  };
}

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

/** Returns the parts of a node's state at a time, in the order of registration. Takes logarithmic time per part. */
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

/** Returns the value of a part at a time. */
export function valueAt(
  { values }: StateColumns,
  { name, at: times, value }: StateTrack,
  at: number,
): StateValue {
  const last = lastAt(times, at);
  return {
    name,
    value: values[value[last] ?? -1],
    previous: values[value[last - 1] ?? -1],
    since: times[last] ?? -Infinity,
  };
}

/** Returns the position of the last time that is not later than `at`, or -1. */
export function lastAt(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Returns the position of the first time that is not earlier than `at`, or the number of times. */
export function firstFrom(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Maximum length of a value in the picture. */
export const STATE_TEXT_MAX = 22;

/** Returns the tracks of each node. */
export function tracksByNode({ tracks }: StateColumns, nodes: number): readonly (readonly StateTrack[])[] {
  const byNode: StateTrack[][] = Array.from({ length: nodes }, () => []);
  for (const track of tracks) byNode[track.node]?.push(track);
  return byNode;
}

/** Returns the names of all parts, in the order in which nodes have them. */
export function partNames({ tracks }: StateColumns): string[] {
  return [...new Set(tracks.map(({ name }) => name))];
}

/** Returns JSON as a short text: a string without its quotes, and at most `max` characters. */
export function stateText(json: string, max: number = STATE_TEXT_MAX): string {
  const text = /^"[^"\\]*"$/.test(json) ? json.slice(1, -1) : json;
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

/** The smallest room of a listed part, in characters: for three of its name and of its value. */
export const LISTED_ROOM_MIN = 7;
/** Maximum number of characters of a listed value. */
export const LISTED_VALUE_MAX = 14;

/** Returns a part as a text of at most `room` characters. The name is shortened first, down to three characters. */
export function listedText(name: string, json: string, room: number): string {
  const value = stateText(json, Math.min(LISTED_VALUE_MAX, Math.max(LISTED_ROOM_MIN, room) - 4));
  return `${stateText(name, Math.max(3, room - value.length - 1))} ${value}`;
}

/** Maximum length of the values of a part that can stand for its node. */
export const SINGLE_TEXT_MAX = 9;

/** Returns the name of the part that changes most often, among those with short values. */
export function busiestPart(states: StateColumns): string | undefined {
  const counts = new Map<string, number>();
  const long = new Set<string>();
  for (const { name, at, value } of states.tracks) {
    counts.set(name, (counts.get(name) ?? 0) + at.length);
    if (value.some((each) => (states.values[each]?.length ?? 0) > SINGLE_TEXT_MAX)) long.add(name);
  }
  for (const name of long) counts.delete(name);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** Returns the names of the parts that are listed next to nodes: those that lead, and those that change most often. */
export function listedParts(states: StateColumns, max: number): ReadonlySet<string> {
  const leading = new Set<number>(states.values.flatMap((value, i) => isLeading(value) ? [i] : []));
  const counts = new Map<string, number>();
  for (const { name, at, value } of states.tracks) {
    const leads = value.some((each) => leading.has(each));
    counts.set(name, (counts.get(name) ?? 0) + (leads ? Infinity : at.length));
  }
  return new Set([...counts].sort((a, b) => b[1] - a[1]).slice(0, max).map(([name]) => name));
}

/** True if a value says that its node leads. */
export function isLeading(json: string): boolean {
  return json === '"leader"';
}
