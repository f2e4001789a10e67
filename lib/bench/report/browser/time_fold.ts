/**
 * A monotone mapping between time and position in which idle stretches are short.
 *
 * Tested by `tests/bench/report/time_fold_test.ts`.
 */

import { countUntil } from "./cursor.ts";

/** An idle stretch, in µs. */
export type Stretch = readonly [from: number, to: number];

/** Maps times to positions and back. Outside of idle stretches, positions advance as time does. */
export class TimeFold {
  /** The stretches that are folded, in order. */
  readonly stretches: readonly Stretch[];
  /** Times at which the rate changes, and their positions. */
  readonly #times: Float64Array;
  readonly #positions: Float64Array;

  /** `length` is the length of a folded stretch. Shorter stretches are ignored. */
  constructor(stretches: readonly Stretch[] = [], length = 0) {
    const folded: Stretch[] = [];
    for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
      if (to - from > length && from >= (folded.at(-1)?.[1] ?? -Infinity)) folded.push([from, to]);
    }
    this.stretches = folded;
    this.#times = Float64Array.from(folded.flat());
    this.#positions = new Float64Array(this.#times.length);
    let saved = 0;
    for (const [i, [from, to]] of folded.entries()) {
      this.#positions[2 * i] = from - saved;
      saved += to - from - length;
      this.#positions[2 * i + 1] = to - saved;
    }
  }

  /** Returns the position of a time. */
  positionOf(time: number): number {
    return mapPiecewise(this.#times, this.#positions, time);
  }

  /** Returns the time at a position. */
  timeOf(position: number): number {
    return mapPiecewise(this.#positions, this.#times, position);
  }
}

/** Maps a value by sorted points; with slope 1 outside of them. */
export function mapPiecewise(from: Float64Array, to: Float64Array, value: number): number {
  const after = countUntil(from, value);
  if (after === 0) return value + (to[0] ?? 0) - (from[0] ?? 0);
  const x1 = from[after - 1] ?? 0;
  const y1 = to[after - 1] ?? 0;
  if (after === from.length) return y1 + value - x1;
  const x2 = from[after] ?? x1;
  const y2 = to[after] ?? y1;
  return x2 === x1 ? y2 : y1 + (value - x1) / (x2 - x1) * (y2 - y1);
}

/** Smallest folded stretch, as a fraction of the time that remains. Shorter ones keep their length. */
export const IDLE_SHARE_MIN = 0.03;
/** Smallest folded stretch, in µs. */
export const IDLE_US_MIN = 10_000;
/** Maximum number of folded stretches. With more of them, the time axis would be all marks. */
export const FOLDS_MAX = 24;
/** Length of a folded stretch, as a fraction of the remaining time. */
export const FOLDED_SHARE = 0.03;

/** The events of a run, as columns in the order of time. */
export interface Activity {
  /** Times of single events. */
  readonly events: ArrayLike<number>;
  /** Intervals that are never idle, by their starts: messages in flight. */
  readonly begin: ArrayLike<number>;
  readonly end: ArrayLike<number>;
}

/** Returns the stretches of a run without any activity, unless they are shorter than {@linkcode IDLE_US_MIN}. */
export function idleStretches({ events, begin, end }: Activity, [min, max]: Stretch): Stretch[] {
  const idle: Stretch[] = [];
  let until = min;
  const add = (from: number, to: number) => {
    if (from - until >= IDLE_US_MIN) idle.push([until, from]);
    until = Math.max(until, to);
  };
  let row = 0;
  for (let i = 0; i < events.length; i++) {
    const time = events[i] ?? 0;
    for (; row < begin.length && (begin[row] ?? 0) <= time; row++) add(begin[row] ?? 0, end[row] ?? 0);
    add(time, time);
  }
  for (; row < begin.length; row++) add(begin[row] ?? 0, end[row] ?? 0);
  add(max, max);
  return idle;
}

/**
 * Returns those stretches that are long compared with the rest of the run. Each fold makes the rest shorter, so that a
 * run of a few operations folds all of its idle time, and a run with a steady rate folds none.
 */
export function longStretches(idle: readonly Stretch[], [min, max]: Stretch): readonly Stretch[] {
  let folded: readonly Stretch[] = [];
  for (;;) {
    const rest = folded.reduce((sum, [from, to]) => sum - (to - from), max - min);
    const longer = idle.filter(([from, to]) => to - from > rest * IDLE_SHARE_MIN);
    if (longer.length > FOLDS_MAX || longer.length === folded.length) return folded;
    folded = longer;
  }
}

/** Returns a fold of the long ones of the given stretches. A margin on both sides of an event stays unfolded. */
export function foldStretches(idle: readonly Stretch[], whole: Stretch): TimeFold {
  const long = longStretches(idle, whole);
  const rest = long.reduce((sum, [from, to]) => sum - (to - from), whole[1] - whole[0]);
  const length = Math.max(50, Math.min(rest * FOLDED_SHARE, rest / 2 / Math.max(1, long.length)));
  const inner = long.map(([from, to]): Stretch => [from + length / 4, to - length / 4]);
  return new TimeFold(inner.filter(([from, to]) => to - from > 2 * length), length);
}
