/** The moment that all views of a run show. Tested by `tests/bench/report/cursor_test.ts`. */

/** A position in time, in µs. Notifies its subscribers of moves. */
export class Cursor {
  readonly min: number;
  readonly max: number;
  #time: number;
  readonly #listeners: (() => void)[] = [];

  constructor(min: number, max: number, time = min) {
    this.min = min;
    this.max = Math.max(min, max);
    this.#time = Math.min(this.max, Math.max(min, time));
  }

  get time(): number {
    return this.#time;
  }

  /** Calls `moved` after every move. */
  onMove(moved: () => void): void {
    this.#listeners.push(moved);
  }

  /** Moves to a time, limited to the run. */
  moveTo(time: number): void {
    const to = Math.min(this.max, Math.max(this.min, time));
    if (to === this.#time) return;
    this.#time = to;
    for (const moved of this.#listeners) moved();
  }
}

/** Returns sorted times without duplicates. */
export function sortedTimes(times: Iterable<number>): Float64Array {
  const sorted = Float64Array.from(times).sort();
  return sorted.filter((time, i) => i === 0 || time !== sorted[i - 1]);
}

/** Returns the number of sorted times that are at most `time`. */
export function countUntil(times: ArrayLike<number>, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the next or the previous of sorted distinct times; undefined at the end. */
export function stepFrom(times: ArrayLike<number>, time: number, by: 1 | -1): number | undefined {
  const count = countUntil(times, time);
  if (by > 0) return times[count];
  const last = count - 1;
  return times[last] === time ? times[last - 1] : times[last];
}
