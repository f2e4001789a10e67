/**
 * The state that all views of a run share: one cursor, one selection, one window, one folded time.
 *
 * Tested by `tests/bench/report/run_model_test.ts`.
 */

import type { ReportData } from "../data/report_data.ts";
import { Cursor, sortedTimes } from "./cursor.ts";
import { FaultScenes } from "./fault_scenes.ts";
import { Flights } from "./flights.ts";
import { Selection } from "./selection.ts";
import { foldStretches, idleStretches, type TimeFold } from "./time_fold.ts";
import { TimeWindow } from "./time_window.ts";

/** The shared state of a page. A selection moves the cursor to its time. */
export class RunModel {
  readonly data: ReportData;
  readonly fold: TimeFold;
  readonly window: TimeWindow;
  readonly cursor: Cursor;
  readonly selection = new Selection();
  readonly scenes: FaultScenes;
  /** The messages' flights; undefined if no messages were recorded. */
  readonly flights: Flights | undefined;
  /** Times of all events. */
  readonly times: Float64Array;

  constructor(data: ReportData) {
    const { beginUs, endUs, messages, operations } = data;
    this.data = data;
    this.scenes = new FaultScenes(data);
    this.flights = messages === null ? undefined : new Flights(messages, endUs);
    const ends = (times: readonly number[]) => times.filter((time) => time !== -1);
    const single = [...this.scenes.times, ...operations.begin, ...ends(operations.end)];
    this.times = sortedTimes([...single, ...messages?.sent ?? [], ...ends(messages?.resolved ?? [])]);
    const flightEnds = messages?.sent.map((sent, row) => Math.max(sent, messages.resolved[row] ?? -1));
    const activity = { events: sortedTimes(single), begin: messages?.sent ?? [], end: flightEnds ?? [] };
    this.fold = foldStretches(idleStretches(activity, [beginUs, endUs]), [beginUs, endUs]);
    this.window = new TimeWindow(beginUs, endUs, this.fold);
    this.cursor = new Cursor(beginUs, endUs, Math.max(beginUs, 0));
    this.selection.onChange(() => this.#moveToSelection());
    this.cursor.onMove(() => this.#keepInSight());
  }

  /** Returns the median duration of a delivered message's flight, in µs: between servers, if they send any. */
  flightUs(): number {
    const { messages, nodes } = this.data;
    if (messages === null) return 100_000;
    const servers = nodes.length + messages.services;
    const durations = (ofServers: boolean) =>
      Float64Array.from(messages.sent.flatMap((sent, row) => {
        const isServers = (messages.src[row] ?? 0) < servers && (messages.dest[row] ?? 0) < servers;
        return messages.deliveryStatus[row] === 0 && isServers === ofServers
          ? [(messages.resolved[row] ?? sent) - sent]
          : [];
      })).sort();
    const between = durations(true);
    const all = between.length > 0 ? between : durations(false);
    return Math.max(50, all[all.length >> 1] ?? 100_000);
  }

  #moveToSelection(): void {
    const time = timeOf(this.selection, this.data);
    this.window.focus = time;
    if (time === undefined) return;
    const { message } = this.selection;
    const sent = this.flights?.sent[message];
    const ended = this.flights?.ended[message];
    const isInFlight = sent !== undefined && ended !== undefined && sent <= this.cursor.time &&
      this.cursor.time <= ended;
    if (!isInFlight) this.cursor.moveTo(time);
  }

  /** Moves the window after the cursor. A window of the whole run stays. */
  #keepInSight(): void {
    const { time } = this.cursor;
    const part = this.window.partOf(time);
    if (part < 0 || part > 1) this.window.center(time);
  }
}

/** Returns the selected time: of a message, or the end of the last marked operation. */
export function timeOf(
  { message, operations }: Selection,
  { messages, operations: columns }: Pick<ReportData, "messages" | "operations">,
): number | undefined {
  const sent = messages?.sent[message];
  if (sent !== undefined) return (sent + Math.max(sent, messages?.resolved[message] ?? sent)) / 2;
  const times = [...operations].map((row) => Math.max(columns.begin[row] ?? 0, columns.end[row] ?? 0));
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
}
