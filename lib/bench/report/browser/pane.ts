/**
 * A canvas with a horizontal time axis: redraws, panning, zooming, pointing, keys.
 *
 * Tested by `tests/bench/report/browser_test.ts`.
 */

/// <reference lib="dom" />

import { type FaultBand, faultKinds } from "../data/report_data.ts";
import type { Cursor } from "./cursor.ts";
import type { Theme } from "./theme.ts";
import type { TimeWindow } from "./time_window.ts";
import { ticksOf, timeText } from "./visible.ts";

/** A canvas that fills the width of its parent, and is empty. Sizes are in CSS pixels. */
export interface ClearedCanvas {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
}

/** Fits a canvas to its parent's width and the screen's resolution, and clears it. Returns `undefined` if it cannot be drawn on. */
export function clearedCanvas(
  canvas: HTMLCanvasElement,
  heightOf: (width: number) => number,
): ClearedCanvas | undefined {
  const width = Math.max(200, Math.floor(canvas.parentElement?.clientWidth ?? 600));
  const height = heightOf(width);
  const ratio = Math.min(2, devicePixelRatio || 1);
  if (canvas.width !== Math.floor(width * ratio) || canvas.height !== Math.floor(height * ratio)) {
    canvas.width = Math.floor(width * ratio);
    canvas.height = Math.floor(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  if (context === null) return undefined;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Content of a pane. */
export interface PaneContent {
  /** Height in CSS pixels for a width. */
  readonly height: (width: number) => number;
  readonly draw: (frame: Frame) => void;
  /** Returns the tooltip and the click action at a point. */
  readonly hit: (x: number, y: number) => { readonly text: string; readonly choose: () => void } | undefined;
  /** Goes to the next or the previous item in time. */
  readonly step: (by: 1 | -1) => void;
}

/** A drawing surface. */
export interface Frame {
  readonly context: CanvasRenderingContext2D;
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
  /** Left edge of the time axis. The row names are to the left of it. */
  readonly left: number;
  readonly x: (time: number) => number;
}

/** Width of the names, in CSS pixels. */
export const PANE_LEFT = 78;
/** Height of the axis. */
export const PANE_TOP = 22;

/** One canvas, bound to the window. */
export class Pane {
  readonly #canvas: HTMLCanvasElement;
  readonly #window: TimeWindow;
  readonly #content: PaneContent;
  readonly #theme: () => Theme;
  readonly #tip: HTMLElement;
  readonly #cursor: Cursor;
  readonly #cursorLine: HTMLElement;
  readonly #pointers = new Map<number, { x: number; y: number }>();
  #moved = 0;
  #asked = false;

  constructor(
    canvas: HTMLCanvasElement,
    { window, cursor, content, theme, tip }: {
      readonly window: TimeWindow;
      readonly cursor: Cursor;
      readonly content: PaneContent;
      readonly theme: () => Theme;
      readonly tip: HTMLElement;
    },
  ) {
    this.#canvas = canvas;
    this.#window = window;
    this.#content = content;
    this.#theme = theme;
    this.#tip = tip;
    this.#cursor = cursor;
    this.#cursorLine = document.createElement("div");
    this.#cursorLine.className = "cursor-line";
    canvas.after(this.#cursorLine);
    window.onChange(() => this.redraw());
    cursor.onMove(() => this.#placeCursor());
    new ResizeObserver(() => this.redraw()).observe(canvas.parentElement ?? canvas);
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", (event) => this.#pointers.delete(event.pointerId));
    canvas.addEventListener("pointerleave", () => this.#tip.hidden = true);
    canvas.addEventListener("dblclick", (event) => this.#window.zoom(0.4, this.#timeAt(event.offsetX)));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    this.redraw();
  }

  /** Redraws in the next frame. */
  redraw(): void {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  #draw(): void {
    const canvas = this.#canvas;
    const began = performance.now();
    const cleared = clearedCanvas(canvas, (width) => this.#content.height(width));
    if (cleared === undefined) return;
    const { context, width, height } = cleared;
    context.font = "12px system-ui, sans-serif";
    const window = this.#window;
    const theme = this.#theme();
    const frame = {
      context,
      theme,
      width,
      height,
      left: PANE_LEFT,
      x: (time: number) => PANE_LEFT + window.partOf(time) * (width - PANE_LEFT),
    };
    drawAxis(frame, this.#window);
    this.#content.draw(frame);
    this.#placeCursor();
    canvas.dataset["frameMs"] = (performance.now() - began).toFixed(2);
    const { from, to, fold } = window;
    canvas.dataset["folds"] = String(
      fold.stretches.filter(([begin, end]) => end > from && begin < to).length,
    );
    canvas.dataset["from"] = String(Math.round(this.#window.from));
    canvas.dataset["to"] = String(Math.round(this.#window.to));
  }

  /** Places the cursor's line over the canvas, so that a move does not redraw the diagram. */
  #placeCursor(): void {
    const part = this.#window.partOf(this.#cursor.time);
    const x = PANE_LEFT + part * (this.#canvas.clientWidth - PANE_LEFT);
    this.#cursorLine.hidden = part < 0 || part > 1;
    this.#cursorLine.style.transform = `translateX(${Math.round(x) - 1}px)`;
    this.#canvas.dataset["cursor"] = String(Math.round(this.#cursor.time));
  }

  #timeAt(x: number): number {
    return this.#window.timeAt((x - PANE_LEFT) / (this.#canvas.clientWidth - PANE_LEFT));
  }

  /** Zooms with Ctrl, or after a click on the canvas. Otherwise, the page scrolls as usual. */
  #wheel(event: WheelEvent): void {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    const focused = document.activeElement === this.#canvas;
    if (sideways) {
      event.preventDefault();
      this.#window.pan((event.deltaX || event.deltaY) / this.#canvas.clientWidth);
    } else if (event.ctrlKey || event.metaKey || focused) {
      event.preventDefault();
      this.#window.zoom(
        Math.exp(Math.max(-120, Math.min(120, event.deltaY)) * 0.003),
        this.#timeAt(event.offsetX),
      );
    }
  }

  #down(event: PointerEvent): void {
    this.#canvas.setPointerCapture(event.pointerId);
    this.#canvas.focus({ preventScroll: true });
    this.#pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.#moved = 0;
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (before === undefined) return this.#point(event);
    const others = [...this.#pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const [other] = others;
    const width = this.#canvas.clientWidth - PANE_LEFT;
    this.#moved += Math.abs(event.offsetX - before.x) + Math.abs(event.offsetY - before.y);
    if (other === undefined) this.#window.pan((before.x - event.offsetX) / width);
    else {
      const distance = Math.max(8, Math.abs(event.offsetX - other.x));
      this.#window.zoom(Math.max(8, Math.abs(before.x - other.x)) / distance, this.#timeAt(other.x));
    }
    this.#pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  }

  #up(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    if (this.#moved >= 5) return;
    const hit = this.#content.hit(event.offsetX, event.offsetY);
    // A click that hits no item moves the cursor.
    if (hit === undefined) this.#cursor.moveTo(this.#timeAt(event.offsetX));
    else hit.choose();
  }

  #point(event: PointerEvent): void {
    const hit = this.#content.hit(event.offsetX, event.offsetY);
    this.#tip.hidden = hit === undefined;
    this.#canvas.style.cursor = hit === undefined ? "grab" : "pointer";
    if (hit === undefined) return;
    this.#tip.textContent = hit.text;
    const left = Math.min(event.clientX + 12, innerWidth - this.#tip.offsetWidth - 8);
    this.#tip.style.left = `${Math.max(4, left)}px`;
    this.#tip.style.top = `${Math.min(event.clientY + 14, innerHeight - this.#tip.offsetHeight - 8)}px`;
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const window = this.#window;
    const actions: Readonly<Record<string, () => void>> = {
      "ArrowLeft": () => window.pan(-0.15),
      "ArrowRight": () => window.pan(0.15),
      "+": () => window.zoom(0.6),
      "=": () => window.zoom(0.6),
      "-": () => window.zoom(1 / 0.6),
      "0": () => window.fit(),
      "Home": () => window.center(window.min),
      "End": () => window.center(window.max),
      "n": () => this.#content.step(1),
      "p": () => this.#content.step(-1),
    };
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
    if (action === undefined) return;
    event.preventDefault();
    action();
  }
}

/** Draws the time axis, with a mark for each folded stretch. */
export function drawAxis({ context, theme, width, height, left, x }: Frame, window: TimeWindow): void {
  context.strokeStyle = theme.line;
  context.fillStyle = theme.dim;
  context.lineWidth = 1;
  context.textAlign = "center";
  context.beginPath();
  let labelEnd = left + 4;
  for (const time of foldedTicks(window, (width - left) / 110)) {
    const at = Math.round(x(time)) + 0.5;
    if (at < left) continue;
    context.moveTo(at, 18);
    context.lineTo(at, height);
    const text = timeText(time, window.span);
    const half = context.measureText(text).width / 2;
    if (at - half < labelEnd || at > width - half) continue;
    context.fillText(text, at, 13);
    labelEnd = at + half + 8;
  }
  context.stroke();
  drawFolds({ context, theme, width, height, left, x }, window);
}

/** Draws the folded stretches: a hatched gap with the omitted duration. */
export function drawFolds({ context, theme, width, height, left, x }: Frame, { fold }: TimeWindow): void {
  for (const [from, to] of fold.stretches) {
    const [x1, x2] = [Math.max(left, x(from)), Math.min(width, x(to))];
    if (x2 <= x1) continue;
    context.fillStyle = theme.line;
    context.globalAlpha = 0.55;
    for (let y = 18; y < height; y += 7) context.fillRect(x1, y, x2 - x1, 3);
    context.globalAlpha = 1;
    const text = idleText(to - from);
    if (x2 - x1 < context.measureText(text).width + 4) continue;
    context.textAlign = "center";
    context.clearRect(x1, 0, x2 - x1, 17);
    context.fillStyle = theme.dim;
    context.fillText(text, (x1 + x2) / 2, 13);
  }
}

/** Returns the duration of an idle stretch as text. */
export function idleText(us: number): string {
  return us >= 1e6 ? `⋯ ${(us / 1e6).toFixed(1)} s` : `⋯ ${(us / 1000).toFixed(us < 10_000 ? 1 : 0)} ms`;
}

/** Returns round times for an axis, outside of folded stretches. */
export function foldedTicks({ from, to, span, fold }: TimeWindow, count: number): number[] {
  const ticks: number[] = [];
  let begin = from;
  const add = (end: number) => {
    const part = (fold.positionOf(end) - fold.positionOf(begin)) / span;
    if (end > begin) ticks.push(...ticksOf(begin, end, Math.max(1, count * part)));
  };
  for (const [idleFrom, idleTo] of fold.stretches) {
    if (idleTo <= from || idleFrom >= to) continue;
    add(Math.min(to, idleFrom));
    begin = idleTo;
  }
  add(to);
  return ticks;
}

/** Height of the lane of one kind of fault above a diagram. */
export const BAND_HEIGHT = 13;

/** Returns the height of the fault lanes above a diagram, one for each kind. */
export function bandsHeight(bands: readonly FaultBand[]): number {
  const lanes = faultKinds(bands).length;
  // A gap below the lanes keeps their names apart from those of the rows.
  return lanes === 0 ? 0 : lanes * BAND_HEIGHT + 6;
}

/**
 * Draws the times of faults: a bar in the lane of its kind, with a thin vertical line at both ends. A fault of single
 * nodes also shades their rows. `rowsOf` returns the vertical range of a node.
 */
export function drawBands(
  { context, theme, width, height, left, x }: Frame,
  bands: readonly FaultBand[],
  rowsOf: (node: string) => { readonly top: number; readonly height: number } | undefined,
): void {
  let drawn = 0;
  const kinds = faultKinds(bands);
  context.textAlign = "left";
  for (const { kind, from, to, nodes } of bands) {
    const x1 = Math.max(left, x(from));
    const x2 = Math.min(width, x(to));
    if (x2 <= left || x1 >= width || drawn++ > 400) continue;
    const spread = Math.max(1, x2 - x1);
    const lane = kinds.indexOf(kind);
    const color = theme.faults[lane % theme.faults.length] ?? theme.dim;
    const top = PANE_TOP + lane * BAND_HEIGHT;
    context.fillStyle = context.strokeStyle = color;
    context.globalAlpha = 0.85;
    context.fillRect(x1, top + 1, spread, BAND_HEIGHT - 3);
    context.lineWidth = 1;
    context.globalAlpha = 0.5;
    // Each kind has its own dashes, so that kinds also differ without colors.
    context.setLineDash([2 + 2 * (lane % 3), 2 + Math.floor(lane / 3) * 3]);
    context.beginPath();
    for (const [at, isEnd] of [[x1, x(from) < left], [x2, x(to) > width]] as const) {
      if (isEnd) continue;
      context.moveTo(at, top);
      context.lineTo(at, height);
    }
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 0.2;
    for (const row of nodes.map(rowsOf)) {
      if (row !== undefined) context.fillRect(x1, row.top, spread, row.height);
    }
    context.globalAlpha = 1;
  }
  for (const [lane, kind] of kinds.entries()) {
    context.fillStyle = theme.faults[lane % theme.faults.length] ?? theme.dim;
    context.fillText(kind.slice(0, 11), 2, PANE_TOP + (lane + 1) * BAND_HEIGHT - 3);
  }
}
