import { assert, assertEquals, assertThrows } from "@std/assert";
import { HubTiming } from "../../../lib/gossip/strategies/hub_timing.ts";
import { InvariantError } from "../../../lib/protocol/errors.ts";

const NEAR = { roundTripMs: 200, deviationMs: 0 };

Deno.test("HubTiming: a round is the latency limit less round trip, gather lead and margin", () => {
  const timing = new HubTiming(1900);
  assertEquals(timing.roundMs, 950, "half of the limit, before any measurement");
  timing.onScatter(0, NEAR);
  const roundMs = 1900 - 50 - 25 - 200;
  assertEquals([timing.roundMs, timing.gatherLeadMs], [roundMs, 25]);
  timing.measure({ roundTripMs: 200, deviationMs: 50 });
  assertEquals([timing.roundMs, timing.gatherLeadMs], [1900 - 25 - 100 - 200, 100]);
});

/** Runs rounds whose oldest change is `latenessMs` older than planned. */
function late(timing: HubTiming, rounds: number, latenessMs: number, stats = NEAR): void {
  for (let i = 0; i < rounds; i++) {
    const plannedMs = timing.roundMs + stats.roundTripMs / 2 + timing.gatherLeadMs;
    timing.onScatter(1000 * i, stats, plannedMs + latenessMs);
  }
}

Deno.test("HubTiming: the margin follows the greatest lateness of the last rounds", () => {
  const timing = new HubTiming(1000);
  timing.onScatter(0, NEAR);
  late(timing, 3, 0);
  assertEquals(timing.roundMs, 1000 - 50 - 225, "too few rounds are measured");
  late(timing, 1, 0);
  assertEquals(timing.roundMs, 1000 - 20 - 225, "nothing is late");
  late(timing, 1, 60);
  late(timing, 23, 10);
  assertEquals(timing.roundMs, 1000 - 80 - 225);
  late(timing, 1, 10);
  assertEquals(timing.roundMs, 1000 - 30 - 225, "the late round is too long ago");
  late(timing, 1, 5000);
  assertEquals(timing.roundMs, 1000 - 200 - 225, "at most a fifth of the limit");
});

Deno.test("HubTiming: below 2.5 round trips, the margin does not follow the lateness", () => {
  const timing = new HubTiming(720);
  const far = { roundTripMs: 300, deviationMs: 0 };
  timing.onScatter(0, far);
  late(timing, 30, 0, far);
  assertEquals(timing.roundMs, 720 - 50 - 325);
});

Deno.test("HubTiming: a round catches gathers that leave at once, up to half of the limit", () => {
  const timing = new HubTiming(550);
  const roundMs = (roundTripMs: number, deviationMs: number) => {
    timing.measure({ roundTripMs, deviationMs });
    return timing.roundMs;
  };
  assertEquals(roundMs(220, 0), 550 - 50 - 25 - 220, "long enough as it is");
  assertEquals(roundMs(235, 0), 235 + 25);
  assertEquals(roundMs(235, 20), 550 / 2);
  assertEquals(roundMs(270, 0), 550 - 50 - 25 - 270, "half of the limit catches hardly any");
  timing.onScatter(0, { roundTripMs: 235, deviationMs: 0 });
  assertEquals(timing.earlyScatterAt(260, 20), 20 + 550 - 235 - 260, "the limit, less both ways");
});

Deno.test("HubTiming: a scatter is due after a round, or earlier once all gathers have arrived", () => {
  const timing = new HubTiming(1900);
  timing.onScatter(100, NEAR);
  assertEquals(timing.scatteredAt, 100);
  assertEquals([timing.dueAt(false), timing.dueAt(true)], [100 + timing.roundMs, 100 + timing.roundMs - 50]);
});

Deno.test("HubTiming: on a network that is too slow for the limit, a round is a third of the limit", () => {
  const timing = new HubTiming(1900);
  timing.measure({ roundTripMs: 5000, deviationMs: 0 });
  assertEquals(timing.roundMs, 0.33 * 1900);
});

Deno.test("HubTiming: without a measured round trip, the round does not change", () => {
  const timing = new HubTiming(1000);
  timing.onScatter(0, { roundTripMs: undefined, deviationMs: 0 });
  assertEquals(timing.roundMs, 500);
});

Deno.test("HubTiming: a late gather gets an early scatter only if it cannot wait for the next round", () => {
  const timing = new HubTiming(1000);
  timing.onScatter(0, NEAR);
  const { roundMs } = timing;
  assertEquals(roundMs, 1000 - 50 - 25 - 200);
  assertEquals(timing.earlyScatterAt(roundMs, 20), 20 + 25 + 50, "it has waited for a whole round");
  assertEquals(
    timing.earlyScatterAt(2 * roundMs, 20),
    20 + 25,
    "after the lead, because others may be late, too",
  );
  assertEquals(timing.earlyScatterAt(100, 20), undefined, "the next round is early enough");
});

Deno.test("HubTiming: three early scatters may follow one another, and ten rounds earn another one", () => {
  const timing = new HubTiming(1000);
  timing.onScatter(0, NEAR);
  const { roundMs } = timing;
  for (let i = 0; i < 3; i++) timing.onEarlyScatter();
  assertEquals(timing.earlyScatterAt(roundMs, 20), undefined);
  for (let i = 1; i <= 11; i++) timing.onScatter(roundMs * i, NEAR);
  assert(timing.earlyScatterAt(roundMs, roundMs * 11 + 20) !== undefined);
});

Deno.test("HubTiming: a latency limit of 0 breaks an invariant", () => {
  assertThrows(() => new HubTiming(0), InvariantError);
});
