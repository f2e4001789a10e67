import { assertEquals } from "@std/assert";
import type { RunWithResult } from "../../../lib/bench/grade/grade.ts";
import { measure } from "../../../lib/bench/grade/measure_again.ts";

/** Returns the number of measurements, and the largest latency of the one that counts. */
async function measured(longest: readonly number[], load: number, valid: RunWithResult["valid"] = true) {
  let count = 0;
  const { run } = await measure(() => {
    const result = { valid, workload: { "stable-latencies": { "0.5": 100, "1": longest[count++] ?? 0 } } };
    return Promise.resolve({
      run: { arguments: [], nodeArguments: [], valid, store: null, seconds: 1, result },
    });
  }, { bounds: { maxMs: 600, msgsPerOp: 1 }, loadPerCpu: () => load });
  return [count, JSON.stringify(run.result).includes(`"1":${longest[count - 1]}`)];
}

Deno.test("a latency over its bound is measured again on a busy machine, at most three times", async () => {
  assertEquals(await measured([700, 500], 2), [2, true]);
  assertEquals(await measured([700, 800, 900, 100], 2), [3, true]);
  assertEquals(await measured([500], 2), [1, true]);
});

Deno.test("a measurement of a quiet machine counts, and so does a run that is not valid", async () => {
  assertEquals(await measured([700, 500], 0.5), [1, true]);
  assertEquals(await measured([700, 500], 2, false), [1, true]);
});
