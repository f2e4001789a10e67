/**
 * Makes a failing run smaller while it still fails in the same way: delta debugging (Zeller and Hildebrandt, "Simplifying
 * and isolating failure-inducing input", IEEE TSE 2002) over the choices that were made in it.
 *
 * Tested by `tests/bench/sweep/shrink_test.ts`.
 */

import type { ScheduledCase } from "./case.ts";
import type { ScheduledFault } from "../nemesis/nemesis.ts";
import type { Schedule } from "../run/schedule.ts";

/** The variable parts of a case. */
export type Shrinkable = Pick<ScheduledCase, "test" | "schedule">;

/** Returns true if a candidate still fails in the same way. */
export type StillFails = (candidate: Shrinkable) => Promise<boolean>;

/** Limits and callbacks of shrinking. */
export interface ShrinkOptions {
  /** The maximum number of candidates. */
  readonly triesMax: number;
  /** The number of operations after the recovery that stay at least: some failures mean nothing without them. Default: 0. */
  readonly finalsMin?: number;
  /** Ends the shrinking once it returns true. */
  readonly stopped?: () => boolean;
  readonly progress?: (tries: number, smallest: Shrinkable) => void;
}

/** The smallest case found, and the number of candidates tried. */
export async function shrink(
  initial: Shrinkable,
  stillFails: StillFails,
  options: ShrinkOptions,
): Promise<{ readonly smallest: Shrinkable; readonly tries: number }> {
  let smallest = initial;
  let tries = 0;
  const attempt = async (candidate: Shrinkable): Promise<boolean> => {
    if (tries >= options.triesMax || options.stopped?.()) return false;
    tries++;
    const fails = await stillFails(candidate);
    if (fails) smallest = candidate;
    options.progress?.(tries, smallest);
    return fails;
  };
  const list = <T>(
    get: (schedule: Schedule) => readonly T[],
    set: (schedule: Schedule, kept: readonly T[]) => Schedule,
    keptMin = 0,
  ) =>
    minimize(
      get(smallest.schedule),
      async (kept) =>
        kept.length >= keptMin && await attempt({ ...smallest, schedule: set(smallest.schedule, kept) }),
    );
  const firstOf = async (change: (current: Shrinkable) => Iterable<Shrinkable>) => {
    for (const candidate of change(smallest)) if (await attempt(candidate)) break;
  };

  for (let before = -1; before !== size(smallest) && tries < options.triesMax && !options.stopped?.();) {
    before = size(smallest);
    // Each later attempt takes less time without final operations, and on fewer nodes.
    await list(
      (schedule) => schedule.finalOperations,
      (schedule, finalOperations) => ({ ...schedule, finalOperations }),
      options.finalsMin,
    );
    await list((schedule) => schedule.faults, (schedule, faults) => ({ ...schedule, faults }));
    await firstOf(removeNodes);
    await list((schedule) => schedule.operations, (schedule, operations) => ({ ...schedule, operations }));
    await shortenTime(smallest, attempt);
    for (const change of [shortenFaults, beginEarlier, lowerLatency]) await firstOf(change);
  }
  const kinds = new Set(smallest.schedule.faults.map(({ kind }) => kind));
  const faults = smallest.test.faults.filter((kind) => kinds.has(kind));
  return { smallest: { ...smallest, test: { ...smallest.test, faults } }, tries };
}

/** Returns the size of a case, which shrinking minimizes. */
export function size({ test, schedule }: Shrinkable): number {
  const faultsMs = schedule.faults.reduce((sum, fault) => sum + endOf(fault, test) - fault.fromMs, 0);
  return schedule.operations.length + schedule.finalOperations.length + 10 * schedule.faults.length +
    5 * test.nodes.length +
    faultsMs / 1000 + test.latency.meanMs / 10 + test.timeLimitS;
}

/** Returns the end of a fault: that of the main phase, unless the fault has its own. */
function endOf({ toMs }: ScheduledFault, { timeLimitS }: Shrinkable["test"]): number {
  return toMs ?? timeLimitS * 1000;
}

/** Removes parts of a list, larger ones first, as long as `attempt` accepts the rest. */
async function minimize<T>(
  items: readonly T[],
  attempt: (kept: readonly T[]) => Promise<boolean>,
): Promise<void> {
  if (items.length === 0 || await attempt([])) return;
  let kept = items;
  for (let chunk = Math.ceil(kept.length / 2); chunk >= 1;) {
    let dropped = false;
    for (let from = 0; from < kept.length;) {
      const candidate = [...kept.slice(0, from), ...kept.slice(from + chunk)];
      if (candidate.length < kept.length && candidate.length > 0 && await attempt(candidate)) {
        kept = candidate;
        dropped = true;
      } else from += chunk;
    }
    if (chunk === 1 && !dropped) break;
    if (!dropped || chunk > kept.length) chunk = Math.max(1, Math.min(Math.floor(chunk / 2), kept.length));
    if (kept.length <= 1) break;
  }
}

/** Ends the main phase as early as possible. */
async function shortenTime(current: Shrinkable, attempt: StillFails): Promise<void> {
  const { test, schedule } = current;
  const lastMs = Math.max(
    0,
    ...schedule.operations.map(({ atMs }) => atMs),
    ...schedule.faults.map(({ fromMs, toMs }) => toMs ?? fromMs),
  );
  for (
    const timeLimitS of [Math.ceil(lastMs / 1000) || 1, Math.ceil(lastMs / 1000) + 1, test.timeLimitS / 2]
  ) {
    if (timeLimitS < test.timeLimitS && await attempt({ schedule, test: { ...test, timeLimitS } })) return;
  }
}

/** Runs with fewer nodes. The remaining nodes take over the threads. */
function* removeNodes({ test, schedule }: Shrinkable): Generator<Shrinkable> {
  for (let count = 1; count < test.nodes.length; count++) {
    yield { schedule, test: { ...test, nodes: test.nodes.slice(0, count) } };
  }
}

/** Halves the duration of each fault, by its end or its start. */
function* shortenFaults({ test, schedule }: Shrinkable): Generator<Shrinkable> {
  for (const [i, fault] of schedule.faults.entries()) {
    const toMs = endOf(fault, test);
    const middle = Math.round((fault.fromMs + toMs) / 2);
    if (toMs - fault.fromMs < 2) continue;
    const replace = (changed: ScheduledFault) => ({
      test,
      schedule: { ...schedule, faults: schedule.faults.map((each, j) => i === j ? changed : each) },
    });
    yield replace({ ...fault, toMs: middle });
    yield replace({ ...fault, fromMs: middle });
  }
}

/** Starts everything as early as possible, and ends the test earlier by the same time. */
function* beginEarlier({ test, schedule }: Shrinkable): Generator<Shrinkable> {
  const times = [
    ...schedule.operations.map(({ atMs }) => atMs),
    ...schedule.faults.map(({ fromMs }) => fromMs),
  ];
  const byMs = Math.floor(Math.min(...times) / 1000) * 1000;
  if (!(byMs > 0) || !Number.isFinite(byMs)) return;
  yield {
    test: { ...test, timeLimitS: Math.max(1, test.timeLimitS - byMs / 1000) },
    schedule: {
      ...schedule,
      operations: schedule.operations.map((each) => ({ ...each, atMs: each.atMs - byMs })),
      faults: schedule.faults.map((each) => ({
        ...each,
        fromMs: each.fromMs - byMs,
        toMs: each.toMs === null ? null : each.toMs - byMs,
      })),
    },
  };
}

/** Tries without latency, then with half of it. */
function* lowerLatency({ test, schedule }: Shrinkable): Generator<Shrinkable> {
  const { meanMs } = test.latency;
  if (meanMs === 0) return;
  for (const lower of [0, Math.floor(meanMs / 2)]) {
    yield { schedule, test: { ...test, latency: { dist: "constant", meanMs: lower }, latencyMs: lower } };
  }
}
