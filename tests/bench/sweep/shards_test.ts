import { assertEquals, assertThrows } from "@std/assert";
import { parseShard, seedsOf, shareOf } from "../../../lib/bench/sweep/shards.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";

const env = (values: Readonly<Record<string, string>>) => (name: string) => values[name];

Deno.test("the shards of a sweep hold each seed once", () => {
  for (const total of [1, 3, 7]) {
    const shards = Array.from(
      { length: total },
      (_, i) => [...seedsOf({ from: 5, to: 20 }, { index: i + 1, total })],
    );
    assertEquals(shards.flat().sort((a, b) => a - b), Array.from({ length: 16 }, (_, i) => i + 5));
  }
});

Deno.test("the shards of random schedules hold each number once", () => {
  for (const [count, total] of [[10, 3], [2, 5], [1000, 1]] as const) {
    const shares = Array.from({ length: total }, (_, i) => shareOf(count, { index: i + 1, total }));
    const numbers = shares.flatMap(({ first, schedules }) =>
      Array.from({ length: schedules }, (_, i) => first + i)
    );
    assertEquals(numbers, Array.from({ length: count }, (_, i) => i));
  }
});

Deno.test("auto takes the index that the engine sets, counted from 1", () => {
  assertEquals(parseShard("auto", env({ CI_NODE_INDEX: "2", CI_NODE_TOTAL: "4" })), { index: 2, total: 4 });
  assertEquals(parseShard("auto", env({ JOB_COMPLETION_INDEX: "0", JOB_COMPLETIONS: "8" })), {
    index: 1,
    total: 8,
  });
  const slurm = { SLURM_ARRAY_TASK_ID: "12", SLURM_ARRAY_TASK_COUNT: "5", SLURM_ARRAY_TASK_MIN: "10" };
  assertEquals(parseShard("auto", env(slurm)), { index: 3, total: 5 });
  assertEquals(parseShard("auto/9", env({ CI_NODE_INDEX: "2" })), { index: 2, total: 9 });
});

Deno.test("a shard that does not exist is refused", () => {
  for (const given of ["", "3", "0/4", "5/4", "1/0", "x/4", "auto"]) {
    assertThrows(() => parseShard(given, env({})), ArgumentError, "--shard");
  }
});
