/**
 * Messages as typed columns that answer which of them are in flight, without allocation.
 *
 * Tested by `tests/bench/report/flights_test.ts`.
 */

import type { MessageColumns } from "../data/report_data.ts";
import { countUntil } from "./cursor.ts";

/** Number of messages per block. A block without a message in flight is skipped. */
export const FLIGHT_BLOCK = 64;

/** The flights of a run's messages, in the order of sending. */
export class Flights {
  readonly sent: Float64Array;
  /** Time of the arrival or the loss; the end of the run for a message that has neither. */
  readonly ended: Float64Array;
  /** The rows that the last search found. Only the first {@linkcode count} are valid. */
  readonly rows: Int32Array;
  count = 0;
  /** Latest end per block. */
  readonly #blockEnds: Float64Array;

  constructor({ sent, resolved }: Pick<MessageColumns, "sent" | "resolved">, endUs: number) {
    this.sent = Float64Array.from(sent);
    this.ended = Float64Array.from(sent, (time, row) => {
      const end = resolved[row] ?? -1;
      return end < time ? Math.max(time, endUs) : end;
    });
    this.rows = new Int32Array(sent.length);
    this.#blockEnds = new Float64Array(Math.ceil(sent.length / FLIGHT_BLOCK)).fill(-Infinity);
    for (const [row, end] of this.ended.entries()) {
      const block = Math.floor(row / FLIGHT_BLOCK);
      this.#blockEnds[block] = Math.max(this.#blockEnds[block] ?? -Infinity, end);
    }
  }

  /** Finds the messages that are in flight at a time, or ended at most `lingerUs` before. Returns their number. */
  find(time: number, lingerUs = 0): number {
    const { sent, ended, rows } = this;
    const stop = countUntil(sent, time);
    const since = time - lingerUs;
    this.count = 0;
    for (let start = 0; start < stop; start += FLIGHT_BLOCK) {
      if ((this.#blockEnds[start / FLIGHT_BLOCK] ?? 0) < since) continue;
      const end = Math.min(stop, start + FLIGHT_BLOCK);
      for (let row = start; row < end; row++) {
        if ((ended[row] ?? 0) >= since) rows[this.count++] = row;
      }
    }
    return this.count;
  }

  /** Returns the part of its way that a message has gone at a time: 0 at the sender, 1 at the receiver. */
  progress(row: number, time: number): number {
    const sent = this.sent[row] ?? 0;
    const ended = this.ended[row] ?? 0;
    return ended <= sent ? 1 : Math.min(1, Math.max(0, (time - sent) / (ended - sent)));
  }
}
