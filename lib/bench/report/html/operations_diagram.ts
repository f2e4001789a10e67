/**
 * Draws the operations that prove a finding, as bars over time with one row per process.
 *
 * Tested by `tests/bench/report/findings_test.ts`.
 */

import type { Event, History } from "../../../checkers/history.ts";
import { isObject } from "../../../protocol/schema.ts";
import type { RegisterExample } from "../../findings/finding.ts";
import { clip, seconds, valueJson } from "./text.ts";
import { element, type View } from "./elements.ts";

const WIDTH = 640;
const LEFT = 92;
const RIGHT = 24;
const TOP = 6;
const BAR_HEIGHT = 13;
const LABEL_HEIGHT = 16;
const ROWS_MAX = 16;
const LABEL_MAX = 46;
const CHARACTER_WIDTH = 7.3;

/** An operation as a bar. */
interface Bar {
  readonly event: Event;
  readonly label: string;
  readonly title: string;
  readonly x: number;
  readonly width: number;
  /** The line of its label above the bar. */
  readonly line: number;
  readonly labelX: number;
}

/** Returns the diagram of the events' operations; nothing if there are none. */
export function operationsPicture(events: readonly Event[], { history, marked, focus }: {
  readonly history: History;
  /** The event that violates the model. */
  readonly marked?: Event | undefined;
  /** The key of the case. Of operations on many keys, only the part on this key is shown. */
  readonly focus?: string | undefined;
}): View {
  const spans = events.map((event) => ({ event, ...spanOf(event, history), label: labelOf(event, focus) }))
    .sort((a, b) => a.from - b.from);
  const processes = [...new Set(spans.map(({ event }) => event.process))];
  if (events.length === 0 || processes.length > ROWS_MAX) return null;
  const begin = Math.min(...spans.map(({ from }) => from));
  const end = Math.max(...spans.map(({ from, to }) => to ?? from), begin + 1);
  const scale = (WIDTH - LEFT - RIGHT) / (end - begin);
  const rows: { process: number | string; bars: Bar[]; y: number }[] = [];
  let y = TOP;
  for (const process of processes) {
    const bars = stack(
      spans.filter(({ event }) => event.process === process).map(({ event, from, to, label }) => ({
        event,
        label,
        title: `${label}, ${seconds(from / 1000)} to ${to === undefined ? "?" : seconds(to / 1000)}`,
        x: LEFT + (from - begin) * scale,
        width: Math.max(4, ((to ?? from) - from) * scale),
      })),
    );
    const labels = Math.max(...bars.map(({ line }) => line)) + 1;
    rows.push({ process, bars, y: y + labels * LABEL_HEIGHT });
    y += labels * LABEL_HEIGHT + BAR_HEIGHT + 10;
  }
  const description = spans.map(({ label }) => label).join("; ");
  return element(
    "svg",
    {
      class: "bars",
      viewBox: `0 0 ${WIDTH} ${y + 18}`,
      width: WIDTH,
      height: y + 18,
      role: "img",
      "aria-label": `Operations from ${seconds(begin / 1000)} to ${seconds(end / 1000)}: ${description}`,
    },
    ...rows.flatMap(({ process, bars, y }) => [
      element("line", { class: "row", x1: LEFT, x2: WIDTH, y1: y + BAR_HEIGHT / 2, y2: y + BAR_HEIGHT / 2 }),
      element("text", { class: "name", x: 0, y: y + 11 }, `process ${process}`),
      ...bars.map((bar) => barView(bar, { y, marked: bar.event === marked })),
    ]),
    element("text", { class: "time", x: LEFT, y: y + 14 }, seconds(begin / 1000)),
    element("text", { class: "time", x: WIDTH - 2, y: y + 14, "text-anchor": "end" }, seconds(end / 1000)),
  );
}

/** Assigns lines to labels, so that no label overlaps another. */
function stack(bars: readonly Omit<Bar, "line" | "labelX">[]): Bar[] {
  const ends: number[] = [];
  return bars.map((bar) => {
    const width = bar.label.length * CHARACTER_WIDTH;
    const labelX = Math.max(LEFT, Math.min(bar.x, WIDTH - width - 2));
    const free = ends.findIndex((end) => end + 8 < labelX);
    const line = free < 0 ? ends.length : free;
    ends[line] = labelX + width;
    return { ...bar, line, labelX };
  });
}

function barView(
  { event, label, title, x, width, line, labelX }: Bar,
  { y, marked }: { readonly y: number; readonly marked: boolean },
): View {
  return element(
    "g",
    { class: `bar ${event.type}${marked ? " marked" : ""}` },
    element("title", {}, title),
    element("rect", { x, y, width, height: BAR_HEIGHT, rx: 2 }),
    element("text", { x: labelX, y: y - 4 - line * LABEL_HEIGHT }, label),
  );
}

/** Describes an operation in a few characters. */
function labelOf({ f, value, type }: Event, focus?: string): string {
  const how = type === "ok" ? "" : type === "invoke" ? " (pending)" : ` (${type})`;
  const text = valueJson(focus === undefined ? value : focusedOn(value, focus), 10_000);
  const room = LABEL_MAX - f.length - how.length;
  const half = Math.floor(room / 2);
  const shown = text.length <= room ? text : `${text.slice(0, half)}…${text.slice(-half)}`.toWellFormed();
  return `${f} ${shown}${how}`;
}

/** Returns only one key's messages of a poll: `{"x":[[2,3]]}`, or a list of such objects. */
function focusedOn(value: unknown, key: string): unknown {
  if (!Array.isArray(value)) return value;
  const parts = value.flatMap((operation) => {
    const polled: unknown = Array.isArray(operation) ? operation[1] : undefined;
    return isObject(polled) && Object.hasOwn(polled, key) ? [{ [key]: polled[key] }] : [];
  });
  return parts.length === 0 ? value : parts.length === 1 ? parts[0] : parts;
}

/** Returns the times of the call and the return of an event's operation, in ns. */
function spanOf(event: Event, history: History): { from: number; to: number | undefined } {
  if (event.type === "invoke") {
    for (let i = event.index + 1; i < history.length; i++) {
      const other = history[i];
      if (other?.process === event.process) return { from: event.time, to: other.time };
    }
    return { from: event.time, to: undefined };
  }
  for (let i = event.index - 1; i >= 0; i--) {
    const other = history[i];
    if (other?.process === event.process && other.type === "invoke") {
      return { from: other.time, to: event.time };
    }
  }
  return { from: event.time, to: event.time };
}

/**
 * Returns the end of the longest linearizable prefix, the register's value after each step, and the operation that
 * does not fit.
 */
export function registerPicture({ linearized, linearizedCount, failed, states }: RegisterExample): View {
  if (linearized.length === 0 && failed === undefined) return null;
  const skipped = linearizedCount - linearized.length;
  return element(
    "ol",
    { class: "steps" },
    ...(skipped > 0 ? [element("li", { class: "dim" }, `… ${skipped} earlier operations`)] : []),
    ...linearized.map((event) =>
      element(
        "li",
        {},
        element("span", { class: "op" }, registerLabel(event)),
        element("span", { class: "state" }, `= ${stateAfter(event)}`),
      )
    ),
    ...(failed === undefined ? [] : [
      element(
        "li",
        { class: "failed" },
        element("span", { class: "op" }, registerLabel(failed)),
        element("span", { class: "state" }, `not linearizable: the register held ${states.join(" or ")}`),
      ),
    ]),
  );
}

function registerLabel(event: Event): string {
  const value = Array.isArray(event.value) && event.value.length === 2 ? event.value[1] : event.value;
  return clip(
    `${event.f} ${valueJson(value, LABEL_MAX) || "null"} by process ${event.process}`,
    LABEL_MAX * 2,
  );
}

/** Returns the value of the register after an operation that took effect. */
export function stateAfter({ f, value }: Event): string {
  const own = Array.isArray(value) && value.length === 2 ? value[1] : value;
  const after = f === "cas" && Array.isArray(own) ? own[1] : own;
  return valueJson(after, LABEL_MAX) || "null";
}
