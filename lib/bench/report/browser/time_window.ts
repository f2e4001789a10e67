/**
 * The visible time span. All diagrams share one, so that they move together.
 *
 * Tested by `tests/bench/report/visible_test.ts`.
 */

/** A window on the time from `min` to `max`, in µs. */
export class TimeWindow {
  from: number;
  to: number;
  /** The selected time in the diagrams, if any. */
  focus: number | undefined;
  readonly min: number;
  readonly max: number;
  /** Shortest span that can be shown. */
  readonly spanMin = 20;
  readonly #listeners: (() => void)[] = [];

  constructor(min: number, max: number) {
    const margin = Math.max(1000, (max - min) * 0.01);
    this.min = this.from = min - margin;
    this.max = this.to = max + margin;
  }

  get span(): number {
    return this.to - this.from;
  }

  /** Calls `changed` after every move of the window. */
  onChange(changed: () => void): void {
    this.#listeners.push(changed);
  }

  /** Shows a span, limited to the whole. */
  show(from: number, to: number): void {
    const span = Math.min(this.max - this.min, Math.max(this.spanMin, to - from));
    const middle = (from + to) / 2;
    this.from = Math.min(this.max - span, Math.max(this.min, middle - span / 2));
    this.to = this.from + span;
    for (const changed of this.#listeners) changed();
  }

  /**
   * Zooms so that `at` keeps its position; a factor below 1 shows less. The default for `at` is the focus, if there
   * is one, which moves to the center if it is not visible.
   */
  zoom(factor: number, at: number = this.focus ?? (this.from + this.to) / 2): void {
    const span = Math.min(this.max - this.min, Math.max(this.spanMin, this.span * factor));
    const inSight = this.from <= at && at <= this.to;
    const part = inSight ? (at - this.from) / this.span : 0.5;
    this.show(at - part * span, at + (1 - part) * span);
  }

  /** Moves by a fraction of the span. */
  pan(part: number): void {
    this.show(this.from + part * this.span, this.to + part * this.span);
  }

  /** Shows everything. */
  fit(): void {
    this.show(this.min, this.max);
  }
}
