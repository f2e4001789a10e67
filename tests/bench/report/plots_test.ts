import { assert, assertEquals } from "@std/assert";
import {
  isolatedPoints,
  latencyPoints,
  latencyQuantiles,
  type PlottedRun,
  rates,
} from "../../../lib/bench/report/browser/plots.ts";

/** Returns a run of successful operations that begin at `beginMs` and take 2 ms each. */
function run(...beginMs: number[]): PlottedRun {
  const begin = beginMs.map((ms) => ms * 1000);
  const end = begin.map((us) => us + 2000);
  return { beginUs: 0, endUs: Math.max(...end), operations: { begin, end, outcome: begin.map(() => 0) } };
}

const every10Ms = (count: number) => Array.from({ length: count }, (_, i) => 10 * i);

Deno.test("a plot of few operations has spans of several operations, so that lines join them", () => {
  for (const count of [8, 24, 50, 300, 5000]) {
    const data = run(...every10Ms(count));
    const [times = [], ok = []] = rates(data).data;
    assert(times.length <= 100);
    assertEquals(ok.filter((value) => value === null), [], `${count} operations`);
    const [, median = []] = latencyQuantiles(data).data;
    assertEquals(new Set(median), new Set([2]), `${count} operations`);
  }
});

Deno.test("spans without operations have no line, and what is alone between them is a point", () => {
  const [, ok = []] = rates(run(...every10Ms(40), 2000)).data;
  assertEquals(isolatedPoints({ data: [[], ok] }, 1), [ok.length - 1]);
  assertEquals(isolatedPoints({ data: [[], [1, null, 2, 3, null, 4, undefined, 5, 6]] }, 1), [0, 5]);
  assertEquals(isolatedPoints({ data: [[]] }, 1), []);
});

Deno.test("single latencies are those of operations with an end, by outcome", () => {
  const data = run(0, 10, 20);
  const operations = { begin: data.operations.begin, end: [2000, -1, 25_000], outcome: [0, 2, 1] };
  assertEquals(latencyPoints({ ...data, operations }).data, [[0, 0.02], [2, null], [null, 5], [null, null]]);
});
