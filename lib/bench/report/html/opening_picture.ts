/**
 * Draws the view on which a report opens as one still picture: nodes and clients as lines, messages as arrows, operations as bars.
 *
 * Tested by `tests/bench/report/digest_test.ts`.
 */

import { DELIVERY_STATUSES, type MessageColumns, OUTCOMES, type ReportData } from "../data/report_data.ts";
import { element, type View } from "./elements.ts";
import { clip, seconds } from "./text.ts";

const WIDTH = 760;
const LEFT = 92;
const RIGHT = 14;
const TOP = 20;
const ROW_HEIGHT = 30;
const BAR_HEIGHT = 20;
/** Maximum numbers of lines, messages and operations. */
const ACTORS_MAX = 14;
const MESSAGES_MAX = 120;
const OPERATIONS_MAX = 8;
/** Maximum length of a fault's label, in characters. */
const LABEL_MAX = 60;
/** The width of a character of a label, and the minimum length of one in characters. */
const CHARACTER_WIDTH = 7.3;
const LABEL_MIN = 12;

/** Returns the picture; nothing if there is nothing to draw. */
export function openingPicture(data: ReportData): View {
  const { opening, messages } = data;
  const from = opening.from;
  const to = Math.max(opening.to, from + 1);
  const x = (at: number) =>
    LEFT + (Math.min(Math.max(at, from), to) - from) / (to - from) * (WIDTH - LEFT - RIGHT);
  const rows = messages === null ? [] : shownMessages(messages, data);
  const actors = actorsOf(messages, rows, data);
  const lineOf = new Map(actors.map((actor, i) => [actor, TOP + ROW_HEIGHT * (i + 0.5)]));
  const barsTop = TOP + ROW_HEIGHT * actors.length + 8;
  const operations = opening.operations.slice(0, OPERATIONS_MAX);
  if (rows.length === 0 && operations.length === 0) return null;
  const height = barsTop + BAR_HEIGHT * operations.length + 22;
  const label = `From ${seconds(from)} to ${
    seconds(to)
  }: ${rows.length} messages, ${operations.length} operations`;
  return element(
    "svg",
    {
      class: "opening",
      viewBox: `0 0 ${WIDTH} ${height}`,
      style: "max-width: 100%; height: auto",
      width: WIDTH,
      height,
      role: "img",
      "aria-label": label,
    },
    ...faultViews(data, { from, to, x, height: barsTop - 8 }),
    ...actors.flatMap((actor) => {
      const y = lineOf.get(actor) ?? 0;
      return [
        element("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, stroke: "var(--line)" }),
        text(messages?.actors[actor] ?? "", { x: LEFT - 8, y: y + 4, anchor: "end" }),
      ];
    }),
    ...(messages === null ? [] : rows.flatMap((row) => messageView(messages, row, { x, lineOf, opening }))),
    ...operations.flatMap((row, i) => operationView(data, row, { x, y: barsTop + BAR_HEIGHT * i })),
    text(seconds(from), { x: LEFT, y: height - 6 }),
    text(seconds(to), { x: WIDTH - RIGHT, y: height - 6, anchor: "end" }),
  );
}

/** Returns the rows to draw: the selected messages, then others of the window until there are enough. */
function shownMessages(messages: MessageColumns, { opening }: ReportData): number[] {
  const isInside = (row: number) =>
    (messages.sent[row] ?? 0) <= opening.to &&
    Math.max(messages.resolved[row] ?? 0, messages.sent[row] ?? 0) >= opening.from;
  const selected = opening.messages.filter(isInside);
  const shown = new Set(selected.slice(0, MESSAGES_MAX));
  const near = new Set(selected.flatMap((row) => [messages.src[row], messages.dest[row]]));
  for (let row = 0; row < messages.sent.length && shown.size < MESSAGES_MAX; row++) {
    const isNear = near.size === 0 || near.has(messages.src[row]) || near.has(messages.dest[row]);
    if (isInside(row) && isNear) shown.add(row);
  }
  return [...shown].sort((a, b) => a - b);
}

/** Returns the actors to draw, in the report's order. Nodes come first; those of selected messages are never left out. */
function actorsOf(
  messages: MessageColumns | null,
  rows: readonly number[],
  { opening, nodes }: ReportData,
): number[] {
  if (messages === null) return [];
  const selected = new Set(opening.messages);
  const ends = (wanted: (row: number) => boolean) =>
    rows.filter(wanted).flatMap((row) => [messages.src[row] ?? 0, messages.dest[row] ?? 0]);
  const all = [...ends((row) => selected.has(row)), ...nodes.keys(), ...ends((row) => !selected.has(row))];
  return [...new Set(all)].slice(0, ACTORS_MAX).sort((a, b) => a - b);
}

function faultViews(
  { faults }: ReportData,
  { from, to, x, height }: {
    readonly from: number;
    readonly to: number;
    readonly x: (at: number) => number;
    readonly height: number;
  },
): View[] {
  return faults.filter((fault) => fault.from < to && fault.to > from).flatMap((fault) => [
    element("rect", {
      x: x(fault.from),
      y: 0,
      width: x(fault.to) - x(fault.from),
      height,
      fill: "var(--fault)",
      "fill-opacity": 0.12,
    }),
    text(cut(fault.text, LABEL_MAX), { x: x(fault.from) + 4, y: 12 }),
  ]);
}

function messageView(messages: MessageColumns, row: number, { x, lineOf, opening }: {
  readonly x: (at: number) => number;
  readonly lineOf: ReadonlyMap<number, number>;
  readonly opening: ReportData["opening"];
}): View[] {
  const [y1, y2] = [lineOf.get(messages.src[row] ?? -1), lineOf.get(messages.dest[row] ?? -1)];
  if (y1 === undefined || y2 === undefined) return [];
  const sent = messages.sent[row] ?? 0;
  const resolved = messages.resolved[row] ?? -1;
  const status = DELIVERY_STATUSES[messages.deliveryStatus[row] ?? 0] ?? "received";
  const isReceived = status === "received";
  const isSelected = opening.messages.includes(row);
  const [x1, x2] = [x(sent), x(resolved < sent ? sent : resolved)];
  const title = element(
    "title",
    {},
    `${messages.types[messages.type[row] ?? 0]}, ${messages.actors[messages.src[row] ?? 0]} to ${
      messages.actors[messages.dest[row] ?? 0]
    }, ${seconds(sent)}: ${status}. ${clip(messages.body[row] ?? "", 300)}`,
  );
  const color = isReceived ? (isSelected ? "var(--ok)" : "var(--dim)") : "var(--bad)";
  const mark = isReceived
    ? element("circle", { cx: x2, cy: y2, r: isSelected ? 3.5 : 2, fill: color })
    : element("path", { d: `M${x2 - 5} ${y2 - 5}l10 10m0-10l-10 10`, stroke: color, "stroke-width": 2.5 });
  return [
    element(
      "g",
      { opacity: isSelected || opening.messages.length === 0 ? 1 : isReceived ? 0.3 : 0.6 },
      title,
      element("line", { x1, y1, x2, y2, stroke: color, "stroke-width": isSelected ? 2 : 1 }),
      mark,
    ),
  ];
}

function operationView(
  { operations }: ReportData,
  row: number,
  { x, y }: { readonly x: (at: number) => number; readonly y: number },
): View[] {
  const begin = operations.begin[row] ?? 0;
  const end = operations.end[row] ?? -1;
  const outcome = OUTCOMES[operations.outcome[row] ?? 0] ?? "ok";
  const [got, asked] = [operations.got[row] ?? "", operations.asked[row] ?? ""];
  const name = operations.names[operations.f[row] ?? 0] ?? "";
  const result = got === "" ? "" : ` → ${got}`;
  const color = outcome === "ok" ? "var(--ok)" : outcome === "fail" ? "var(--fail)" : "var(--info)";
  const x1 = x(begin);
  const x2 = Math.max(x1 + 4, x(end < begin ? Infinity : end));
  // The label is where most space is: before the bar, after it, or on it.
  const [before, after] = [x1 - LEFT, WIDTH - RIGHT - x2];
  const isOn = Math.max(before, after) < LABEL_MIN * CHARACTER_WIDTH;
  const space = isOn ? WIDTH - RIGHT - x1 : Math.max(before, after) - 8;
  const label = cut(`${name} ${asked}${result}`.trim(), Math.floor(space / CHARACTER_WIDTH));
  const isBefore = !isOn && before > after;
  return [
    element("rect", { x: x1, y: y + 3, width: x2 - x1, height: BAR_HEIGHT - 8, fill: color, rx: 2 }),
    text(`process ${operations.process[row] ?? ""}`, { x: LEFT - 8, y: y + 14, anchor: "end" }),
    isBefore
      ? text(label, { x: x1 - 6, y: y + 14, anchor: "end" })
      : text(label, { x: isOn ? x1 + 6 : x2 + 6, y: y + 14 }),
  ];
}

/** Returns a text of at most `max` characters. */
function cut(text: string, max: number): string {
  const characters = [...text];
  return characters.length <= max ? text : `${characters.slice(0, Math.max(0, max - 1)).join("")}…`;
}

function text(
  content: string,
  { x, y, anchor = "start" }: { readonly x: number; readonly y: number; readonly anchor?: string },
): View {
  return element(
    "text",
    {
      x,
      y,
      "text-anchor": anchor,
      "font-size": 12,
      fill: "var(--ink)",
      stroke: "var(--card)",
      "stroke-width": 3,
      "paint-order": "stroke",
    },
    content,
  );
}
