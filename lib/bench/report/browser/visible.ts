/**
 * Selects which of many items in time are drawn: all if they fit, else a few per pixel column.
 *
 * Tested by `tests/bench/report/visible_test.ts`.
 */

/** Items and the window on them. */
export interface Scene {
  /** Rows in the order of their start times. */
  readonly rows: readonly number[];
  readonly begin: (row: number) => number;
  readonly end: (row: number) => number;
  /** Longest duration of an item. */
  readonly spanMax: number;
  /** True if a row is drawn before others. */
  readonly preferred: (row: number) => boolean;
  readonly from: number;
  readonly to: number;
  /** Returns the place of a time in the window, from 0 to 1. */
  readonly partOf: (time: number) => number;
  /** Width of the window, in pixel columns. */
  readonly width: number;
}

/** The selection to draw. */
export interface VisibleRows {
  readonly rows: readonly number[];
  /** Number of items in the window. */
  readonly total: number;
  /** Number of items that start in each pixel column; empty unless some are not drawn. */
  readonly density: readonly number[];
}

/** Maximum number of items per pixel column, including its density mark. */
export const PER_COLUMN_MAX = 4;

/** Selects the items to draw: never more than {@linkcode PER_COLUMN_MAX} per pixel column of the window. */
export function chooseVisible(scene: Scene): VisibleRows {
  const { rows, begin, end, from, to, preferred } = scene;
  const width = Math.max(1, Math.floor(scene.width));
  const inside: number[] = [];
  for (let i = firstAt(rows, from - scene.spanMax, begin); i < rows.length; i++) {
    const row = rows[i] ?? 0;
    if (begin(row) > to) break;
    if (end(row) >= from) inside.push(row);
  }
  const room = PER_COLUMN_MAX - 1;
  if (inside.length <= room * width) return { rows: inside, total: inside.length, density: [] };
  const density = new Array<number>(width).fill(0);
  const columnOf = (row: number) => {
    const time = begin(row) < from ? Math.min(end(row), to) : begin(row);
    return Math.min(width - 1, Math.max(0, Math.floor(scene.partOf(time) * width)));
  };
  const columns: number[][] = Array.from({ length: width }, () => []);
  for (const row of inside) {
    const column = columnOf(row);
    density[column] = (density[column] ?? 0) + 1;
    columns[column]?.push(row);
  }
  const chosen = new Set<number>();
  for (const all of columns) {
    const first = spread(all.filter(preferred), room);
    const others = spread(all.filter((row) => !preferred(row)), room - first.length);
    for (const row of [...first, ...others]) chosen.add(row);
  }
  return { rows: inside.filter((row) => chosen.has(row)), total: inside.length, density };
}

/** Returns at most `count` items, evenly spread, because the first ones alone would always show the same nodes. */
export function spread(rows: readonly number[], count: number): readonly number[] {
  if (rows.length <= count) return rows;
  return Array.from({ length: count }, (_, i) => rows[Math.floor((i + 0.5) * rows.length / count)] ?? 0);
}

/** Returns the position of the first row that starts at `time` or later. */
export function firstAt(rows: readonly number[], time: number, begin: (row: number) => number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (begin(rows[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns round times for an axis, about one per `spacing` pixels. */
export function ticksOf(from: number, to: number, count: number): number[] {
  const rough = (to - from) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough;
  const ticks: number[] = [];
  for (let time = Math.ceil(from / step) * step; time <= to && ticks.length < 200; time += step) {
    ticks.push(time);
  }
  return ticks;
}

/** Returns a time in µs as text, with the precision for `spanUs`. */
export function timeText(us: number, spanUs: number): string {
  const digits = spanUs > 20_000_000 ? 0 : spanUs > 1_000_000 ? 2 : spanUs > 50_000 ? 3 : 6;
  return `${(us / 1e6).toFixed(digits)} s`;
}
