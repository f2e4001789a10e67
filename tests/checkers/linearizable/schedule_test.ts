import { assertEquals } from "@std/assert";
import { type Interval, schedule, scheduleSize } from "../../../lib/checkers/linearizable/schedule.ts";
import { forSeeds } from "../../seeds.ts";

const isRead = (operation: number) => operation % 3 === 0;

Deno.test("each return lists what is pending there, in the order of the returns", async () => {
  await forSeeds({ slice: 50, full: 5000 }, (random) => {
    const intervals = Array.from({ length: random.below(12) }, (): Interval => {
      const called = random.below(20);
      return { called, returned: random.below(4) === 0 ? null : called + random.below(10) };
    });
    const plan = schedule(intervals, isRead);
    const returnOf = (operation: number) => intervals[operation]?.returned ?? Infinity;
    let size = 0;
    for (const [at, operation] of plan.returning.entries()) {
      const listed = (all: Int32Array, start: Int32Array) => [...all.subarray(start[at], start[at + 1])];
      const writes = listed(plan.pending, plan.pendingStart);
      const reads = listed(plan.reads, plan.readsStart);
      const expected = [...plan.returning.subarray(at)].filter((other) =>
        (intervals[other]?.called ?? Infinity) <= returnOf(operation)
      );
      assertEquals(writes, expected.filter((other) => !isRead(other)));
      assertEquals(reads, expected.filter(isRead));
      const slots = expected.map((other) => plan.slot[other]);
      assertEquals(new Set(slots).size, slots.length, "pending operations have different slots");
      size += expected.length;
    }
    assertEquals(scheduleSize(intervals), size);
    const required = intervals.flatMap(({ returned }) => returned ?? []).sort((a, b) => a - b);
    assertEquals([...plan.returning].map(returnOf), required);
  });
});

Deno.test("operations one after another share a slot", () => {
  const sequential = Array.from({ length: 100 }, (_, i) => ({ called: 2 * i, returned: 2 * i + 1 }));
  const { slot, words } = schedule(sequential, () => false);
  assertEquals([new Set(slot), words], [new Set([0]), 1]);
  const concurrent = Array.from({ length: 33 }, (_, i) => ({ called: i, returned: 100 + i }));
  assertEquals(schedule(concurrent, () => false).words, 2);
});
