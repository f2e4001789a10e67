import { assert, assertEquals } from "@std/assert";
import { Cursor } from "../../../lib/bench/report/browser/cursor.ts";
import { Playback, speedLevel, SPEEDS, speedText } from "../../../lib/bench/report/browser/playback.ts";
import { TimeFold } from "../../../lib/bench/report/browser/time_fold.ts";

Deno.test("the cursor advances with the reader's time at the chosen speed and stops at the end", () => {
  const cursor = new Cursor(0, 100_000);
  const playback = new Playback(cursor, { fold: new TimeFold(), flightUs: 900_000 });
  assertEquals(playback.speed, 1);
  assertEquals(playback.advance(0), false);
  playback.play();
  playback.advance(1000);
  playback.advance(1020);
  assertEquals(cursor.time, 20_000);
  playback.change(-1);
  playback.advance(1040);
  assertEquals(cursor.time, 30_000);
  playback.pause();
  playback.advance(1060);
  assertEquals(cursor.time, 30_000);
  playback.change(1);
  playback.play();
  playback.advance(2000);
  assertEquals(playback.advance(2090), false);
  assertEquals([cursor.time, playback.isPlaying], [100_000, false]);
  playback.play();
  assertEquals(cursor.time, 0);
});

Deno.test("a folded stretch plays in its folded length, and a pause of the page does not jump", () => {
  const cursor = new Cursor(0, 20e6);
  const playback = new Playback(cursor, { fold: new TimeFold([[10_000, 10e6]], 20_000), flightUs: 900_000 });
  playback.play();
  playback.advance(0);
  playback.advance(40);
  assertEquals(Math.round(cursor.time), 10_010_000);
  playback.advance(60_000);
  assertEquals(Math.round(cursor.time), 10_110_000);
});

Deno.test("the first speed lets a typical message cross the picture in about a second", () => {
  for (const flightUs of [60, 400, 10_000, 100_000, 2_000_000]) {
    const speed = SPEEDS[speedLevel(flightUs)] ?? 0;
    const crossing = flightUs / speed / 1e6;
    assert(crossing > 0.4 && crossing < 2.5, `${flightUs}: ${crossing} s`);
  }
  assertEquals([speedText(0.001), speedText(2)], ["1/1000×", "2×"]);
});
