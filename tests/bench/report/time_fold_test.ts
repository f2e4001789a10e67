import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  foldStretches,
  idleStretches,
  longStretches,
  type Stretch,
  TimeFold,
} from "../../../lib/bench/report/browser/time_fold.ts";
import { TimeWindow } from "../../../lib/bench/report/browser/time_window.ts";

Deno.test("positions advance as time does, and a folded stretch has its given length", () => {
  const fold = new TimeFold([[100, 1100], [2000, 2005], [3000, 5000]], 10);
  assertEquals(fold.stretches, [[100, 1100], [3000, 5000]]);
  assertEquals([0, 100, 600, 1100, 3000, 5000, 5100].map((time) => fold.positionOf(time)), [
    0,
    100,
    105,
    110,
    2010,
    2020,
    2120,
  ]);
});

Deno.test("the mapping of time to position is monotone, and its inverse is exact", () => {
  const fold = new TimeFold([[1e6, 9e6], [12e6, 13e6]], 20_000);
  let before = -Infinity;
  for (let time = -1e6; time < 15e6; time += 12_345) {
    const position = fold.positionOf(time);
    assert(position > before, `at ${time}`);
    before = position;
    assertAlmostEquals(fold.timeOf(position), time, 1e-3);
  }
});

Deno.test("stretches without events are idle, unless they are short or a message is in flight", () => {
  const activity = { events: [0, 10_000, 600_000, 1_000_000], begin: [100_000], end: [550_000] };
  assertEquals(idleStretches(activity, [0, 1_000_000]), [
    [0, 10_000],
    [10_000, 100_000],
    [550_000, 600_000],
    [600_000, 1_000_000],
  ]);
  assertEquals(idleStretches({ events: [], begin: [], end: [] }, [0, 1000]), []);
});

Deno.test("two operations far apart fill the page", () => {
  const events = [0, 3000, 9_000_000, 9_004_000];
  const whole = [0, 9_004_000] as const;
  const fold = foldStretches(idleStretches({ events, begin: [], end: [] }, whole), whole);
  const window = new TimeWindow(whole[0], whole[1], fold);
  const busy = window.partOf(3000) - window.partOf(0) + window.partOf(9_004_000) - window.partOf(9_000_000);
  assert(busy > 0.8, `the operations take ${busy} of the width`);
  assert(window.partOf(0) >= 0 && window.partOf(9_004_000) <= 1);
});

Deno.test("a run of a few operations folds all of its idle time, and a steady run none", () => {
  const few: Stretch[] = [[1000, 500_000], [501_000, 700_000], [701_000, 12_000_000]];
  assertEquals(longStretches(few, [0, 12_001_000]).length, 3);
  const steady = Array.from({ length: 300 }, (_, i): Stretch => [i * 100_000 + 1000, (i + 1) * 100_000]);
  assertEquals(longStretches(steady, [0, 30_000_000]), []);
  const end: Stretch = [30_000_000, 60_000_000];
  assertEquals(longStretches([...steady, end], [0, 60_000_000]), [end]);
});

Deno.test("a window pans and zooms across a folded stretch and returns to the whole run", () => {
  const window = new TimeWindow(0, 10e6, new TimeFold([[1e6, 9e6]], 100_000));
  window.show(900_000, 9_100_000);
  assertAlmostEquals(window.span, 300_000, 1e-3);
  window.pan(0.5);
  assertAlmostEquals(window.partOf(9_100_000), 0.5, 1e-6);
  window.zoom(0.5, 9_100_000);
  assertAlmostEquals(window.partOf(9_100_000), 0.5, 1e-6);
  window.fit();
  assertEquals([window.from, window.to], [window.min, window.max]);
});
