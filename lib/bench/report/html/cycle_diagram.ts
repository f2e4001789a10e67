/**
 * Draws a cycle of transactions: boxes with operations, and arrows with the reason for the order.
 *
 * Tested by `tests/bench/report/page_script_test.ts`.
 */

import dagre from "@dagrejs/dagre";
import type { Event } from "../../../checkers/history.ts";
import { isObject } from "../../../protocol/schema.ts";
import type { CycleEdge } from "../../findings/finding.ts";
import { clip, valueJson } from "./text.ts";
import { element, type View } from "./elements.ts";

const LINE_HEIGHT = 17;
const CHARACTER_WIDTH = 7.3;
const LINES_MAX = 8;
const LINE_MAX = 34;
const PADDING = 9;

interface Box {
  readonly name: string;
  readonly lines: readonly string[];
}

/** The center of a box in the layout. */
interface PlacedBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The path of an arrow in the layout, and the center of its label. */
interface Route {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly x?: number;
  readonly y?: number;
}

/** Meaning of each kind of edge, for the legend. */
export const EDGE_WORDS: Readonly<Record<string, string>> = {
  "ww": "the second overwrote what the first wrote",
  "wr": "the second read what the first wrote",
  "rw": "the first read, and missed what the second wrote next",
  "process": "one process ran the first before the second",
  "realtime": "the first had returned before the second was called",
};

/** Returns the diagram of a cycle; nothing if there is none. `events` are the transactions T1, T2, … in this order. */
export function cyclePicture(events: readonly Event[], cycle: readonly CycleEdge[]): View {
  if (cycle.length === 0) return null;
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 34, ranksep: 52, marginx: 6, marginy: 6 });
  const boxes = new Map<string, Box>();
  for (const [i, event] of events.entries()) {
    const box = boxOf(`T${i + 1}`, event);
    boxes.set(box.name, box);
    graph.setNode(box.name, { ...sizeOf(box) });
  }
  const drawn = cycle.filter(({ from, to }) => boxes.has(from) && boxes.has(to));
  for (const [i, { from, to, type }] of drawn.entries()) {
    graph.setEdge(
      from,
      to,
      { width: type.length * CHARACTER_WIDTH + 8, height: LINE_HEIGHT, labelpos: "c" },
      String(i),
    );
  }
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const description = drawn.map(({ from, to, type, why }) => `${from} ${type} ${to}: ${why}`).join(". ");
  return element(
    "svg",
    {
      class: "cycle",
      viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
      width: Math.ceil(width),
      height: Math.ceil(height),
      role: "img",
      "aria-label": `A cycle of ${boxes.size} transactions. ${description}.`,
    },
    ...drawn.flatMap((edge, i) => arrow(edge, graph.edge(edge.from, edge.to, String(i)))),
    ...[...boxes.values()].map((box) => boxView(box, graph.node(box.name))),
  );
}

function boxOf(name: string, { process, index, value }: Event): Box {
  const operations = Array.isArray(value) ? value.map(operationText) : [valueJson(value, LINE_MAX)];
  const shown = operations.length > LINES_MAX
    ? [...operations.slice(0, LINES_MAX - 1), `and ${operations.length - LINES_MAX + 1} more`]
    : operations;
  return { name, lines: [`${name} · process ${process} · event ${index}`, ...shown] };
}

/**
 * Describes a micro-operation: `append 3 ← 17`, `r 3 → [1,17]`. Keeps the end of a long list, which is the most
 * relevant.
 */
export function operationText(operation: unknown): string {
  if (!Array.isArray(operation)) return valueJson(operation, LINE_MAX);
  const [f, key, value] = operation;
  if (isObject(key)) return clip(`${f} ${valueJson(key, LINE_MAX)}`, LINE_MAX);
  const text = value === null || value === undefined ? "nothing" : valueJson(value, 10_000);
  const head = `${f} ${typeof key === "string" ? key : valueJson(key, 12)} ${f === "r" ? "→" : "←"} `;
  const room = LINE_MAX - head.length;
  return head + (text.length <= room ? text : `…${text.slice(-(room - 1)).toWellFormed()}`);
}

function sizeOf({ lines }: Box): { width: number; height: number } {
  const longest = Math.max(...lines.map((line) => line.length));
  return {
    width: Math.ceil(longest * CHARACTER_WIDTH) + 2 * PADDING,
    height: lines.length * LINE_HEIGHT + 2 * PADDING,
  };
}

function boxView({ lines }: Box, { x, y, width, height }: PlacedBox): View {
  const left = x - width / 2;
  const top = y - height / 2;
  return element(
    "g",
    {},
    element("rect", { class: "box", x: left, y: top, width, height, rx: 5 }),
    ...lines.map((line, i) =>
      element("text", {
        class: i === 0 ? "name" : undefined,
        x: left + PADDING,
        y: top + PADDING + (i + 0.75) * LINE_HEIGHT,
      }, line)
    ),
  );
}

function arrow({ type, why }: CycleEdge, { points, x, y }: Route): View[] {
  const last = points.at(-1);
  const before = points.at(-2) ?? points[0];
  if (last === undefined || before === undefined) return [];
  const angle = Math.atan2(last.y - before.y, last.x - before.x) * 180 / Math.PI;
  const path = points.map((p, i) => `${i === 0 ? "M" : "L"}${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join("");
  const known = Object.hasOwn(EDGE_WORDS, type) ? type : "other";
  return [
    element("path", { class: `edge ${known}`, d: path }),
    element("path", {
      class: `head ${known}`,
      d: "M0 0L-9 -4L-9 4Z",
      transform: `translate(${last.x.toFixed(1)} ${last.y.toFixed(1)}) rotate(${angle.toFixed(1)})`,
    }),
    ...(x === undefined || y === undefined ? [] : [
      element(
        "g",
        {},
        element("title", {}, why),
        element("rect", {
          class: "label",
          x: x - type.length * 4 - 5,
          y: y - 9,
          width: type.length * 8 + 10,
          height: 18,
          rx: 9,
        }),
        element("text", { class: "label", x, y: y + 4, "text-anchor": "middle" }, type),
      ),
    ]),
  ];
}
