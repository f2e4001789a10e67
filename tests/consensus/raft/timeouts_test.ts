import { assertEquals } from "@std/assert";
import { Timeouts } from "../../../lib/consensus/raft/timeouts.ts";

function timeouts(...roundTripsMs: number[]): Timeouts {
  const made = new Timeouts({ electionTimeoutMs: 300, retryMs: 60 });
  for (const ms of roundTripsMs) made.recordRoundTrip(1000, 1000 + ms);
  return made;
}

Deno.test("Timeouts: short round trips do not change the configured timeouts", () => {
  for (const made of [timeouts(), timeouts(1, 2, 3)]) {
    assertEquals([made.electionMs, made.retryMs], [300, 60]);
  }
});

Deno.test("Timeouts: long round trips lengthen both timeouts", () => {
  const made = timeouts(400, 400, 400);
  assertEquals([made.electionMs, made.retryMs], [1200, 600]);
});

Deno.test("Timeouts: the third-smallest of the last eight round trips counts", () => {
  assertEquals(timeouts(900, 200, 300, 900, 900, 400, 900, 900).electionMs, 1200);
  assertEquals(timeouts(100, 100, 100, 400, 400, 400, 400, 400, 400, 400, 400).electionMs, 1200);
});

Deno.test("Timeouts: a time from the clock of a previous incarnation is ignored", () => {
  const made = timeouts();
  made.recordRoundTrip(5000, 1000);
  assertEquals(made.electionMs, 300);
});
