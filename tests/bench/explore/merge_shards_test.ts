/** The joined result of the shards of an exploration. */

import { assertEquals, assertThrows } from "@std/assert";
import { BenchError } from "../../../lib/bench/errors.ts";
import type { SavedExploration } from "../../../lib/bench/explore/frontier_file.ts";
import { joinedLines, joinExplorations } from "../../../lib/bench/explore/merge_shards.ts";
import { WHOLE_SEARCH } from "../../../lib/bench/explore/search.ts";

/** Returns a shard that ran one operation as a whole, and its part of two. */
function shardOf(index: number, schedules: number, more: Partial<SavedExploration> = {}): SavedExploration {
  return {
    args: ["-w", "lin-kv", "--shard", `${index}/2`, "--jobs", String(index)],
    workload: "lin-kv",
    operations: 2,
    operationsMax: 2,
    stages: [{ operations: 1, schedules: 5, pruned: 0, depth: 3, exhausted: true, seconds: 1 }],
    frontier: {
      parts: [],
      done: { schedules, pruned: 1, depth: 3 + index, exhausted: true, hasSucceeded: true },
      isDivided: true,
    },
    shard: { index, total: 2 },
    hasFailed: false,
    ...more,
  };
}

Deno.test("the schedules of all shards add up, and those that every shard ran count once", () => {
  const joined = joinExplorations([shardOf(1, 10), shardOf(2, 20)]);
  assertEquals([joined.valid, joined.missing, joined.incomplete], [true, [], []]);
  assertEquals(joined.stages.map(({ schedules, exhausted }) => [schedules, exhausted]), [[5, true], [
    30,
    true,
  ]]);
  assertEquals(joinedLines(joined)[1], "2 operations: all 30 schedules and 2 pruned (at most 5 steps)");
});

Deno.test("a missing shard or one with parts left makes the result unknown", () => {
  const missing = joinExplorations([shardOf(2, 20)]);
  assertEquals([missing.valid, missing.missing, missing.stages[1]?.exhausted], ["unknown", [1], false]);
  const { frontier } = shardOf(1, 10);
  const left = joinExplorations([
    shardOf(1, 10, { frontier: { ...frontier, parts: [WHOLE_SEARCH] } }),
    shardOf(2, 20),
  ]);
  assertEquals([left.valid, left.incomplete, left.stages[1]?.exhausted], ["unknown", [1], false]);
});

Deno.test("a failing schedule in one shard makes the result invalid", () => {
  assertEquals(joinExplorations([shardOf(1, 10, { hasFailed: true }), shardOf(2, 20)]).valid, false);
});

/** Returns a shard that ran random schedules. */
function sampledShard(index: number, schedules: number): SavedExploration {
  const done = { schedules, pruned: 0, depth: 3, exhausted: false, hasSucceeded: true, probability: 0.5 };
  return shardOf(index, 0, {
    args: ["-w", "lin-kv", "--shard", `${index}/2`, "--sample", "200"],
    stages: [],
    frontier: { parts: [], done, isDivided: false },
    sample: { schedules: 100, depth: 2 },
  });
}

Deno.test("a sample that all shards ran is valid, and its guarantee is that of all schedules", () => {
  const joined = joinExplorations([sampledShard(1, 100), sampledShard(2, 100)]);
  assertEquals([joined.valid, joined.stages[0]?.probability], [true, 0.75]);
  assertEquals(joinedLines(joined), [
    "2 operations: 200 random schedules. A failure of depth 2 is found with a probability of at least 75.0 % (at most 3 steps)",
  ]);
  const late = joinExplorations([sampledShard(1, 100), sampledShard(2, 60)]);
  assertEquals([late.valid, late.incomplete], ["unknown", [2]]);
});

Deno.test("shards of different explorations are refused", () => {
  const other = shardOf(2, 20, { args: ["-w", "lin-kv", "--seed", "2"] });
  assertThrows(() => joinExplorations([shardOf(1, 10), other]), BenchError, "different explorations");
});
