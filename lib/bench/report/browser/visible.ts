/** Which of many things in time are drawn: all that fit, and where there are too many, a few in each pixel column. */

/** What there is, and through which window it is seen. */
export interface Scene {
  /** Rows in the order of their beginnings. */
  readonly rows: readonly number[];
  readonly begin: (row: number) => number;
  readonly end: (row: number) => number;
  /** The longest time from a beginning to its end. */
  readonly spanMax: number;
  /** Whether a row is drawn before others. */
  readonly preferred: (row: number) => boolean;
  readonly from: number;
  readonly to: number;
  /** The window's width, in pixel columns. */
  readonly width: number;
}

/** What is drawn of it. */
export interface Drawn {
  readonly rows: readonly number[];
  /** How many there are in the window. */
  readonly total: number;
  /** How many begin in each pixel column; empty unless some are not drawn. */
  readonly density: readonly number[];
}

/** How many things a pixel column may hold, its mark of density included. */
export const PER_COLUMN_MAX = 4;

/** Chooses what is drawn: never more than {@linkcode PER_COLUMN_MAX} things for each pixel column of the window. */
export function chooseVisible(scene: Scene): Drawn {
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
    return Math.min(width - 1, Math.max(0, Math.floor((time - from) / (to - from) * width)));
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

/** At most `count` of these, evenly spread: the first ones alone would show always the same nodes. */
export function spread(rows: readonly number[], count: number): readonly number[] {
  if (rows.length <= count) return rows;
  return Array.from({ length: count }, (_, i) => rows[Math.floor((i + 0.5) * rows.length / count)] ?? 0);
}

/** The position of the first row that begins at `time` or later. */
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

/** Round times for an axis: about one in `spacing` pixels. */
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

/** A time in µs as text, as exact as `spanUs` asks for. */
export function timeText(us: number, spanUs: number): string {
  const digits = spanUs > 20_000_000 ? 0 : spanUs > 1_000_000 ? 2 : spanUs > 50_000 ? 3 : 6;
  return `${(us / 1e6).toFixed(digits)} s`;
}
