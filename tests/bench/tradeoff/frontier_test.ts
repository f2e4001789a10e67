import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { frontier, type Load, longestFor } from "../../../lib/bench/tradeoff/frontier.ts";

/** 3d's line: 50 values per second among 100 operations, and the final reads. */
const LINE: Load = { nodes: 25, hopMs: 100, valuesPerS: 50, operationsPerS: 101.25 };

Deno.test("the frontier at the bounds of 3d and 3e equals the value computed by hand", () => {
  // T = 0.394 s: 24 (1 - e^-0.788 + 1 - e^-18.9) / 0.394 s = 24 × 1.5453 / 0.394 = 94.13 a second
  assertAlmostEquals(frontier(594, LINE) ?? NaN, 0.9297, 1e-3);
  // T = 1.6 s: 24 (1 - e^-3.2 + 1) / 1.6 s = 24 × 1.9592 / 1.6 = 29.39 a second
  assertAlmostEquals(frontier(1800, LINE) ?? NaN, 0.2903, 1e-3);
  // Two nodes, rounds of 1 s, 2 values per second: 1 × (1 - e^-1 + 1 - e^-1) = 1.2642
  const pair: Load = { nodes: 2, hopMs: 50, valuesPerS: 2, operationsPerS: 4 };
  assertAlmostEquals(frontier(1100, pair) ?? NaN, 1.2642 / 4, 1e-4);
});

Deno.test("below two hops each value goes to every node, and below one hop there is no frontier", () => {
  const straight = 24 * 50 / 101.25;
  assertEquals(frontier(100, LINE), straight);
  assertEquals(frontier(200, LINE), straight);
  assertAlmostEquals(frontier(200.001, LINE) ?? NaN, straight, 1e-2); // no step between the two
  assertEquals(frontier(99, LINE), undefined);
  assertEquals(frontier(NaN, LINE), undefined);
});

Deno.test("a longer latency needs fewer messages, at most 2n - 2 per round", () => {
  let before = Infinity;
  for (let latencyMs = 250; latencyMs <= 10_000; latencyMs += 250) {
    const messages = frontier(latencyMs, LINE) ?? NaN;
    assert(messages < before, `${messages} at ${latencyMs} ms, ${before} a quarter of a second before`);
    assert(messages * 101.25 * (latencyMs - 200) / 1000 <= 48);
    before = messages;
  }
});

Deno.test("the longest latency for a median is two hops plus a round", () => {
  assertEquals([longestFor(100, 100), longestFor(200, 100)], [100, 200]);
  assertEquals(longestFor(1000, 100), 1800); // two hops and 800 ms: rounds of 1600 ms
});
