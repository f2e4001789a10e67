/**
 * Finds the moment from which a failure was inevitable: the rest of the run is drawn again many times from several moments, and the
 * share of these futures that fail is compared.
 *
 * A future keeps the operations of the clients, with their times, and everything before its moment. After the moment, it draws
 * again: latencies, losses, faults of the run's kinds, and the random numbers of the nodes.
 *
 * Tested by `tests/bench/replay/inevitability_test.ts`.
 */

/** The futures drawn from one moment. */
export interface Futures {
  /** The moment, in ms since the start of the test. */
  readonly atMs: number;
  readonly count: number;
  readonly failed: number;
}

/** Two neighboring moments between which the share of failing futures grows. */
export interface Jump {
  readonly before: Futures;
  readonly after: Futures;
}

/** The share of failing futures by moment. */
export interface Inevitability {
  /** In order of time. */
  readonly moments: readonly Futures[];
  /** In order of time; empty if the share grows only slowly. */
  readonly jumps: readonly Jump[];
}

/** Draws `count` futures from a moment, and returns the number of those that fail. */
export type DrawFutures = (atMs: number, count: number) => Promise<number>;

/** The number of moments that are tried first. */
const GRID = 12;
/** The part of the futures that the search draws per moment; the moments of a jump get all. */
const SEARCH_PART = 4;
/** The increase of the share that counts as a jump. */
const JUMP_MIN = 0.3;

/** Searches for jumps among the times of a run's events, which are in order. `count` is the number of futures per moment. */
export async function findInevitability(
  times: readonly number[],
  { count, draw }: { readonly count: number; readonly draw: DrawFutures },
): Promise<Inevitability> {
  const known = new Map<number, Futures>(); // by index
  const futures = async (index: number, atLeast: number): Promise<Futures> => {
    const atMs = times[index] ?? 0;
    const before = known.get(index) ?? { atMs, count: 0, failed: 0 };
    const missing = atLeast - before.count;
    if (missing <= 0) return before;
    const more = { atMs, count: atLeast, failed: before.failed + await draw(atMs, missing) };
    known.set(index, more);
    return more;
  };
  const few = Math.max(1, Math.ceil(count / SEARCH_PART));
  const last = times.length - 1;
  const grid = [...new Set(Array.from({ length: GRID }, (_, i) => Math.round(i * last / (GRID - 1))))];
  for (const index of grid) await futures(index, few);
  const found: [number, number][] = [];
  for (const [i, start] of grid.slice(0, -1).entries()) {
    let low = start;
    let high = grid[i + 1] ?? start;
    const steep = async () =>
      shareOf(await futures(high, few)) - shareOf(await futures(low, few)) >= JUMP_MIN;
    if (!await steep()) continue;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const share = shareOf(await futures(middle, few));
      const isLater = shareOf(await futures(high, few)) - share >= share - shareOf(await futures(low, few));
      if (isLater) low = middle;
      else high = middle;
    }
    if (await steep()) found.push([low, high]);
  }
  const jumps: Jump[] = [];
  for (const [low, high] of found) {
    const jump = { before: await futures(low, count), after: await futures(high, count) };
    if (shareOf(jump.after) - shareOf(jump.before) >= JUMP_MIN) jumps.push(jump);
  }
  return { moments: [...known].sort(([a], [b]) => a - b).map(([, each]) => each), jumps };
}

/** Returns the share of the futures that fail, from 0 to 1. */
export function shareOf({ failed, count }: Futures): number {
  return count === 0 ? 0 : failed / count;
}
