import { assertEquals } from "@std/assert";
import { quantile, RoundTrip } from "../../../lib/gossip/peer/round_trip.ts";

Deno.test("RoundTrip: the median of the latest samples ignores a single outlier", () => {
  const trip = new RoundTrip();
  assertEquals([trip.medianMs, trip.shortestMs, trip.deviationMs], [undefined, Infinity, 0]);
  trip.sample(500); // while all processes were starting
  assertEquals([trip.medianMs, trip.deviationMs], [500, 0]);
  trip.sample(200);
  trip.sample(210);
  assertEquals([trip.medianMs, trip.shortestMs, trip.deviationMs], [210, 200, 290]);
  for (let i = 0; i < 9; i++) trip.sample(300);
  assertEquals([trip.medianMs, trip.deviationMs], [300, 0]);
});

Deno.test("RoundTrip: a negative sample, from a clock that was set back, counts as 0", () => {
  const trip = new RoundTrip();
  trip.sample(-5);
  assertEquals(trip.medianMs, 0);
});

Deno.test("quantile: returns the smallest value that the given fraction does not exceed", () => {
  assertEquals(quantile([], 0.5), undefined);
  assertEquals([0, 0.2, 0.5, 0.8, 1].map((q) => quantile([5, 1, 4, 2, 3], q)), [1, 1, 3, 4, 5]);
});
