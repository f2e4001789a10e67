import { assert, assertEquals } from "@std/assert";
import {
  chooseVisible,
  PER_COLUMN_MAX,
  type Scene,
  ticksOf,
} from "../../../lib/bench/report/browser/visible.ts";
import { TimeWindow } from "../../../lib/bench/report/browser/time_window.ts";

/** 20,000 messages: bursts, and some that are long in flight. */
function messages(): { begin: number[]; end: number[] } {
  const begin: number[] = [];
  const end: number[] = [];
  for (let i = 0; i < 20_000; i++) {
    const at = Math.floor(i / 100) * 100_000 + (i % 10);
    begin.push(at);
    end.push(at + (i % 50 === 0 ? 5_000_000 : 100_000));
  }
  const order = begin.map((_, i) => i).sort((a, b) => (begin[a] ?? 0) - (begin[b] ?? 0));
  return { begin: order.map((i) => begin[i] ?? 0), end: order.map((i) => end[i] ?? 0) };
}

function scene(from: number, to: number, more: Partial<Scene> = {}): Scene {
  const { begin, end } = messages();
  return {
    rows: begin.map((_, i) => i),
    begin: (row) => begin[row] ?? 0,
    end: (row) => end[row] ?? 0,
    spanMax: 5_000_000,
    preferred: () => false,
    from,
    to,
    partOf: (time) => (time - from) / (to - from),
    width: 800,
    ...more,
  };
}

Deno.test("at most four shapes per pixel column are drawn at every zoom", () => {
  const window = new TimeWindow(0, 25_000_000);
  for (let zoom = 0; zoom < 60; zoom++) {
    const drawn = chooseVisible(scene(window.from, window.to));
    const marks = drawn.density.filter((count) => count > 0).length;
    assert(drawn.rows.length + marks <= PER_COLUMN_MAX * 800, `${drawn.rows.length} at zoom ${zoom}`);
    assert(drawn.rows.length <= drawn.total);
    window.zoom(0.8, 3_200_000);
  }
});

Deno.test("if all shapes fit, all are drawn, also those that began before the window", () => {
  const drawn = chooseVisible(scene(3_250_000, 3_260_000));
  const { begin, end } = messages();
  const inside = begin.flatMap((from, row) => from <= 3_260_000 && (end[row] ?? 0) >= 3_250_000 ? [row] : []);
  assertEquals(drawn.rows, inside);
  assert(inside.some((row) => (begin[row] ?? 0) < 3_250_000));
});

Deno.test("preferred rows are drawn first, and the density counts the others", () => {
  const drawn = chooseVisible(scene(0, 25_000_000, { preferred: (row) => row % 100 === 99 }));
  assertEquals(drawn.rows.filter((row) => row % 100 === 99).length, 200);
  assertEquals(drawn.density.reduce((a, b) => a + b, 0), 20_000);
});

Deno.test("the window stays within the run, and zooming keeps its center in place", () => {
  const window = new TimeWindow(0, 1_000_000);
  window.zoom(0.1, 250_000);
  assert(window.from < 250_000 && window.to > 250_000);
  const part = (250_000 - window.from) / window.span;
  window.zoom(0.5, 250_000);
  assertEquals(Math.round((250_000 - window.from) / window.span * 1e6), Math.round(part * 1e6));
  window.pan(-1000);
  assertEquals(window.from, window.min);
  window.zoom(1e-12);
  assert(window.span >= window.spanMin);
  window.zoom(1e12);
  assertEquals([window.from, window.to], [window.min, window.max]);
});

Deno.test("an axis has a bounded number of round times", () => {
  assertEquals(ticksOf(0, 1_000_000, 5), [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]);
  assert(ticksOf(0, 1e12, 1e9).length <= 200);
});
