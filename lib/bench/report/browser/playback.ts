/** The motion of the cursor while a run plays. Tested by `tests/bench/report/playback_test.ts`. */

import type { Cursor } from "./cursor.ts";
import type { TimeFold } from "./time_fold.ts";

/** Speeds: µs of the run per µs of the reader. */
export const SPEEDS: readonly number[] = [
  0.0001,
  0.0002,
  0.0005,
  0.001,
  0.002,
  0.005,
  0.01,
  0.02,
  0.05,
  0.1,
  0.2,
  0.5,
  1,
  2,
  5,
  10,
];
/** Duration in which a typical message crosses the picture at the first speed, in µs of the reader. */
export const CROSSING_US = 900_000;
/** Longest step of one frame, in ms. A tab in the background does not jump when it returns. */
export const STEP_MS_MAX = 100;

/** Plays a run: moves the cursor as the reader's time passes. Folded stretches take as long as they are wide. */
export class Playback {
  readonly #cursor: Cursor;
  readonly #fold: TimeFold;
  #level: number;
  #isPlaying = false;
  #lastMs: number | undefined;

  constructor(cursor: Cursor, { fold, flightUs }: { readonly fold: TimeFold; readonly flightUs: number }) {
    this.#cursor = cursor;
    this.#fold = fold;
    this.#level = speedLevel(flightUs);
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  get speed(): number {
    return SPEEDS[this.#level] ?? 1;
  }

  /** Starts, from the beginning if the cursor is at the end. */
  play(): void {
    if (this.#cursor.time >= this.#cursor.max) this.#cursor.moveTo(this.#cursor.min);
    this.#isPlaying = true;
    this.#lastMs = undefined;
  }

  pause(): void {
    this.#isPlaying = false;
  }

  /** Changes the speed by a level. */
  change(by: 1 | -1): void {
    this.#level = Math.min(SPEEDS.length - 1, Math.max(0, this.#level + by));
  }

  /** Advances to the reader's time. Returns true if the run goes on. */
  advance(nowMs: number): boolean {
    if (!this.#isPlaying) return false;
    const passedMs = Math.min(STEP_MS_MAX, Math.max(0, nowMs - (this.#lastMs ?? nowMs)));
    this.#lastMs = nowMs;
    const position = this.#fold.positionOf(this.#cursor.time) + passedMs * 1000 * this.speed;
    this.#cursor.moveTo(this.#fold.timeOf(position));
    if (this.#cursor.time >= this.#cursor.max) this.#isPlaying = false;
    return this.#isPlaying;
  }
}

/** Returns the level at which a flight of this duration crosses the picture in about {@linkcode CROSSING_US}. */
export function speedLevel(flightUs: number): number {
  const level = SPEEDS.findLastIndex((speed) => speed * CROSSING_US <= Math.max(1, flightUs) * 1.5);
  return Math.max(0, level);
}

/** Returns a speed as text. */
export function speedText(speed: number): string {
  return speed >= 1 ? `${speed}×` : `1/${Math.round(1 / speed)}×`;
}
