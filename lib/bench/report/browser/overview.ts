/**
 * The whole run as a strip: operations over time, the faults, and the window, which can be dragged.
 *
 * Tested by `tests/bench/report/browser_test.ts`.
 */

/// <reference lib="dom" />

import { faultKinds, type ReportData } from "../data/report_data.ts";
import type { Cursor } from "./cursor.ts";
import { clearedCanvas } from "./pane.ts";
import type { Theme } from "./theme.ts";
import type { TimeWindow } from "./time_window.ts";

/** Height of the strip. */
export const OVERVIEW_HEIGHT = 46;

/** Draws the strip on a canvas and lets the user move the window on it. */
export function startOverview(
  canvas: HTMLCanvasElement,
  { data, window, cursor, theme }: {
    readonly data: ReportData;
    readonly window: TimeWindow;
    readonly cursor: Cursor;
    readonly theme: () => Theme;
  },
): void {
  const bins = countBins(data, window);
  const draw = () => {
    const cleared = clearedCanvas(canvas, () => OVERVIEW_HEIGHT);
    if (cleared === undefined) return;
    const { context, width } = cleared;
    const colors = theme();
    const x = (time: number) => window.wholePartOf(time) * width;
    context.globalAlpha = 0.2;
    const kinds = faultKinds(data.faults);
    const tall = OVERVIEW_HEIGHT / Math.max(1, kinds.length);
    for (const { kind, from, to } of data.faults.slice(0, 400)) {
      const lane = kinds.indexOf(kind);
      context.fillStyle = colors.faults[lane % colors.faults.length] ?? colors.dim;
      context.fillRect(x(from), lane * tall, Math.max(1, x(to) - x(from)), tall);
    }
    context.globalAlpha = 1;
    context.fillStyle = colors.line;
    for (const [from, to] of window.fold.stretches) {
      for (let y = 2; y < OVERVIEW_HEIGHT; y += 6) {
        context.fillRect(x(from), y, Math.max(2, x(to) - x(from)), 2);
      }
    }
    context.globalAlpha = 0.75;
    context.fillStyle = colors.dim;
    const max = bins.reduce((a, b) => Math.max(a, b), 1);
    for (const [i, count] of bins.entries()) {
      // The root keeps a quiet time visible next to a burst.
      const tall = Math.sqrt(count / max) * (OVERVIEW_HEIGHT - 10);
      context.fillRect(
        i / bins.length * width,
        OVERVIEW_HEIGHT - tall,
        Math.max(1, width / bins.length - 0.5),
        tall,
      );
    }
    context.globalAlpha = 1;
    context.fillStyle = colors.bad;
    for (const { from, to } of data.findings) {
      context.fillRect(x(from) - 1, 0, Math.max(3, x(to) - x(from)), 5);
    }
    context.globalAlpha = 0.16;
    context.fillStyle = colors.ok;
    context.fillRect(x(window.from), 0, Math.max(2, x(window.to) - x(window.from)), OVERVIEW_HEIGHT);
    context.globalAlpha = 1;
    context.strokeStyle = colors.ok;
    context.lineWidth = 2;
    context.strokeRect(x(window.from), 1, Math.max(2, x(window.to) - x(window.from)), OVERVIEW_HEIGHT - 2);
    placeCursor();
  };
  const timeAt = (event: PointerEvent) => window.wholeTimeAt(event.offsetX / canvas.clientWidth);
  let began = 0;
  let dragging = false;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    dragging = true;
    began = timeAt(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (dragging) window.show(Math.min(began, timeAt(event)), Math.max(began, timeAt(event)));
  });
  canvas.addEventListener("pointerup", (event) => {
    dragging = false;
    const at = timeAt(event);
    // A click moves the window; a drag selects a span.
    if (Math.abs(window.wholePartOf(at) - window.wholePartOf(began)) < 1 / 200) {
      const span = window.span > window.spanMax * 0.98 ? window.spanMax / 20 : window.span;
      window.center(at, span);
    }
  });
  const line = document.createElement("div");
  line.className = "cursor-line";
  canvas.after(line);
  const placeCursor = () => {
    line.style.transform = `translateX(${
      Math.round(window.wholePartOf(cursor.time) * canvas.clientWidth)
    }px)`;
  };
  cursor.onMove(placeCursor);
  window.onChange(draw);
  new ResizeObserver(draw).observe(canvas.parentElement ?? canvas);
  draw();
}

/** Returns the number of operations that started in each of many equal spans. */
export function countBins({ operations }: ReportData, window: TimeWindow): number[] {
  const bins = new Array<number>(300).fill(0);
  for (const time of operations.begin) {
    const bin = Math.min(299, Math.max(0, Math.floor(window.wholePartOf(time) * 300)));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}
