/**
 * The clients' operations over time, one row per thread: pending times and outcomes.
 *
 * Tested by `tests/bench/report/browser_test.ts`.
 */

/// <reference lib="dom" />

import { type FaultBand, type FindingMark, type OperationColumns, OUTCOMES } from "../data/report_data.ts";
import { bandsHeight, drawBands, type Frame, PANE_TOP, type PaneContent } from "./pane.ts";
import type { Selection } from "./selection.ts";
import type { TimeWindow } from "./time_window.ts";
import { chooseVisible, timeText, type VisibleRows } from "./visible.ts";
import { visible } from "./visible_text.ts";

/** Height of the density strip. */
export const DENSITY_HEIGHT = 22;

/** The drawing and the pointer handling of the timeline. */
export class Timeline implements PaneContent {
  readonly #operations: OperationColumns;
  readonly #faults: readonly FaultBand[];
  readonly #window: TimeWindow;
  readonly #selection: Selection;
  readonly #rows: readonly number[];
  readonly #spanMax: number;
  /** Notes on the state after an operation. */
  readonly #notes = new Map<number, string>();
  readonly #failed = new Set<number>();
  #bars: { row: number; x: number; y: number; width: number; height: number }[] = [];

  constructor({ operations, faults, findings, window, selection }: {
    readonly operations: OperationColumns;
    readonly faults: readonly FaultBand[];
    readonly findings: readonly FindingMark[];
    readonly window: TimeWindow;
    readonly selection: Selection;
  }) {
    this.#operations = operations;
    this.#faults = faults;
    this.#window = window;
    this.#selection = selection;
    for (const { steps, failed } of findings) {
      for (const { row, text } of steps) this.#notes.set(row, text);
      if (failed >= 0) this.#notes.set(failed, "not linearizable here");
      this.#failed.add(failed);
    }
    this.#rows = operations.begin.map((_, row) => row);
    this.#spanMax = this.#rows.reduce((max, row) => Math.max(max, this.#end(row) - this.#begin(row)), 0);
  }

  /** Top of the thread lanes, below the fault lanes. */
  #top(): number {
    return PANE_TOP + bandsHeight(this.#faults);
  }

  height(): number {
    return this.#top() + this.#operations.lanes * this.#laneHeight() + DENSITY_HEIGHT + 4;
  }

  draw(frame: Frame): void {
    const { context, theme, width, height, left } = frame;
    const { lane, lanes, outcome } = this.#operations;
    const laneHeight = this.#laneHeight();
    drawBands(frame, this.#faults, () => undefined);
    const marked = this.#selection.operations;
    const drawn = chooseVisible({
      rows: this.#rows,
      begin: (row) => this.#begin(row),
      end: (row) => this.#end(row),
      spanMax: this.#spanMax,
      preferred: (row) => marked.has(row) || outcome[row] !== 0,
      from: this.#window.from,
      to: this.#window.to,
      partOf: (time) => this.#window.partOf(time),
      width: width - left,
    });
    const colors = [theme.ok, theme.fail, theme.info, theme.dim];
    this.#bars = drawn.rows.map((row) => {
      const x = Math.max(left, frame.x(this.#begin(row)));
      return {
        row,
        x,
        y: this.#top() + (lane[row] ?? 0) * laneHeight + 1,
        width: Math.max(2, Math.min(width, frame.x(this.#end(row))) - x),
        height: Math.max(2, laneHeight - 3),
      };
    });
    for (const [kind, color] of colors.entries()) {
      context.fillStyle = color;
      context.globalAlpha = marked.size > 0 ? 0.3 : 0.85;
      for (const bar of this.#bars) {
        if (outcome[bar.row] !== kind) continue;
        // Outcomes also differ by shape: failed is half as high, indeterminate is open.
        if (kind === 0) context.fillRect(bar.x, bar.y, bar.width, bar.height);
        else if (kind === 1) context.fillRect(bar.x, bar.y + bar.height / 2, bar.width, bar.height / 2);
        else {
          context.strokeStyle = color;
          context.strokeRect(bar.x + 0.5, bar.y + 0.5, Math.max(2, bar.width - 1), bar.height - 1);
        }
      }
    }
    context.globalAlpha = 1;
    for (const bar of this.#bars) {
      if (!marked.has(bar.row)) continue;
      context.fillStyle = colors[outcome[bar.row] ?? 0] ?? theme.ok;
      context.fillRect(bar.x, bar.y, bar.width, bar.height);
      context.strokeStyle = this.#failed.has(bar.row) ? theme.bad : theme.ink;
      context.lineWidth = this.#failed.has(bar.row) ? 4 : 2;
      context.strokeRect(bar.x - 2, bar.y - 1, bar.width + 4, bar.height + 2);
    }
    this.#labels(frame, drawn);
    context.textAlign = "left";
    context.fillStyle = theme.dim;
    const every = Math.max(1, Math.ceil(13 / laneHeight));
    for (let row = 0; row < lanes; row += every) {
      context.fillText(`thread ${row}`, 2, this.#top() + row * laneHeight + Math.min(laneHeight, 13) - 2);
    }
    drawDensity(frame, drawn, height - DENSITY_HEIGHT);
    context.canvas.dataset["drawn"] = String(drawn.rows.length + drawn.density.length);
    context.canvas.dataset["total"] = String(drawn.total);
  }

  hit(x: number, y: number): { text: string; choose: () => void } | undefined {
    const bar = this.#bars.findLast((each) =>
      x >= each.x - 2 && x <= each.x + each.width + 2 && y >= each.y - 1 && y <= each.y + each.height + 1
    );
    if (bar === undefined) return undefined;
    return { text: this.describe(bar.row), choose: () => this.#selection.chooseOperation(bar.row) };
  }

  step(by: 1 | -1): void {
    const rows = this.#rows.length;
    if (rows === 0) return;
    const current = this.#selection.operation;
    const next = current < 0
      ? this.#rows.find((row) => this.#begin(row) >= this.#window.from) ?? 0
      : Math.min(rows - 1, Math.max(0, current + by));
    this.#selection.chooseOperation(next);
  }

  /** Describes an operation in one line. */
  describe(row: number): string {
    const o = this.#operations;
    const name = o.names[o.f[row] ?? 0] ?? "?";
    const outcome = OUTCOMES[o.outcome[row] ?? 3];
    const begin = this.#begin(row);
    const end = o.end[row] ?? -1;
    const took = end < 0 ? "no reply" : `${((end - begin) / 1000).toFixed(2)} ms`;
    const note = this.#notes.get(row);
    const asked = (o.asked[row] ?? "").slice(0, 90);
    const got = (o.got[row] ?? "").slice(0, 90);
    return visible(
      `process ${o.process[row]}: ${name} ${asked}${got === "" ? "" : ` → ${got}`} · ${outcome} · ` +
        `${timeText(begin, 0)} · ${took}${note === undefined ? "" : ` · ${note}`}`,
    );
  }

  #begin(row: number): number {
    return this.#operations.begin[row] ?? 0;
  }

  #end(row: number): number {
    const end = this.#operations.end[row] ?? -1;
    if (end >= 0) return end;
    return this.#window.max;
  }

  #laneHeight(): number {
    return Math.min(22, Math.max(4, 420 / this.#operations.lanes));
  }

  /** Draws labels of operations in the bars that have room for them. */
  #labels({ context, theme }: Frame, { rows }: VisibleRows): void {
    if (rows.length > 400 || this.#laneHeight() < 13) return;
    const o = this.#operations;
    context.textAlign = "left";
    context.fillStyle = theme.card;
    for (const { row, x, y, width, height } of this.#bars) {
      if (width < 40 || (o.outcome[row] ?? 0) !== 0) continue;
      const text = visible(`${o.names[o.f[row] ?? 0]} ${o.got[row] || o.asked[row]}`);
      context.fillText(text.slice(0, Math.floor(width / 7)), x + 3, y + height / 2 + 4);
    }
  }
}

/** Draws the density per pixel column where not all operations are drawn. */
export function drawDensity({ context, theme, left }: Frame, { density }: VisibleRows, top: number): void {
  if (density.length === 0) return;
  const max = density.reduce((a, b) => Math.max(a, b), 1);
  context.fillStyle = theme.dim;
  context.globalAlpha = 0.7;
  for (const [column, count] of density.entries()) {
    if (count === 0) continue;
    const tall = Math.max(1, Math.log1p(count) / Math.log1p(max) * (DENSITY_HEIGHT - 2));
    context.fillRect(left + column, top + DENSITY_HEIGHT - tall, 1, tall);
  }
  context.globalAlpha = 1;
  context.textAlign = "left";
  context.fillText("how many", 2, top + DENSITY_HEIGHT - 4);
}
