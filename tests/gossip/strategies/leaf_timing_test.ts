import { assert, assertEquals } from "@std/assert";
import { LeafTiming } from "../../../lib/gossip/strategies/leaf_timing.ts";

const NEAR = { roundTripMs: 200, gatherLeadMs: 15 };

Deno.test("LeafTiming: in a quiet cluster changes leave at once", () => {
  const timing = new LeafTiming(500);
  assert(timing.dueAt(1000, NEAR) <= 1000);
  timing.onScatter(1000, { roundMs: 700, ...NEAR });
  assert(timing.dueAt(1731, NEAR) <= 1731, "the next scatter was due at 1700, and did not arrive");
});

Deno.test("LeafTiming: changes arrive at the hub by the gather lead before its next scatter", () => {
  const timing = new LeafTiming(500);
  timing.onScatter(1000, { roundMs: 700, ...NEAR });
  const slot = 1000 + 700 - 200 - 15;
  assertEquals(timing.dueAt(1200, NEAR), slot);
  assertEquals(timing.dueAt(slot + 1, NEAR), 1730, "too late: they wait until the next scatter is overdue");
});

Deno.test("LeafTiming: after a gather, changes wait for the scatter that answers it", () => {
  const timing = new LeafTiming(500);
  timing.onScatter(1000, { roundMs: 700, ...NEAR });
  const slot = 1000 + 700 - 200 - 15;
  timing.onGather(slot);
  assertEquals(timing.dueAt(slot + 50, NEAR), slot + 200 + 700 + 30);
  timing.onScatter(1700, { roundMs: 700, ...NEAR });
  assertEquals(timing.dueAt(slot + 50, NEAR), slot + 700);
});

Deno.test("LeafTiming: a scatter before the planned gather does not postpone it", () => {
  const timing = new LeafTiming(500);
  timing.onScatter(1000, { roundMs: 300, ...NEAR });
  const slot = timing.dueAt(1010, NEAR);
  for (let now = 1050; now < 1500; now += 50) {
    timing.onScatter(now, { roundMs: 300, ...NEAR });
    assert(timing.dueAt(1010, NEAR) <= slot);
  }
});

Deno.test("LeafTiming: a scatter at the very time of the planned gather does not postpone it", () => {
  const timing = new LeafTiming(500);
  timing.onScatter(1000, { roundMs: 700, ...NEAR });
  const slot = timing.dueAt(1010, NEAR);
  timing.onScatter(slot, { roundMs: 700, ...NEAR });
  assertEquals(timing.dueAt(1010, NEAR), slot);
});

Deno.test("LeafTiming: a gather that leaves as a scatter arrives waits for the next scatter", () => {
  const timing = new LeafTiming(500);
  timing.onScatter(1000, { roundMs: 700, ...NEAR });
  timing.onGather(1000);
  assertEquals(timing.dueAt(100, NEAR), 1000 + 200 + 700 + 30, "the rest of old changes is not due at once");
});

Deno.test("LeafTiming: if a hop exceeds a round, changes meet the scatter after the next", () => {
  const timing = new LeafTiming(500);
  timing.onScatter(1000, { roundMs: 300, roundTripMs: 500, gatherLeadMs: 15 });
  assertEquals(timing.dueAt(1001, { roundTripMs: 500, gatherLeadMs: 15 }), 1000 + 300 - (500 - 300) - 15);
  assertEquals(
    timing.dueAt(1000, { roundTripMs: 310, gatherLeadMs: 15 }),
    1000,
    "as far as a round: at once",
  );
});

Deno.test("LeafTiming: a new hub starts without a rhythm", () => {
  const timing = new LeafTiming(500);
  timing.onScatter(1000, { roundMs: 700, ...NEAR });
  timing.onGather(1100);
  timing.reset();
  assert(timing.dueAt(1200, NEAR) <= 1200);
});
