/**
 * The plots: latencies, rates and messages over time, with the faults in the background. VisibleRows by uPlot.
 *
 * Tested by `tests/bench/report/browser_test.ts`.
 */

/// <reference lib="dom" />

import type uPlot from "uplot";
import { faultKinds, type OperationColumns, OUTCOMES, type ReportData } from "../data/report_data.ts";
import type { Theme } from "./theme.ts";
import type { TimeWindow } from "./time_window.ts";

/** uPlot's constructor. An earlier script in the page defines it. */
export type PlotMaker = new (options: uPlot.Options, data: uPlot.AlignedData, target: HTMLElement) => uPlot;

/** One plot before it is drawn: times in s, then values by series. */
export interface PlotSpec {
  readonly unit: string;
  readonly series: readonly {
    readonly label: string;
    readonly color: (theme: Theme) => string;
    readonly points?: boolean;
    readonly dash?: number[];
  }[];
  readonly data: (number | null)[][];
}

/** The part of a run that the plots of operations show. */
export interface PlottedRun extends Pick<ReportData, "beginUs" | "endUs"> {
  readonly operations: Pick<OperationColumns, "begin" | "end" | "outcome">;
}

/** The plotted quantiles. */
export const QUANTILES_PLOTTED = [0.5, 0.95, 0.99, 1];

/** Maximum number of points in a plot of single latencies. */
export const LATENCY_POINTS_MAX = 6000;

/**
 * Returns the latencies of single operations by outcome. If there are too many, keeps a few per span, always with the
 * longest.
 */
export function latencyPoints({ operations }: PlottedRun): PlotSpec {
  const { begin, end, outcome } = operations;
  const rows = begin.map((_, row) => row).filter((row) => (end[row] ?? -1) >= 0);
  const step = Math.ceil(rows.length / LATENCY_POINTS_MAX);
  const latency = (row: number) => ((end[row] ?? 0) - (begin[row] ?? 0)) / 1000;
  const shown: number[] = [];
  for (let i = 0; i < rows.length; i += step) {
    shown.push(rows.slice(i, i + step).reduce((a, b) => latency(b) > latency(a) ? b : a));
  }
  const of = (kind: number) => shown.map((row) => outcome[row] === kind ? latency(row) : null);
  return {
    unit: "ms",
    series: [
      { label: "ok", color: (theme) => theme.ok, points: true },
      { label: "failed", color: (theme) => theme.fail, points: true },
      { label: "indeterminate", color: (theme) => theme.info, points: true },
    ],
    data: [shown.map((row) => (begin[row] ?? 0) / 1e6), of(0), of(1), of(2)],
  };
}

/** Returns the number of spans into which a plot divides the run. On average, a span has four operations or more, if there are 20. */
export function spansOf({ operations }: PlottedRun, max: number): number {
  return Math.min(max, Math.max(5, Math.floor(operations.begin.length / 4)));
}

/** Returns quantiles of the latencies of successful operations over time. */
export function latencyQuantiles(data: PlottedRun): PlotSpec {
  const { begin, end, outcome } = data.operations;
  const spans = spansOf(data, 60);
  const width = Math.max(1, (data.endUs - Math.min(0, data.beginUs)) / spans);
  const groups: number[][] = Array.from({ length: spans }, () => []);
  for (const [row, time] of begin.entries()) {
    if (outcome[row] !== 0) continue;
    groups[Math.min(spans - 1, Math.max(0, Math.floor(time / width)))]?.push(((end[row] ?? 0) - time) / 1000);
  }
  for (const group of groups) group.sort((a, b) => a - b);
  const quantile = (group: readonly number[], q: number) =>
    group.length === 0 ? null : group[Math.min(group.length - 1, Math.floor(q * group.length))] ?? null;
  const colors = [
    (theme: Theme) => theme.ok,
    (theme: Theme) => theme.client,
    (theme: Theme) => theme.fail,
    (theme: Theme) => theme.bad,
  ];
  return {
    unit: "ms",
    series: QUANTILES_PLOTTED.map((q, i) => ({
      label: q === 0.5 ? "median" : q === 1 ? "longest" : `${q * 100} %`,
      color: colors[i] ?? ((theme: Theme) => theme.ink),
      ...(i === 0 ? {} : { dash: [2 * i + 2, 3] }),
    })),
    data: [
      groups.map((_, i) => (i + 0.5) * width / 1e6),
      ...QUANTILES_PLOTTED.map((q) => groups.map((group) => quantile(group, q))),
    ],
  };
}

/** Returns the operations that ended per second, by outcome. */
export function rates(data: PlottedRun): PlotSpec {
  const { end, begin, outcome } = data.operations;
  const spans = spansOf(data, 100);
  const width = Math.max(1, data.endUs / spans);
  const counts = [0, 1, 2].map(() => new Array<number>(spans).fill(0));
  for (const [row, time] of end.entries()) {
    const bins = counts[outcome[row] ?? 3];
    const bin = Math.min(spans - 1, Math.max(0, Math.floor((time < 0 ? begin[row] ?? 0 : time) / width)));
    if (bins !== undefined) bins[bin] = (bins[bin] ?? 0) + 1;
  }
  // Spans without a completed operation have no line.
  const isIdle = counts[0]?.map((_, i) => counts.every((bins) => bins[i] === 0)) ?? [];
  const perSecond = (bins: number[]) => bins.map((count, i) => isIdle[i] ? null : count / (width / 1e6));
  return {
    unit: "/s",
    series: [
      { label: OUTCOMES[0], color: (theme) => theme.ok },
      { label: "failed", color: (theme) => theme.fail, dash: [6, 3] },
      { label: "indeterminate", color: (theme) => theme.info, dash: [2, 3] },
    ],
    data: [counts[0]?.map((_, i) => (i + 0.5) * width / 1e6) ?? [], ...counts.map(perSecond)],
  };
}

/** Returns the messages sent per second. */
export function messageRates({ traffic }: ReportData): PlotSpec | undefined {
  if (traffic === null) return undefined;
  const { beginUs, binUs, servers, clients, undelivered } = traffic;
  const perSecond = (bins: readonly number[]) => bins.map((count) => count / (binUs / 1e6));
  return {
    unit: "/s",
    series: [
      { label: "between servers", color: (theme) => theme.ok },
      { label: "from and to clients", color: (theme) => theme.client, dash: [6, 3] },
      { label: "not delivered", color: (theme) => theme.bad, dash: [2, 3] },
    ],
    data: [
      servers.map((_, i) => (beginUs + (i + 0.5) * binUs) / 1e6),
      perSecond(servers),
      perSecond(clients),
      perSecond(undelivered),
    ],
  };
}

/** Returns the points of a series without neighbors, which no line shows. Its parameters are uPlot's. */
export function isolatedPoints({ data }: { readonly data: uPlot.AlignedData }, series: number): number[] {
  const values = data[series] ?? [];
  const isGap = (i: number) => (values[i] ?? null) === null;
  return [...values.keys()].filter((i) => !isGap(i) && isGap(i - 1) && isGap(i + 1));
}

/** Draws a plot. A range that the user selects with the mouse is also shown in the diagrams. */
export function drawPlot(
  target: HTMLElement,
  spec: PlotSpec,
  { make, data, window, theme }: {
    readonly make: PlotMaker;
    readonly data: ReportData;
    readonly window: TimeWindow;
    readonly theme: () => Theme;
  },
): void {
  const colors = theme();
  const width = () => Math.max(260, target.clientWidth);
  const axis = {
    stroke: colors.dim,
    grid: { stroke: colors.line, width: 1 },
    ticks: { stroke: colors.line, width: 1 },
  };
  const bands = (plot: uPlot) => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.globalAlpha = 0.16;
    const kinds = faultKinds(data.faults);
    const tall = bbox.height / Math.max(1, kinds.length);
    for (const { kind, from, to } of data.faults.slice(0, 400)) {
      const lane = kinds.indexOf(kind);
      ctx.fillStyle = colors.faults[lane % colors.faults.length] ?? colors.dim;
      const x1 = Math.max(bbox.left, plot.valToPos(from / 1e6, "x", true));
      const x2 = Math.min(bbox.left + bbox.width, plot.valToPos(to / 1e6, "x", true));
      if (x2 > x1) ctx.fillRect(x1, bbox.top + lane * tall, x2 - x1, tall);
    }
    ctx.restore();
  };
  const chosen = (plot: uPlot) => {
    const { left, width } = plot.select;
    if (width > 4) window.show(plot.posToVal(left, "x") * 1e6, plot.posToVal(left + width, "x") * 1e6);
  };
  const options: uPlot.Options = {
    width: width(),
    height: 190,
    cursor: { sync: { key: "time" } },
    scales: { x: { time: false, range: [data.beginUs / 1e6, data.endUs / 1e6] } },
    axes: [
      { ...axis, values: (_, values) => values.map((value) => `${value} s`) },
      {
        ...axis,
        size: 78,
        values: (_, values) => values.map((value) => `${value.toLocaleString("en-GB")} ${spec.unit}`),
      },
    ],
    series: [
      { label: "at", value: (_, value) => value === null ? "–" : `${value.toFixed(3)} s` },
      ...spec.series.map(({ label, color, points, dash }) => ({
        label,
        stroke: color(colors),
        width: 1.5,
        // Sparse measurements are isolated points without a line.
        spanGaps: points === true,
        ...(dash === undefined ? {} : { dash }),
        ...(points === true
          ? { paths: () => null, points: { show: true, size: 4, fill: color(colors) } }
          : { points: { size: 4, fill: color(colors), filter: isolatedPoints } }),
        value: (_: uPlot, value: number | null) =>
          value === null ? "–" : `${value.toPrecision(4)} ${spec.unit}`,
      })),
    ],
    hooks: { drawClear: [bands], setSelect: [chosen] },
  };
  const [times = [], ...values] = spec.data;
  target.replaceChildren();
  const plot = new make(options, [times.map((time) => time ?? 0), ...values], target);
  new ResizeObserver(() => {
    if (Math.abs(plot.width - width()) > 4) plot.setSize({ width: width(), height: 190 });
  }).observe(target);
}
