import { assertEquals } from "@std/assert";
import { idleIntervals } from "../../../lib/bench/report/data/idle_intervals.ts";

const NOTHING = { operations: { begin: [], end: [] }, messages: null, faults: [] } as const;

Deno.test("an interval is idle if no operation runs, no message flies and no fault switches", () => {
  const extent = { beginUs: 0, endUs: 20_000_000 };
  assertEquals(idleIntervals(NOTHING, extent), [{ from: 0, to: 20_000_000 }]);
  assertEquals(
    idleIntervals({
      operations: { begin: [1_000_000, 6_000_000], end: [2_000_000, -1] },
      messages: { sent: [1_500_000, 9_000_000], resolved: [3_000_000, 9_100_000] },
      faults: [{ from: 9_200_000, to: 15_000_000 }],
    }, extent),
    [
      { from: 0, to: 1_000_000 },
      { from: 3_000_000, to: 6_000_000 },
      { from: 6_000_000, to: 9_000_000 },
      { from: 9_200_000, to: 15_000_000 },
      { from: 15_000_000, to: 20_000_000 },
    ],
  );
});

Deno.test("an interval shorter than a fiftieth of the run is not idle", () => {
  const operations = { begin: [0, 1_300_000, 1_700_001], end: [1_000_000, 1_400_000, 100_000_000] };
  assertEquals(idleIntervals({ ...NOTHING, operations }, { beginUs: 0, endUs: 100_000_000 }), []);
  assertEquals(
    idleIntervals({ ...NOTHING, operations }, { beginUs: 0, endUs: 10_000_000 }),
    [{ from: 1_000_000, to: 1_300_000 }, { from: 1_400_000, to: 1_700_001 }],
  );
});
