import { STORE_FORMAT } from "../../../lib/bench/store/format.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ScheduledFault } from "../../../lib/bench/nemesis/nemesis.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { recordSchedule, type Schedule } from "../../../lib/bench/run/schedule.ts";
import { shrink, type Shrinkable, size } from "../../../lib/bench/replay/shrink.ts";
import { addCoverage, operationCoverage, untried } from "../../../lib/bench/run/coverage.ts";
import { mergeShards } from "../../../lib/bench/cli/merge.ts";
import { explicitOptions, randomizeOptions } from "../../../lib/bench/sweep/random_options.ts";
import { parseShard, seedsOf } from "../../../lib/bench/sweep/shards.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";
import { virtualRun } from "../support/virtual_run.ts";

const { test } = parseTest([
  "--virtual",
  "-w",
  "broadcast",
  "--node-count",
  "5",
  "--time-limit",
  "20",
  "--latency",
  "40",
]);

function schedule(count: number): Schedule {
  const faults: ScheduledFault[] = [1000, 5000, 9000].map((fromMs, index) => ({
    kind: "partition",
    index,
    fromMs,
    toMs: fromMs + 3000,
  }));
  return {
    operations: Array.from(
      { length: count },
      (_, i) => ({ f: "broadcast", value: i, thread: i % 5, atMs: 3000 + i * 100 }),
    ),
    finalOperations: Array.from(
      { length: 5 },
      (_, thread) => ({ f: "read", value: null, thread, final: true }),
    ),
    faults,
  };
}

Deno.test("shrinking keeps only what the failure needs", async () => {
  const needs = ({ schedule: { operations, finalOperations, faults } }: Shrinkable) =>
    operations.some(({ value }) => value === 17) && operations.some(({ value }) => value === 90) &&
    finalOperations.some(({ thread }) => thread === 3) && faults.some(({ index }) => index === 1);
  const { smallest, tries } = await shrink(
    { test, schedule: schedule(120) },
    (candidate) => Promise.resolve(needs(candidate)),
    { triesMax: 2000 },
  );
  assertEquals(smallest.schedule.operations.map(({ value }) => value), [17, 90]);
  assertEquals(smallest.schedule.finalOperations.map(({ thread }) => thread), [3]);
  assertEquals(smallest.schedule.faults.map(({ index }) => index), [1]);
  assertEquals([smallest.test.nodes.length, smallest.test.latency.meanMs], [1, 0]);
  assert(smallest.test.timeLimitS < 20 && tries < 400, `${tries} tries`);
});

Deno.test("attempts that make later ones shorter come first: no final operations, then fewer nodes", async () => {
  const candidates: Shrinkable[] = [];
  await shrink({ test, schedule: schedule(120) }, (candidate) => {
    candidates.push(candidate);
    return Promise.resolve(candidate.schedule.operations.length > 0);
  }, { triesMax: 100 });
  const firstOf = (isSmaller: (candidate: Shrinkable) => boolean) => candidates.findIndex(isSmaller);
  const finals = firstOf((each) => each.schedule.finalOperations.length === 0);
  const nodes = firstOf((each) => each.test.nodes.length < test.nodes.length);
  const operations = firstOf((each) => each.schedule.operations.length < 120);
  assertEquals(finals, 0);
  assert(nodes > finals && nodes < operations, `${nodes}, ${operations}`);
});

Deno.test("shrinking keeps a run that it cannot reduce, and stops after triesMax attempts", async () => {
  const initial = { test, schedule: schedule(40) };
  const none = await shrink(initial, () => Promise.resolve(false), { triesMax: 500 });
  assertEquals(none.smallest.schedule, initial.schedule);
  const bounded = await shrink(initial, () => Promise.resolve(true), { triesMax: 3 });
  assertEquals(bounded.tries, 3);
  assert(size(bounded.smallest) <= size(initial));
});

Deno.test("a run replayed from its schedule gives the same history", async () => {
  for (const seed of [1, 2, 3]) {
    const line =
      "-w broadcast --node-count 3 --rate 30 --time-limit 4 --latency 10 --nemesis partition,loss,pause --nemesis-interval 0.5";
    const { history, observations } = await virtualRun(line, { seed });
    const again = await virtualRun(line, {
      seed,
      schedule: recordSchedule(history, {
        concurrency: 3,
        timeLimitMs: 4000,
        faultSchedule: observations.faultSchedule,
      }),
    });
    // Times are recorded in whole nanoseconds, so they may differ by one.
    const told = (events: typeof history) =>
      events.map(({ process, type, f, value }) => [process, type, f, value]);
    assertEquals(told(again.history), told(history), `seed ${seed}`);
    const late = again.history.map(({ time }, i) => Math.abs(time - (history[i]?.time ?? 0)));
    assert(Math.max(...late) <= 2, `seed ${seed}: ${Math.max(...late)} ns`);
  }
});

Deno.test("a run without final operations does not wait for a recovery when it is replayed", async () => {
  const replayed = async (line: string, part: Partial<Schedule>) => {
    const { history, observations } = await virtualRun(line, { seed: 1 });
    const of = { concurrency: 2, timeLimitMs: 1000, faultSchedule: observations.faultSchedule };
    const again = await virtualRun(line, { seed: 1, schedule: { ...recordSchedule(history, of), ...part } });
    return [observations.virtualMs, again.observations.virtualMs];
  };
  const [once, again] = await replayed("-w unique-ids --node-count 2 --time-limit 1 --rate 20", {});
  assertEquals(once, again);
  const line = "-w broadcast --node-count 2 --time-limit 1 --rate 20";
  const [whole = 0, same] = await replayed(line, {});
  const [, without = 0] = await replayed(line, { finalOperations: [] });
  assertEquals(same, whole);
  assert(whole - without >= 10_000, `${whole} ms with, ${without} ms without`);
});

Deno.test("a fixed concurrency suits every drawn number of nodes", () => {
  const fixed = new Set(["concurrency"]);
  const linKv = { ...test, workload: "lin-kv", concurrency: 10 } as const;
  for (let seed = 0; seed < 60; seed++) {
    const scaled = randomizeOptions(linKv, { seed, fixed, concurrency: "2n" });
    assertEquals(scaled.concurrency, 2 * scaled.nodes.length);
    const kept = randomizeOptions(linKv, { seed, fixed, concurrency: "10" });
    assertEquals([kept.concurrency, kept.concurrency % (2 * kept.nodes.length)], [10, 0]);
  }
});

Deno.test("each seed draws all options that are not given explicitly", () => {
  const base = { ...test, faults: ["partition", "kill", "loss"] as const };
  const shapes = Array.from({ length: 60 }, (_, seed) => randomizeOptions(base, { seed, fixed: new Set() }));
  assert(new Set(shapes.map(({ nodes }) => nodes.length)).size >= 4);
  assert(new Set(shapes.map(({ faults }) => faults.join())).size >= 4);
  assertEquals(randomizeOptions(base, { seed: 5, fixed: new Set() }), shapes[5]);
  const fixed = explicitOptions(new Set(["workload", "rate", "nodeCount", "latency"]));
  for (let seed = 0; seed < 20; seed++) {
    const drawn = randomizeOptions({ ...base, rate: 7 }, { seed, fixed });
    assertEquals([drawn.rate, drawn.nodes.length, drawn.latency.meanMs], [7, 5, 40]);
    assertEquals(
      drawn.faults,
      randomizeOptions(base, { seed, fixed: new Set() }).faults,
      "fixing one moves no other",
    );
  }
});

Deno.test("shards of the seeds are disjoint and complete", () => {
  const range = { from: 10, to: 55 };
  const all = [1, 2, 3, 4].flatMap((index) => [...seedsOf(range, { index, total: 4 })]);
  assertEquals(all.sort((a, b) => a - b), Array.from({ length: 46 }, (_, i) => 10 + i));
});

Deno.test("a shard is given on the command line, or by the CI platform", () => {
  const env = (values: Record<string, string>) => (name: string) => values[name];
  assertEquals(parseShard("3/16", env({})), { index: 3, total: 16 });
  assertEquals(parseShard("auto", env({ CI_NODE_INDEX: "2", CI_NODE_TOTAL: "5" })), { index: 2, total: 5 });
  const slurm = { SLURM_ARRAY_TASK_ID: "12", SLURM_ARRAY_TASK_COUNT: "4", SLURM_ARRAY_TASK_MIN: "10" };
  assertEquals(parseShard("auto", env(slurm)), { index: 3, total: 4 });
  assertEquals(parseShard("auto/8", env({ JOB_COMPLETION_INDEX: "0" })), { index: 1, total: 8 });
  for (const wrong of ["0/4", "5/4", "x", "auto", "auto/4", "3"]) {
    assertThrows(() => parseShard(wrong, env({})), ArgumentError);
  }
  assertThrows(() => parseShard("auto/4", env({ CI_NODE_INDEX: "first" })), ArgumentError);
});

Deno.test("shards merge to the result of one sweep, and a missing shard is detected", () => {
  const coverage = { operations: { kill: { read: 2 } }, messages: {}, states: {} };
  const shard = (index: number, invalid: number[]) => ({
    format: STORE_FORMAT,
    charybdis: "0",
    workload: "broadcast" as const,
    faults: ["kill"],
    range: { from: 1, to: 9 },
    shard: { index, total: 3 },
    result: {
      seeds: 3,
      operations: 10,
      virtualMs: 1000,
      inconclusive: 0,
      outcomes: { read: { ok: index } },
      invalid,
      unknown: [],
      coverage,
    },
  });
  const { result, missingShards } = mergeShards([shard(3, [9]), shard(1, [1, 4]), shard(1, [1, 4])]);
  assertEquals(result.seeds, 6);
  assertEquals(result.invalid, [1, 4, 9]);
  assertEquals(result.coverage.operations, { kill: { read: 4 } });
  assertEquals(result.outcomes, { read: { ok: 4 } });
  assertEquals(missingShards, [2]);
  assertThrows(
    () => mergeShards([shard(1, []), { ...shard(2, []), workload: "echo" }]),
    Error,
    "different sweeps",
  );
});

Deno.test("coverage counts pairs of operations and faults, and names the untried ones", () => {
  const event = (time: number, type: "invoke" | "ok", f: string) => ({
    index: 0,
    time: time * 1e6,
    process: 1,
    type,
    f,
    value: null,
  });
  const schedule = [{ kind: "kill" as const, index: 0, fromMs: 100, toMs: 200 }];
  const history = [
    event(0, "invoke", "read"),
    event(50, "ok", "read"),
    event(90, "invoke", "write"),
    event(110, "ok", "write"),
  ];
  const operations = operationCoverage(history, schedule);
  assertEquals(operations, { kill: { write: 1 } });
  const coverage = addCoverage({ operations, messages: {}, states: {} }, {
    operations,
    messages: {},
    states: {},
  });
  assertEquals(coverage.operations, { kill: { write: 2 } });
  assertEquals(untried(coverage, { faults: ["kill", "loss"], operations: ["read", "write"] }), [
    "kill never met read",
    "loss never met read, write",
  ]);
});
