import { assert, assertEquals } from "@std/assert";
import { HybridClock } from "../../../lib/consensus/accord/hybrid_clock.ts";

Deno.test("timestamps increase, even if the node's clock does not, and nodes issue different ones", () => {
  const clocks = [0, 1, 2].map((index) => new HybridClock(3, index));
  const issued = clocks.flatMap((clock) => [100, 100, 50, 200].map((nowMs) => clock.next(nowMs)));
  assertEquals(new Set(issued).size, issued.length);
  for (let i = 0; i < issued.length; i += 4) {
    const own = issued.slice(i, i + 4);
    assertEquals(own, own.toSorted((a, b) => a - b));
  }
});

Deno.test("a clock that lags a timestamp continues from there", () => {
  const ahead = new HybridClock(3, 0);
  const behind = new HybridClock(3, 1);
  const timestamp = ahead.next(1000);
  behind.witness(timestamp, 10);
  assert(behind.next(10) > timestamp);
  assertEquals(behind.timeMs(10), 1000);
  assertEquals(behind.timeMs(60), 1050, "it does not stop until the node's clock has caught up");
  assertEquals(behind.ownTimeMs(1050), 60);
});

Deno.test("a clock that is ahead ignores an older timestamp", () => {
  const clock = new HybridClock(3, 1);
  const before = clock.next(500);
  clock.witness(new HybridClock(3, 2).next(400), 500);
  assertEquals(clock.timeMs(500), 500);
  assert(clock.next(500) > before);
});
