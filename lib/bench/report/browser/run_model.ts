/**
 * The state that all views of a run share: one cursor, one selection, one window, one folded time.
 *
 * Tested by `tests/bench/report/run_model_test.ts`.
 */

import { withLogLines } from "./states.ts";
import type { OpeningView, ReportData } from "../data/report_data.ts";
import { type ActorTime, Causality } from "./causality.ts";
import { Cursor, sortedTimes } from "./cursor.ts";
import { FaultScenes } from "./fault_scenes.ts";
import { Flights } from "./flights.ts";
import { Selection } from "./selection.ts";
import { foldStretches, idleStretches, type TimeFold } from "./time_fold.ts";
import { TimeWindow } from "./time_window.ts";

/** Maximum number of operations of a run that is always shown as a whole, such as a shrunk case. */
export const SMALL_RUN_OPERATIONS = 12;

/** Place in the window from which on the window follows the cursor. */
export const SIGHT_END = 0.97;

/** A relation of messages to the selection. */
export type Relation = "past" | "future" | "none";

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
  readonly causality: Causality | undefined;
  /** The emphasized relation of messages to the selection. */
  #relation: Relation = "past";
  /** Times of all events. */
  readonly times: Float64Array;

  constructor(data: ReportData) {
    const { beginUs, endUs, messages, operations, nodes } = data;
    const states = withLogLines(data.states, data.logs);
    this.data = { ...data, states };
    this.scenes = new FaultScenes(data);
    this.flights = messages === null ? undefined : new Flights(messages, endUs);
    this.causality = messages === null ? undefined : new Causality(messages, nodes.length);
    const ends = (times: readonly number[]) => times.filter((time) => time !== -1);
    const changes = states?.tracks.flatMap(({ at }) => at) ?? [];
    const single = [...this.scenes.times, ...operations.begin, ...ends(operations.end)];
    const arrivals = ends(messages?.resolved ?? []);
    this.times = sortedTimes([...single, ...changes, ...messages?.sent ?? [], ...arrivals]);
    const flightEnds = messages?.sent.map((sent, row) => Math.max(sent, messages.resolved[row] ?? -1));
    const activity = { events: sortedTimes(single), begin: messages?.sent ?? [], end: flightEnds ?? [] };
    this.fold = foldStretches(idleStretches(activity, [beginUs, endUs]), [beginUs, endUs]);
    this.window = new TimeWindow(beginUs, endUs, this.fold);
    this.cursor = new Cursor(beginUs, endUs, Math.max(beginUs, 0));
    this.selection.onChange(() => this.#selected());
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

  get relation(): Relation {
    return this.#relation;
  }

  /** Emphasizes the causal past or future of the selection, or neither. */
  relate(relation: Relation): void {
    this.#relation = relation;
    this.selection.changed();
  }

  /** Shows a window, a moment, and a selection. */
  openAt(view: OpeningView): void {
    this.selection.mark(view);
    const isSmall = this.data.operations.begin.length <= SMALL_RUN_OPERATIONS;
    if (isSmall) this.window.fit();
    else this.window.show(view.from, view.to);
    this.cursor.moveTo(this.timeOfLoss(view));
  }

  /** Returns the time at which the last of some messages was lost; `at` if all of them arrived. */
  timeOfLoss({ at, messages: rows }: { readonly at: number; readonly messages: readonly number[] }): number {
    const { messages } = this.data;
    const lost = rows.filter((row) => (messages?.deliveryStatus[row] ?? 0) !== 0);
    return lost.reduce((latest, row) => Math.max(latest, messages?.resolved[row] ?? -1), at);
  }

  #selected(): void {
    this.selection.relate(this.#relatedRows());
    this.#moveToSelection();
  }

  #relatedRows(): readonly number[] {
    const { causality, selection } = this;
    if (causality === undefined || this.#relation === "none") return [];
    const isPast = this.#relation === "past";
    const events: ActorTime[] = [];
    const direct = selection.message >= 0 ? [selection.message] : selection.messages;
    for (const row of direct) {
      const { first, last } = causality.endsOf(row);
      // The past of a message is that of its sending; its own flight is a part of it.
      events.push(isPast ? first : last);
    }
    if (selection.message < 0) {
      for (const row of selection.operations) events.push(...this.#eventsOf(row, isPast));
    }
    if (events.length === 0) return [];
    return [...isPast ? causality.past(events) : causality.future(events), ...direct];
  }

  /** Returns the event at which an operation's client knows its result, or at which it sends its request. */
  #eventsOf(operation: number, isPast: boolean): ActorTime[] {
    const { messages, operations } = this.data;
    const request = this.causality?.requestOf(operations, operation) ?? -1;
    if (request < 0) return [];
    const begin = messages?.sent[request] ?? 0;
    const end = operations.end[operation] ?? -1;
    return [{ actor: messages?.src[request] ?? 0, time: isPast ? Math.max(begin, end) : begin }];
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
    if (part < 0 || part > SIGHT_END) this.window.center(time);
  }
}

/** Returns the selected time: of a message in flight or lost, or the end of the last marked operation. */
export function timeOf(
  { message, operations }: Selection,
  { messages, operations: columns }: Pick<ReportData, "messages" | "operations">,
): number | undefined {
  const sent = messages?.sent[message];
  if (sent !== undefined) {
    const end = Math.max(sent, messages?.resolved[message] ?? sent);
    return messages?.deliveryStatus[message] === 0 ? (sent + end) / 2 : end;
  }
  const times = [...operations].map((row) => Math.max(columns.begin[row] ?? 0, columns.end[row] ?? 0));
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
}
