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

Deno.test("shards of different explorations are refused", () => {
  const other = shardOf(2, 20, { args: ["-w", "lin-kv", "--seed", "2"] });
  assertThrows(() => joinExplorations([shardOf(1, 10), other]), BenchError, "different explorations");
});
