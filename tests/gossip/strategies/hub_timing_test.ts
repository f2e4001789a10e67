import { assert, assertEquals, assertThrows } from "@std/assert";
import { HubTiming, type RoundTripStats } from "../../../lib/gossip/strategies/hub_timing.ts";
import { InvariantError } from "../../../lib/protocol/errors.ts";

/** Returns the round trips of leaves that are alike. */
function trips(roundTripMs: number | undefined, deviationMs = 0): RoundTripStats {
  return { roundTripMs, deviationMs, shortestMs: roundTripMs ?? Infinity };
}

const NEAR = trips(200);

Deno.test("HubTiming: a round is the latency limit less round trip, gather lead and margin", () => {
  const timing = new HubTiming(1900);
  assertEquals(timing.roundMs, 950, "half of the limit, before any measurement");
  timing.onScatter(0, NEAR);
  const roundMs = 1900 - 50 - 25 - 200;
  assertEquals([timing.roundMs, timing.gatherLeadMs], [roundMs, 25]);
  timing.measure(trips(200, 50));
  assertEquals([timing.roundMs, timing.gatherLeadMs], [1900 - 25 - 100 - 200, 100]);
});

/** Runs rounds whose oldest change is `latenessMs` older than planned. */
function late(timing: HubTiming, rounds: number, latenessMs: number, stats = NEAR): void {
  for (let i = 0; i < rounds; i++) {
    const plannedMs = timing.roundMs + (stats.roundTripMs ?? 0) / 2 + timing.gatherLeadMs;
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
  const far = trips(300);
  timing.onScatter(0, far);
  late(timing, 30, 0, far);
  assertEquals(timing.roundMs, 720 - 50 - 325);
});

Deno.test("HubTiming: a round catches gathers that leave at once, up to half of the limit", () => {
  const timing = new HubTiming(550);
  const roundMs = (roundTripMs: number, deviationMs: number) => {
    timing.measure(trips(roundTripMs, deviationMs));
    return timing.roundMs;
  };
  assertEquals(roundMs(220, 0), 550 - 50 - 25 - 220, "long enough as it is");
  assertEquals(roundMs(235, 0), 235 + 25);
  assertEquals(roundMs(235, 20), 550 / 2);
  assertEquals(roundMs(270, 0), 550 - 50 - 25 - 270, "half of the limit catches hardly any");
  timing.onScatter(0, trips(235));
  assertEquals(timing.earlyScatterAt(260, 20), 20 + 550 - 235 - 260, "the limit, less both ways");
});

Deno.test("HubTiming: a scatter is due after a round, or earlier once all gathers have arrived", () => {
  const timing = new HubTiming(1900);
  timing.onScatter(100, NEAR);
  assertEquals([timing.dueAt(false), timing.dueAt(true)], [100 + timing.roundMs, 100 + timing.roundMs - 50]);
});

Deno.test("HubTiming: on a network that is too slow for the limit, a round is a third of the limit", () => {
  const timing = new HubTiming(1900);
  timing.measure(trips(5000));
  assertEquals(timing.roundMs, 0.33 * 1900);
});

Deno.test("HubTiming: without a measured round trip, the round does not change", () => {
  const timing = new HubTiming(1000);
  timing.onScatter(0, trips(undefined));
  assertEquals(timing.roundMs, 500);
});

Deno.test("HubTiming: after a gather that was a little late, the hub announces shorter rounds", () => {
  const timing = new HubTiming(1900);
  const roundMs = 1900 - 50 - 25 - 200;
  timing.onScatter(0, NEAR);
  assertEquals(timing.onGather(-300, 10), false, "no scatter before is known");
  timing.onScatter(2000, NEAR);
  assertEquals([timing.onGather(0, 2090), timing.onGather(2000, 2095)], [false, true]);
  timing.onScatter(4000, NEAR);
  assertEquals(
    [timing.roundMs, timing.announcedMs],
    [roundMs - 95, roundMs - 95 - 95],
    "at most a twentieth",
  );
});

Deno.test("HubTiming: the slack is what the latest gather needed in 24 rounds, and a little more", () => {
  const timing = new HubTiming(1900);
  const slackMs = () => timing.roundMs - timing.announcedMs;
  timing.onScatter(0, NEAR);
  timing.onScatter(2000, NEAR);
  timing.onGather(0, 2012);
  timing.onGather(0, 2100); // later than a twentieth of the limit
  timing.onScatter(4000, NEAR);
  assertEquals(slackMs(), 12 + 5);
  timing.onGather(2000, 4007); // 7 ms after a scatter that waited for 17 ms already
  for (let round = 3; round <= 26; round++) {
    timing.onScatter(2000 * round, NEAR);
    assertEquals(slackMs(), 17 + 7 + 5, `after ${round} rounds`);
  }
  timing.onScatter(2000 * 27, NEAR);
  assertEquals([slackMs(), timing.roundMs], [0, 1900 - 50 - 25 - 200]);
});

Deno.test("HubTiming: the margin does not count the wait of a gather that missed a scatter", () => {
  const timing = new HubTiming(1900);
  timing.onScatter(0, NEAR);
  late(timing, 10, 0);
  const { roundMs } = timing;
  timing.onScatter(11_000, NEAR);
  timing.onGather(9000, 11_010);
  timing.onScatter(12_000, NEAR, 2 * roundMs);
  assertEquals(timing.roundMs, roundMs - 15);
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

Deno.test("HubTiming: an early scatter assumes the shortest round trip, and saves at least a lead", () => {
  const timing = new HubTiming(1000);
  timing.onScatter(0, { ...NEAR, shortestMs: 160 });
  assertEquals(timing.roundMs, 725);
  assertEquals(timing.earlyScatterAt(725, 500), 500 + 1000 - 160 - 725);
  assertEquals([584, 585].map((now) => timing.earlyScatterAt(725, now)), [699, undefined]);
});

Deno.test("HubTiming: six early scatters may follow one another, and ten rounds earn another one", () => {
  const timing = new HubTiming(1000);
  timing.onScatter(0, NEAR);
  const { roundMs } = timing;
  for (let i = 0; i < 6; i++) timing.onEarlyScatter();
  assertEquals(timing.earlyScatterAt(roundMs, 20), undefined);
  for (let i = 1; i <= 11; i++) timing.onScatter(roundMs * i, NEAR);
  assert(timing.earlyScatterAt(roundMs, roundMs * 11 + 20) !== undefined);
});

Deno.test("HubTiming: a latency limit of 0 breaks an invariant", () => {
  assertThrows(() => new HubTiming(0), InvariantError);
});
