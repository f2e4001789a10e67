import { assert, assertEquals } from "@std/assert";
import { type Load, measure, quantile } from "./support/load.ts";
import { sliceOf, soaking } from "../../seeds.ts";

const HOP_MS = 100;
const LOAD: Load = {
  engine: "epaxos",
  nodes: 5,
  latencyMs: HOP_MS,
  rate: 100,
  conflicts: 1,
  durationMs: soaking ? 8000 : 3000,
};

/** Returns the median of each node, in hops. Every write must be answered. */
function medians(load: Partial<Load>): number[] {
  const { latencies, submitted, answered } = measure({ ...LOAD, ...load });
  assertEquals(answered, submitted);
  return latencies.map((each) => quantile(each, 0.5) / HOP_MS);
}

function assertBelow(hops: readonly number[], most: number): void {
  assert(hops.every((each) => each < most), `${hops.join(", ")} hops, not below ${most}`);
}

Deno.test("a write that conflicts with none takes one round trip, and few conflicts change nothing", () => {
  for (const conflicts of sliceOf([0, 0.02, 0.1], 3)) assertBelow(medians({ conflicts }), 2.02);
});

Deno.test("writes that all conflict take four hops", () => {
  assertBelow(medians({}), 4.1);
  assertBelow(medians({ nodes: 3 }), 4.1);
  assertBelow(medians({ rate: 400, durationMs: 3000 }), 4.1);
});

Deno.test("writes that all conflict take four hops if the clocks differ by more than a round trip", () => {
  assertBelow(medians({ durationMs: 8000, aheadMs: [0, 5000, -3000, 250, 60] }), 4.1);
});

Deno.test("writes that all conflict are answered although delays vary", () => {
  assertBelow(medians({ latencyMs: (_from, _to, random) => random.exponential(HOP_MS) }), 10);
});

Deno.test("writes that all conflict are answered by the other nodes after one has failed", () => {
  const { latencies, submitted, answered, pauseMs } = measure({ ...LOAD, failed: 2 });
  assertEquals(answered, submitted);
  assertEquals(latencies.length, 4);
  assert(pauseMs < 3000, `no answer for ${pauseMs} ms`);
});
