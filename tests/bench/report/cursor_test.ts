import { assertEquals } from "@std/assert";
import { countUntil, Cursor, sortedTimes, stepFrom } from "../../../lib/bench/report/browser/cursor.ts";

Deno.test("the cursor stays within the run and reports each move once", () => {
  const cursor = new Cursor(-100, 1000);
  const moves: number[] = [];
  cursor.onMove(() => moves.push(cursor.time));
  cursor.moveTo(50);
  cursor.moveTo(50);
  cursor.moveTo(5000);
  cursor.moveTo(-5000);
  assertEquals(moves, [50, 1000, -100]);
});

Deno.test("steps visit each distinct time once, in both directions", () => {
  const times = sortedTimes([30, 10, 20, 10, 30]);
  assertEquals([...times], [10, 20, 30]);
  assertEquals([stepFrom(times, 0, 1), stepFrom(times, 10, 1), stepFrom(times, 15, 1)], [10, 20, 20]);
  assertEquals([stepFrom(times, 30, -1), stepFrom(times, 25, -1), stepFrom(times, 10, -1)], [
    20,
    20,
    undefined,
  ]);
  assertEquals(stepFrom(times, 30, 1), undefined);
  assertEquals([9, 10, 29, 30].map((time) => countUntil(times, time)), [0, 1, 2, 3]);
});
