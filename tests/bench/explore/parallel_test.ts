/** Explorations on several workers: their counts, their ends, and what is left of them. */

import { assert, assertEquals } from "@std/assert";
import type { ExplorationOutcome, ExplorationSpec } from "../../../lib/bench/explore/exploration.ts";
import {
  type Frontier,
  NOTHING_DONE,
  type ParallelOptions,
  PARTS,
  runFrontier,
} from "../../../lib/bench/explore/parallel.ts";
import type { SearchPart } from "../../../lib/bench/explore/search.ts";
import { unjudged } from "../../../lib/bench/run/verdict.ts";
import type { JobResult } from "../../../lib/bench/worker/job.ts";

/** The number of schedules in a part of the model, by the number in its prefix. */
const SIZES = Array.from({ length: PARTS }, (_, i) => 1 + i % 5);
const TOTAL = SIZES.reduce((sum, size) => sum + size, 0);

function partOf(index: number, done = 0): SearchPart {
  return { prefix: [String(index), String(done)], sleep: [], frames: [], isCut: false };
}

/** Runs a part of the model: at most `executionsMax` schedules of those that are left in it. */
function outcomeOf({ divide, part, executionsMax = Infinity }: Partial<ExplorationSpec>): ExplorationOutcome {
  const none = { schedules: 0, pruned: 0, depth: 3, exhausted: false };
  if (divide !== undefined) return { ...none, parts: SIZES.map((_, i) => partOf(i)) };
  if (part === undefined || part.prefix.length === 0) {
    return { ...none, schedules: 1, rest: { prefix: [], sleep: [], frames: [], isCut: false } };
  }
  const [index = 0, done = 0] = part.prefix.map(Number);
  const left = (SIZES[index] ?? 0) - done;
  const schedules = Math.min(left, executionsMax, 2);
  return schedules === left
    ? { ...none, schedules, exhausted: true, hasSucceeded: true }
    : { ...none, schedules, rest: partOf(index, done + schedules) };
}

function options(
  given: Partial<ParallelOptions<number>> & { readonly stepsAt?: number } = {},
): ParallelOptions<number> {
  const { stepsAt, ...more } = given;
  return {
    workers: [0, 1],
    shard: { index: 1, total: 1 },
    executionsMax: 1e9,
    endsAt: performance.now() + 1e6,
    progress: () => {},
    run: (_worker, spec) => {
      const isFailing = stepsAt !== undefined && spec.part?.prefix[0] === String(stepsAt);
      const exploration = { ...outcomeOf(spec), ...(isFailing ? { steps: ["a"] } : {}) };
      return Promise.resolve({ ...RAN, exploration });
    },
    ...more,
  };
}

const RAN: JobResult = { result: unjudged(""), operations: 0, tookMs: 0, checkMs: 0, events: 0 };
const DIVIDED: Frontier = { ...NOTHING_DONE, isDivided: true, parts: SIZES.map((_, i) => partOf(i)) };

Deno.test("all parts are run to their ends, and their schedules are counted", async () => {
  const { frontier, failed } = await runFrontier(DIVIDED, options());
  assertEquals([frontier.done.schedules, frontier.done.exhausted, frontier.parts], [TOTAL, true, []]);
  assertEquals([frontier.done.hasSucceeded, failed], [true, undefined]);
});

Deno.test("shards have the parts of an exploration that takes long, each one once", async () => {
  let schedules = 0;
  for (const index of [1, 2, 3]) {
    // The first slice of the whole uses up the time in which an exploration is not divided.
    let timeMs = 0;
    const { frontier } = await runFrontier(NOTHING_DONE, {
      ...options(),
      endsAt: 1e9,
      now: () => timeMs,
      shard: { index, total: 3 },
      run: (_worker, spec) => {
        timeMs += spec.divide === undefined ? spec.timeLimitMs ?? 0 : 1;
        return Promise.resolve({ ...RAN, exploration: outcomeOf(spec) });
      },
    });
    assertEquals(frontier.isDivided, true);
    schedules += frontier.done.schedules;
  }
  assertEquals(schedules, TOTAL);
});

/** Returns the schedules that ran within a limit if the division takes all of its time, and true if its parts ran. */
async function runWithSlowDivision(limitMs: number, shards: number): Promise<[number, boolean]> {
  let timeMs = 0;
  const { frontier } = await runFrontier(NOTHING_DONE, {
    ...options(),
    endsAt: limitMs,
    now: () => timeMs,
    shard: { index: 1, total: shards },
    run: (_worker, spec) => {
      timeMs += spec.divide !== undefined || spec.part?.prefix.length === 0 ? spec.timeLimitMs ?? 0 : 1;
      return Promise.resolve({ ...RAN, exploration: outcomeOf(spec) });
    },
  });
  return [frontier.done.schedules, frontier.isDivided];
}

Deno.test("a division that takes long leaves half of the time for its parts", async () => {
  assertEquals(await runWithSlowDivision(10_000, 1), [TOTAL, true]);
});

Deno.test("a shard that cannot be divided in time keeps the schedules that ran before", async () => {
  assertEquals(await runWithSlowDivision(10_000, 2), [1, false]);
});

Deno.test("a limit of executions is kept, and a later run does the rest", async () => {
  const first = await runFrontier(DIVIDED, options({ executionsMax: 100 }));
  assertEquals(first.frontier.done.schedules, 100);
  assert(first.frontier.parts.length > 0);
  const stored: Frontier = JSON.parse(JSON.stringify(first.frontier));
  const { frontier } = await runFrontier(stored, options());
  assertEquals([frontier.done.schedules, frontier.done.exhausted, frontier.parts], [TOTAL, true, []]);
});

Deno.test("a failing schedule ends the exploration", async () => {
  const { frontier, failed } = await runFrontier(DIVIDED, options({ stepsAt: 20 }));
  assertEquals(failed?.ran.exploration?.steps, ["a"]);
  assert(frontier.done.schedules < TOTAL / 2);
});

Deno.test("an interruption loses no part", async () => {
  let runs = 0;
  const { run } = options();
  const interrupted = await runFrontier(DIVIDED, {
    ...options(),
    run: (worker, spec) => ++runs > 30 ? Promise.resolve(undefined) : run(worker, spec),
  });
  const { frontier } = await runFrontier(interrupted.frontier, options());
  assertEquals([frontier.done.schedules, frontier.done.exhausted], [TOTAL, true]);
});
