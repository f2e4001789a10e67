import { assert, assertEquals } from "@std/assert";
import { HybridClock } from "../../../lib/consensus/accord/hybrid_clock.ts";

const FIRST = { after: 0 };

Deno.test("all timestamps differ, whatever the nodes' clocks show and however far ahead they are", () => {
  const clocks = [0, 1, 2].map((index) => new HybridClock(3, index));
  const issued = clocks.flatMap((clock) =>
    [100, 100, 50, 200].flatMap((
      nowMs,
    ) => [clock.issue(nowMs, FIRST), clock.issue(nowMs, { after: 0, aheadMs: 100 })])
  );
  assertEquals(new Set(issued).size, issued.length);
});

Deno.test("a timestamp ahead of the time does not push later ones ahead", () => {
  const clock = new HybridClock(3, 1);
  const ahead = clock.issue(100, { after: 0, aheadMs: 50 });
  assertEquals(clock.timeMsOf(ahead), 150);
  assertEquals(clock.timeMsOf(clock.issue(101, FIRST)), 101);
});

Deno.test("a timestamp is later than the one after which it is asked for", () => {
  const clock = new HybridClock(3, 1);
  const known = new HybridClock(3, 2).issue(1000, FIRST);
  assert(clock.issue(10, { after: known }) > known);
});

Deno.test("a clock that is behind continues at the time of the other one", () => {
  const clock = new HybridClock(3, 1);
  clock.synchronize(1000, 10);
  assertEquals([clock.timeMs(10), clock.timeMs(60), clock.ownTimeMs(1050)], [1000, 1050, 60]);
  clock.synchronize(900, 60);
  assertEquals(clock.timeMs(60), 1050, "an earlier time changes nothing");
});

Deno.test("a restart issues no timestamp again, although the node's clock starts at 0", () => {
  const before = new HybridClock(3, 1);
  const issued = [before.issue(5000, FIRST), before.issue(5000, { after: 0, aheadMs: 300 })];
  const restarted = new HybridClock(3, 1);
  restarted.restore(before.last, 0);
  const next = restarted.issue(0, FIRST);
  for (const each of issued) assert(next > each);
});
