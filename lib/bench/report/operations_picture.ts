/** Draws the few operations that prove something, as bars over time, a row a process. */

import type { Event, History } from "../../checkers/history.ts";
import type { RegisterCase } from "./findings.ts";
import { clip, seconds, valueJson } from "./text.ts";
import { element, type View } from "./view.ts";

const WIDTH = 640;
const ROW = 40;
const LEFT = 92;
const RIGHT = 24;
const TOP = 8;
const ROWS_MAX = 16;
const LABEL_MAX = 46;
const CHARACTER_WIDTH = 6.9;

/** An operation as a bar. */
interface Bar {
  readonly event: Event;
  readonly from: number;
  readonly to: number;
  readonly open: boolean;
  readonly row: number;
}

/** The picture of the operations that these events belong to; nothing if there are none. */
export function operationsPicture(events: readonly Event[], { history, marked }: {
  readonly history: History;
  /** The event that is the matter. */
  readonly marked?: Event | undefined;
}): View {
  if (events.length === 0) return null;
  const rows: (number | string)[] = [];
  const bars: Bar[] = [];
  for (const event of events) {
    const known = rows.indexOf(event.process);
    const row = known < 0 ? rows.push(event.process) - 1 : known;
    const { from, to } = spanOf(event, history);
    bars.push({ event, from, to: to ?? from, open: to === undefined, row });
  }
  if (rows.length > ROWS_MAX) return null;
  const begin = Math.min(...bars.map(({ from }) => from));
  const end = Math.max(...bars.map(({ to }) => to), begin + 1);
  const scale = (WIDTH - LEFT - RIGHT) / (end - begin);
  const height = TOP + rows.length * ROW + 26;
  const words = bars.map(({ event }) => labelOf(event)).join("; ");
  return element(
    "svg",
    {
      class: "bars",
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: WIDTH,
      height,
      role: "img",
      "aria-label": `Operations from ${seconds(begin / 1000)} to ${seconds(end / 1000)}: ${words}`,
    },
    ...rows.map((process, row) =>
      element(
        "g",
        {},
        element("line", {
          class: "row",
          x1: LEFT,
          x2: WIDTH,
          y1: TOP + row * ROW + 28,
          y2: TOP + row * ROW + 28,
        }),
        element("text", { class: "name", x: 0, y: TOP + row * ROW + 32 }, `process ${process}`),
      )
    ),
    ...bars.map((bar) => barView(bar, { begin, scale, marked: bar.event === marked })),
    element("text", { class: "time", x: LEFT, y: height - 4 }, seconds(begin / 1000)),
    element(
      "text",
      { class: "time", x: WIDTH - 2, y: height - 4, "text-anchor": "end" },
      seconds(end / 1000),
    ),
  );
}

function barView(
  { event, from, to, open, row }: Bar,
  { begin, scale, marked }: { readonly begin: number; readonly scale: number; readonly marked: boolean },
): View {
  const x = LEFT + (from - begin) * scale;
  const width = Math.max(4, (to - from) * scale);
  const label = labelOf(event);
  const textWidth = label.length * CHARACTER_WIDTH;
  const atEnd = x + textWidth > WIDTH;
  return element(
    "g",
    { class: `bar ${event.type}${marked ? " marked" : ""}` },
    element("title", {}, `${label}, ${seconds(from / 1000)} to ${open ? "?" : seconds(to / 1000)}`),
    element("rect", { x, y: TOP + row * ROW + 21, width, height: 13, rx: 2 }),
    element("text", {
      x: atEnd ? Math.min(WIDTH - 2, x + width) : x,
      y: TOP + row * ROW + 15,
      "text-anchor": atEnd ? "end" : undefined,
    }, label),
  );
}

/** What an operation did, in a few characters. */
export function labelOf({ f, value, type }: Event): string {
  const how = type === "ok" ? "" : type === "invoke" ? " (pending)" : ` (${type})`;
  const text = valueJson(value, 10_000);
  const room = LABEL_MAX - f.length - how.length;
  const shown = text.length <= room
    ? text
    : `${text.slice(0, room / 2).toWellFormed()}…${text.slice(-room / 2).toWellFormed()}`;
  return `${f} ${shown}${how}`;
}

/** When the operation of an event was called and returned, in ns. */
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

/** The end of the longest prefix that can be put in order, the register's value after each step, and what fits nowhere. */
export function registerPicture({ linearized, linearizedCount, failed, states }: RegisterCase): View {
  if (linearized.length === 0 && failed === undefined) return null;
  const skipped = linearizedCount - linearized.length;
  return element(
    "ol",
    { class: "steps" },
    ...(skipped > 0 ? [element("li", { class: "dim" }, `… ${skipped} operations before`)] : []),
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
        element("span", { class: "state" }, `fits nowhere: the register held ${states.join(" or ")}`),
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

/** The value of the register after an operation that took effect. */
export function stateAfter({ f, value }: Event): string {
  const own = Array.isArray(value) && value.length === 2 ? value[1] : value;
  const after = f === "cas" && Array.isArray(own) ? own[1] : own;
  return valueJson(after, LABEL_MAX) || "null";
}
