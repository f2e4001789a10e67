/** The plots of the points. */

import type { Bound } from "./bounds.ts";
import { frontier, longestFor } from "./frontier.ts";
import { type Line, loadOf, type Point, type Way } from "./measurements.ts";
import { isGrowing } from "./table.ts";
import type { TradePlot, TradeSeries } from "./plots.ts";

type Look = Pick<TradeSeries, "colour" | "dash" | "width">;

/** The hub has a look of its own. Trees share one color and differ in their dashes. */
const LOOKS: Readonly<Record<Way, Look>> = {
  hub: { colour: "ok", dash: [], width: 2.5 },
  direct: { colour: "follow", dash: [], width: 1.5 },
  tree2: { colour: "fail", dash: [2, 3], width: 1.5 },
  tree3: { colour: "fail", dash: [8, 4], width: 1.5 },
  tree4: { colour: "fail", dash: [], width: 1.5 },
  grid: { colour: "info", dash: [], width: 1.5 },
  line: { colour: "client", dash: [], width: 1.5 },
  total: { colour: "fault", dash: [], width: 1.5 },
};
const FRONTIER_LOOK: Look = { colour: "ink", dash: [6, 4], width: 1.5 };
const FRONTIER_POINTS = 120;

/** Returns the plots: messages and latency against the interval, or both against the number of nodes. */
export function plotsOf(
  points: readonly Point[],
  { line, bounds }: { readonly line: Line; readonly bounds: readonly Bound[] },
): TradePlot[] {
  const stable = points.filter(({ longestMs }) => longestMs > 0);
  if (stable.length === 0) return [];
  return isGrowing(points) ? growingPlots(stable, line) : tradePlots(stable, { line, bounds });
}

function tradePlots(
  points: readonly Point[],
  { line, bounds }: { readonly line: Line; readonly bounds: readonly Bound[] },
): TradePlot[] {
  const ways = [...new Set(points.map(({ way }) => way))];
  const series = (x: (point: Point) => number, y: (point: Point) => number) =>
    ways.map((way) =>
      seriesOf(way, { ...LOOKS[way], of: points.filter((point) => point.way === way), x, y })
    );
  const load = loadOf(line, points[0]?.nodes ?? 0);
  const curve = (
    latencyOf: (point: Point) => number,
    longest: (latencyMs: number) => number,
  ): TradeSeries => {
    const most = Math.max(...points.map(latencyOf));
    const least = Math.max(1, line.latencyMs);
    const all = Array.from({ length: FRONTIER_POINTS }, (_, i) => {
      const latencyMs = least * (Math.max(most, 2 * least) * 1.15 / least) ** (i / (FRONTIER_POINTS - 1));
      return [latencyMs, frontier(longest(latencyMs), load)] as const;
    });
    return {
      label: "frontier (derived minimum)",
      ...FRONTIER_LOOK,
      points: all.flatMap(([x, y]) => y === undefined ? [] : [[x, y]]),
      marked: false,
      shaded: true,
    };
  };
  const messages = ({ messagesPerOperation }: Point) => messagesPerOperation;
  const across = (pick: (bound: Bound) => number) => [
    ...bounds.map((bound) =>
      ({ axis: "x", at: pick(bound), text: `${bound.id}: ${pick(bound)} ms` }) as const
    ),
    ...bounds.map(({ id, msgsPerOp }) =>
      ({ axis: "y", at: msgsPerOp, text: `${id}: ${msgsPerOp} messages` }) as const
    ),
  ];
  const cost = { yLabel: "server messages per operation", logarithmic: true } as const;
  const hub = points.filter(({ way, allowedMs }) => way === "hub" && allowedMs !== undefined);
  return [
    {
      id: "plot-longest",
      title: "Messages against the longest stable latency",
      xLabel: "longest stable latency, ms",
      ...cost,
      series: [
        curve(({ longestMs }) => longestMs, (latencyMs) => latencyMs),
        ...series(({ longestMs }) => longestMs, messages),
      ],
      bounds: across(({ maxMs }) => maxMs),
    },
    {
      id: "plot-median",
      title: "Messages against the median stable latency",
      xLabel: "median stable latency, ms",
      ...cost,
      series: [
        curve(({ medianMs }) => medianMs, (latencyMs) => longestFor(latencyMs, line.latencyMs)),
        ...series(({ medianMs }) => medianMs, messages),
      ],
      bounds: across(({ medianMs }) => medianMs),
    },
    ...(hub.length < 2 ? [] : [intervalPlot(hub)]),
  ];
}

/** Returns the plot of latency against the interval, for updates through a hub. */
function intervalPlot(hub: readonly Point[]): TradePlot {
  const allowed = ({ allowedMs }: Point) => allowedMs ?? NaN;
  return {
    id: "plot-interval",
    title: "Latency against the interval, through a hub",
    xLabel: "latency allowed (--max-latency-ms), ms",
    yLabel: "stable latency, ms",
    logarithmic: false,
    series: [
      seriesOf("allowed", { ...FRONTIER_LOOK, of: hub, x: allowed, y: allowed, marked: false }),
      seriesOf("longest", { colour: "fail", dash: [], width: 2, of: hub, x: allowed, y: longest }),
      seriesOf("median", { colour: "ok", dash: [], width: 2, of: hub, x: allowed, y: medianOf }),
    ],
    bounds: [],
  };
}

/** Returns the plots of the cost of a growing cluster. */
function growingPlots(points: readonly Point[], line: Line): TradePlot[] {
  const nodes = (point: Point) => point.nodes;
  const names = [...new Set(points.map(nameOf))];
  const kinds = names.map((name, i) => ({
    name,
    of: points.filter((point) => nameOf(point) === name),
    dash: [[], [8, 4], [2, 3]][i % 3] ?? [],
  }));
  const floor = ({ allowedMs, ...point }: Point) =>
    frontier(allowedMs ?? point.longestMs, loadOf(line, point.nodes)) ?? NaN;
  return [
    {
      id: "plot-messages",
      title: "Messages against the number of nodes",
      xLabel: "nodes",
      yLabel: "server messages per operation",
      logarithmic: true,
      series: kinds.flatMap(({ name, of, dash }) => [
        {
          ...seriesOf(`${name}: frontier`, { ...FRONTIER_LOOK, dash, of, x: nodes, y: floor, marked: false }),
        },
        seriesOf(name, {
          colour: "ok",
          dash,
          width: 2,
          of,
          x: nodes,
          y: ({ messagesPerOperation }) => messagesPerOperation,
        }),
      ]),
      bounds: [],
    },
    {
      id: "plot-latency",
      title: "Latency against the number of nodes",
      xLabel: "nodes",
      yLabel: "stable latency, ms",
      logarithmic: false,
      series: kinds.flatMap(({ name, of, dash }) => [
        seriesOf(`${name}: longest`, { colour: "fail", dash, width: 2, of, x: nodes, y: longest }),
        seriesOf(`${name}: median`, { colour: "ok", dash, width: 2, of, x: nodes, y: medianOf }),
      ]),
      bounds: [],
    },
  ];
}

/** Returns a point's set-up as text, without the number of nodes. */
export function nameOf({ way, allowedMs }: Point): string {
  return allowedMs === undefined ? way : `${way}, ${allowedMs} ms allowed`;
}

function longest({ longestMs }: Point): number {
  return longestMs;
}

function medianOf({ medianMs }: Point): number {
  return medianMs;
}

function seriesOf(
  label: string,
  { of, x, y, marked = true, ...look }: Look & {
    readonly of: readonly Point[];
    readonly x: (point: Point) => number;
    readonly y: (point: Point) => number;
    readonly marked?: boolean;
  },
): TradeSeries {
  const points = of.map((point) => [x(point), y(point)] as const);
  // A logarithmic axis has no place for values below 0, and JSON has no NaN.
  return { label, ...look, points: points.filter(([x, y]) => x > 0 && y > 0), marked, shaded: false };
}
