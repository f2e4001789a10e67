/** The span of time that the diagrams show: one for all of them, so that they move together. */

/** A window on the time from `min` to `max`, in µs. */
export class TimeWindow {
  from: number;
  to: number;
  /** The time that is chosen in the diagrams, if anything is. */
  focus: number | undefined;
  readonly min: number;
  readonly max: number;
  /** The shortest span that can be shown. */
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

  /** Calls `changed` whenever the window has moved. */
  onChange(changed: () => void): void {
    this.#listeners.push(changed);
  }

  /** Shows this span, kept within the whole. */
  show(from: number, to: number): void {
    const span = Math.min(this.max - this.min, Math.max(this.spanMin, to - from));
    const middle = (from + to) / 2;
    this.from = Math.min(this.max - span, Math.max(this.min, middle - span / 2));
    this.to = this.from + span;
    for (const changed of this.#listeners) changed();
  }

  /**
   * Zooms so that `at` stays where it is; a factor below 1 shows less. Without `at` that is the focus, if there is one: it comes
   * to the middle if it is not in sight.
   */
  zoom(factor: number, at: number = this.focus ?? (this.from + this.to) / 2): void {
    const span = Math.min(this.max - this.min, Math.max(this.spanMin, this.span * factor));
    const inSight = this.from <= at && at <= this.to;
    const part = inSight ? (at - this.from) / this.span : 0.5;
    this.show(at - part * span, at + (1 - part) * span);
  }

  /** Moves by a part of its span. */
  pan(part: number): void {
    this.show(this.from + part * this.span, this.to + part * this.span);
  }

  /** Shows everything. */
  fit(): void {
    this.show(this.min, this.max);
  }
}
