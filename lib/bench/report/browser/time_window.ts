/**
 * The visible time span. All diagrams share one, so that they move together.
 *
 * Tested by `tests/bench/report/visible_test.ts`.
 */

import { TimeFold } from "./time_fold.ts";

/** A window on the time from `min` to `max`, in µs. Idle stretches of the fold are shown short. */
export class TimeWindow {
  from: number;
  to: number;
  /** The selected time in the diagrams, if any. */
  focus: number | undefined;
  readonly min: number;
  readonly max: number;
  readonly fold: TimeFold;
  /** Shortest span that can be shown. */
  readonly spanMin = 20;
  readonly #listeners: (() => void)[] = [];

  constructor(min: number, max: number, fold: TimeFold = new TimeFold()) {
    const length = fold.positionOf(max) - fold.positionOf(min);
    const margin = Math.max(Math.min(1000, length * 0.05), length * 0.01);
    this.fold = fold;
    this.min = this.from = min - margin;
    this.max = this.to = max + margin;
  }

  /** Length of the window, in µs, with folded stretches as short as they are shown. */
  get span(): number {
    return this.fold.positionOf(this.to) - this.fold.positionOf(this.from);
  }

  /** Length of the whole run, in the same measure. */
  get spanMax(): number {
    return this.fold.positionOf(this.max) - this.fold.positionOf(this.min);
  }

  /** Calls `changed` after every move of the window. */
  onChange(changed: () => void): void {
    this.#listeners.push(changed);
  }

  /** Returns the place of a time in the window: 0 at its start, 1 at its end. */
  partOf(time: number): number {
    return (this.fold.positionOf(time) - this.fold.positionOf(this.from)) / this.span;
  }

  /** Returns the time at a place in the window. */
  timeAt(part: number): number {
    return this.fold.timeOf(this.fold.positionOf(this.from) + part * this.span);
  }

  /** Returns the place of a time in the whole run. */
  wholePartOf(time: number): number {
    return (this.fold.positionOf(time) - this.fold.positionOf(this.min)) / this.spanMax;
  }

  /** Returns the time at a place in the whole run. */
  wholeTimeAt(part: number): number {
    return this.fold.timeOf(this.fold.positionOf(this.min) + part * this.spanMax);
  }

  /** Shows a span of time, limited to the whole. */
  show(from: number, to: number): void {
    this.#showPositions(this.fold.positionOf(from), this.fold.positionOf(to));
  }

  /** Moves the window so that a time is in its middle; `span` is its new length. */
  center(time: number, span: number = this.span): void {
    const at = this.fold.positionOf(time);
    this.#showPositions(at - span / 2, at + span / 2);
  }

  /**
   * Zooms so that `at` keeps its position; a factor below 1 shows less. The default for `at` is the focus, if there
   * is one, which moves to the center if it is not visible.
   */
  zoom(factor: number, at: number = this.focus ?? this.timeAt(0.5)): void {
    const span = Math.min(this.spanMax, Math.max(this.spanMin, this.span * factor));
    const inSight = this.from <= at && at <= this.to;
    const part = inSight ? this.partOf(at) : 0.5;
    const position = this.fold.positionOf(at);
    this.#showPositions(position - part * span, position + (1 - part) * span);
  }

  /** Moves by a fraction of the span. */
  pan(part: number): void {
    const from = this.fold.positionOf(this.from) + part * this.span;
    this.#showPositions(from, from + this.span);
  }

  /** Shows everything. */
  fit(): void {
    this.#showPositions(this.fold.positionOf(this.min), this.fold.positionOf(this.max));
  }

  #showPositions(from: number, to: number): void {
    const min = this.fold.positionOf(this.min);
    const max = this.fold.positionOf(this.max);
    const span = Math.min(max - min, Math.max(this.spanMin, to - from));
    const start = Math.min(max - span, Math.max(min, (from + to) / 2 - span / 2));
    this.from = start <= min ? this.min : this.fold.timeOf(start);
    this.to = start + span >= max ? this.max : this.fold.timeOf(start + span);
    for (const changed of this.#listeners) changed();
  }
}
