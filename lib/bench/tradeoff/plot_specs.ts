/** The plots of the points. Tested by `tests/bench/tradeoff/page_test.ts`. */

import type { Bound } from "./bounds.ts";
import { frontier, longestFor } from "./frontier.ts";
import { type Conditions, type Dissemination, loadOf, type Measurement } from "./measurements.ts";
import { isGrowing } from "./table.ts";
import type { TradeoffPlot, TradeoffSeries } from "./plots.ts";

type Look = Pick<TradeoffSeries, "color" | "dash" | "width">;

/** The hub has a look of its own. Trees share one color and differ in their dashes. */
const LOOKS: Readonly<Record<Dissemination, Look>> = {
  hub: { color: "ok", dash: [], width: 2.5 },
  direct: { color: "follow", dash: [], width: 1.5 },
  tree2: { color: "fail", dash: [2, 3], width: 1.5 },
  tree3: { color: "fail", dash: [8, 4], width: 1.5 },
  tree4: { color: "fail", dash: [], width: 1.5 },
  grid: { color: "info", dash: [], width: 1.5 },
  line: { color: "client", dash: [], width: 1.5 },
  total: { color: "fault", dash: [], width: 1.5 },
};
const FRONTIER_LOOK: Look = { color: "ink", dash: [6, 4], width: 1.5 };
const FRONTIER_POINTS = 120;

/** Returns the plots: messages and latency against the interval, or both against the number of nodes. */
export function plotsOf(
  measurements: readonly Measurement[],
  { conditions, bounds }: { readonly conditions: Conditions; readonly bounds: readonly Bound[] },
): TradeoffPlot[] {
  const stable = measurements.filter(({ longestMs }) => longestMs > 0);
  if (stable.length === 0) return [];
  return isGrowing(measurements)
    ? growingPlots(stable, conditions)
    : tradeoffCurves(stable, { conditions, bounds });
}

function tradeoffCurves(
  measurements: readonly Measurement[],
  { conditions, bounds }: { readonly conditions: Conditions; readonly bounds: readonly Bound[] },
): TradeoffPlot[] {
  const strategies = [...new Set(measurements.map(({ strategy }) => strategy))];
  const series = (x: (measurement: Measurement) => number, y: (measurement: Measurement) => number) =>
    strategies.map((strategy) =>
      seriesOf(strategy, {
        ...LOOKS[strategy],
        of: measurements.filter((measurement) => measurement.strategy === strategy),
        x,
        y,
      })
    );
  const load = loadOf(conditions, measurements[0]?.nodes ?? 0);
  const curve = (
    latencyOf: (measurement: Measurement) => number,
    longest: (latencyMs: number) => number,
  ): TradeoffSeries => {
    const most = Math.max(...measurements.map(latencyOf));
    const least = Math.max(1, conditions.latencyMs);
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
  const messages = ({ messagesPerOperation }: Measurement) => messagesPerOperation;
  const across = (pick: (bound: Bound) => number) => [
    ...bounds.map((bound) =>
      ({ axis: "x", at: pick(bound), text: `${bound.id}: ${pick(bound)} ms` }) as const
    ),
    ...bounds.map(({ id, msgsPerOp }) =>
      ({ axis: "y", at: msgsPerOp, text: `${id}: ${msgsPerOp} messages` }) as const
    ),
  ];
  const cost = { yLabel: "server messages per operation", logarithmic: true } as const;
  const hub = measurements.filter(({ strategy, latencyBudgetMs }) =>
    strategy === "hub" && latencyBudgetMs !== undefined
  );
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
        curve(({ medianMs }) => medianMs, (latencyMs) => longestFor(latencyMs, conditions.latencyMs)),
        ...series(({ medianMs }) => medianMs, messages),
      ],
      bounds: across(({ medianMs }) => medianMs),
    },
    ...(hub.length < 2 ? [] : [intervalPlot(hub)]),
  ];
}

/** Returns the plot of latency against the interval, for updates through a hub. */
function intervalPlot(hub: readonly Measurement[]): TradeoffPlot {
  const allowed = ({ latencyBudgetMs }: Measurement) => latencyBudgetMs ?? NaN;
  return {
    id: "plot-interval",
    title: "Latency against the interval, through a hub",
    xLabel: "latency allowed (--max-latency-ms), ms",
    yLabel: "stable latency, ms",
    logarithmic: false,
    series: [
      seriesOf("allowed", { ...FRONTIER_LOOK, of: hub, x: allowed, y: allowed, marked: false }),
      seriesOf("longest", { color: "fail", dash: [], width: 2, of: hub, x: allowed, y: longest }),
      seriesOf("median", { color: "ok", dash: [], width: 2, of: hub, x: allowed, y: medianOf }),
    ],
    bounds: [],
  };
}

/** Returns the plots of the cost of a growing cluster. */
function growingPlots(measurements: readonly Measurement[], conditions: Conditions): TradeoffPlot[] {
  const nodes = (measurement: Measurement) => measurement.nodes;
  const names = [...new Set(measurements.map(nameOf))];
  const kinds = names.map((name, i) => ({
    name,
    of: measurements.filter((measurement) => nameOf(measurement) === name),
    dash: [[], [8, 4], [2, 3]][i % 3] ?? [],
  }));
  const frontierMessages = ({ latencyBudgetMs, ...measurement }: Measurement) =>
    frontier(latencyBudgetMs ?? measurement.longestMs, loadOf(conditions, measurement.nodes)) ?? NaN;
  return [
    {
      id: "plot-messages",
      title: "Messages against the number of nodes",
      xLabel: "nodes",
      yLabel: "server messages per operation",
      logarithmic: true,
      series: kinds.flatMap(({ name, of, dash }) => [
        {
          ...seriesOf(`${name}: frontier`, {
            ...FRONTIER_LOOK,
            dash,
            of,
            x: nodes,
            y: frontierMessages,
            marked: false,
          }),
        },
        seriesOf(name, {
          color: "ok",
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
        seriesOf(`${name}: longest`, { color: "fail", dash, width: 2, of, x: nodes, y: longest }),
        seriesOf(`${name}: median`, { color: "ok", dash, width: 2, of, x: nodes, y: medianOf }),
      ]),
      bounds: [],
    },
  ];
}

/** Returns a point's set-up as text, without the number of nodes. */
export function nameOf({ strategy, latencyBudgetMs }: Measurement): string {
  return latencyBudgetMs === undefined ? strategy : `${strategy}, ${latencyBudgetMs} ms allowed`;
}

function longest({ longestMs }: Measurement): number {
  return longestMs;
}

function medianOf({ medianMs }: Measurement): number {
  return medianMs;
}

function seriesOf(
  label: string,
  { of, x, y, marked = true, ...look }: Look & {
    readonly of: readonly Measurement[];
    readonly x: (measurement: Measurement) => number;
    readonly y: (measurement: Measurement) => number;
    readonly marked?: boolean;
  },
): TradeoffSeries {
  const points = of.map((measurement) => [x(measurement), y(measurement)] as const);
  // A logarithmic axis has no place for values below 0, and JSON has no NaN.
  return {
    label,
    ...look,
    points: points.filter(([x, y]) => x > 0 && y > 0),
    marked,
    shaded: false,
  };
}
