/**
 * The plots of the trade-off in the page: points joined by lines, a frontier, and bounds. Drawn by uPlot.
 *
 * Tested by `tests/bench/tradeoff/page_test.ts`.
 */

/// <reference lib="dom" />

import type uPlot from "uplot";
import type { PlotMaker } from "../report/browser/plots.ts";
import { byId } from "../report/browser/start.ts";
import { onThemeChange, readTheme, type Theme } from "../report/browser/theme.ts";

/** Points of one kind, x then y, joined in the order of x. */
export interface TradeoffSeries {
  readonly label: string;
  readonly color: Exclude<keyof Theme, "faults" | "types">;
  readonly dash: readonly number[];
  readonly width: number;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** True if each point is marked. */
  readonly marked: boolean;
  /** True if the unreachable area below the line is shaded. */
  readonly shaded: boolean;
}

/** A bound, drawn across the plot. */
export interface TradeoffBound {
  readonly axis: "x" | "y";
  readonly at: number;
  readonly text: string;
}

/** One plot. */
export interface TradeoffPlot {
  readonly id: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly logarithmic: boolean;
  /** The names of the places 0, 1, … on the x axis, in the place of numbers. */
  readonly xNames?: readonly string[];
  readonly series: readonly TradeoffSeries[];
  readonly bounds: readonly TradeoffBound[];
}

/** Height of a plot, in px. */
export const TRADE_PLOT_HEIGHT = 380;

/** Maximum width, in px, of a plot with fewer ticks. */
export const TRADE_PLOT_NARROW = 420;

/** Draws all plots, and redraws them when the color scheme changes. */
export function drawTradeoff(plots: readonly TradeoffPlot[], plotMaker: PlotMaker | undefined): void {
  const draw = () => {
    for (const plot of plots) {
      if (plotMaker !== undefined) drawTradeoffPlot(plot, plotMaker);
      else {byId(plot.id).textContent =
          "This browser could not load the plots; the table below has all figures.";}
    }
  };
  draw();
  onThemeChange(draw);
  document.documentElement.dataset["ready"] = "tradeoff";
}

/** Ticks of a logarithmic axis: multiples of the powers of ten. */
export function tradeoffTicks(from: number, to: number, multiples: readonly number[]): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); 10 ** power <= to; power++) {
    for (const multiple of multiples) {
      const tick = Number((multiple * 10 ** power).toPrecision(1));
      if (tick >= from && tick <= to) ticks.push(tick);
    }
  }
  return ticks;
}

/** Returns the range of an axis that shows all of these values, with a margin. */
export function tradeoffSpan(values: readonly number[], logarithmic: boolean): [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return logarithmic ? [least / 1.2, most * 1.5] : [0, Math.max(1, most * 1.05)];
}

/** Draws one plot and replaces the previous one. */
export function drawTradeoffPlot(
  { id, xLabel, yLabel, logarithmic, xNames, series, bounds }: TradeoffPlot,
  plotMaker: PlotMaker,
): void {
  const theme = readTheme();
  const target = byId(id);
  const rows = series.flatMap(({ points }, i) => points.map(([x, y]) => ({ x, y, i })))
    .sort((a, b) => a.x - b.x);
  const acrossX = bounds.filter(({ axis }) => axis === "x").map(({ at }) => at);
  const acrossY = bounds.filter(({ axis }) => axis === "y").map(({ at }) => at);
  const scale = (values: readonly number[]) => ({
    time: false,
    distr: logarithmic ? 3 : 1,
    range: tradeoffSpan(values, logarithmic),
  } as const);
  const axis = {
    stroke: theme.dim,
    grid: { stroke: theme.line, width: 1 },
    ticks: { stroke: theme.line, width: 1 },
    values: (_: uPlot, values: number[]) => values.map((value) => value.toLocaleString("en-GB")),
    ...(logarithmic
      ? {
        splits: (plot: uPlot, _: number, from: number, to: number) =>
          tradeoffTicks(from, to, plot.width < TRADE_PLOT_NARROW ? [1, 3] : [1, 2, 5]),
        filter: (_: uPlot, ticks: number[]) => ticks,
      }
      : {}),
  };
  const namedAxis = (names: readonly string[]) => ({
    ...axis,
    label: xLabel,
    splits: () => names.map((_, i) => i),
    rotate: (plot: uPlot) => plot.width < TRADE_PLOT_NARROW ? -40 : 0,
    size: (plot: uPlot) => plot.width < TRADE_PLOT_NARROW ? 80 : 50,
    values: (_: uPlot, places: number[]) => places.map((place) => names[place] ?? ""),
  });
  const width = () => Math.max(260, target.clientWidth);
  target.replaceChildren();
  const plot = new plotMaker(
    {
      width: width(),
      height: TRADE_PLOT_HEIGHT,
      cursor: { show: false },
      legend: {
        live: false,
        markers: { width: 3, dash: (_: uPlot, i: number) => tradeoffDashName(series[i - 1]?.dash ?? []) },
      },
      scales: {
        x: xNames === undefined
          ? scale([...rows.map(({ x }) => x), ...acrossX])
          : { time: false, range: [-0.5, xNames.length - 0.5] },
        y: scale([...rows.map(({ y }) => y), ...acrossY]),
      },
      axes: [xNames === undefined ? { ...axis, label: xLabel } : namedAxis(xNames), {
        ...axis,
        label: yLabel,
        size: 62,
      }],
      series: [
        { label: xLabel },
        ...series.map(({ label, color, dash, width, marked, shaded }) => ({
          label,
          stroke: theme[color],
          width,
          dash: [...dash],
          spanGaps: true,
          points: { show: marked, size: 7, fill: theme[color] },
          ...(shaded ? { fill: `color-mix(in srgb, ${theme[color]} 12%, transparent)` } : {}),
        })),
      ],
      hooks: {
        draw: [(drawn: uPlot) => drawTradeoffBounds(drawn, { bounds, theme, ratio: devicePixelRatio })],
      },
    },
    [rows.map(({ x }) => x), ...series.map((_, i) => rows.map((row) => row.i === i ? row.y : null))],
    target,
  );
  new ResizeObserver(() => {
    if (Math.abs(plot.width - width()) > 4) plot.setSize({ width: width(), height: TRADE_PLOT_HEIGHT });
  }).observe(target);
}

/** Returns the CSS name of a line's dashes. */
export function tradeoffDashName([length]: readonly number[]): string {
  return length === undefined ? "solid" : length > 3 ? "dashed" : "dotted";
}

/** Draws the labeled bounds after all lines. Each label has the page's background color, so that no line crosses it. */
export function drawTradeoffBounds(
  { ctx, bbox, valToPos }: uPlot,
  { bounds, theme, ratio }: {
    readonly bounds: readonly TradeoffBound[];
    readonly theme: Theme;
    /** Number of screen pixels per CSS pixel. */
    readonly ratio: number;
  },
): void {
  const right = bbox.left + bbox.width;
  const bottom = bbox.top + bbox.height;
  const places = bounds.map(({ axis, at, text }) => ({ axis, text, place: valToPos(at, axis, true) }));
  ctx.save();
  ctx.strokeStyle = theme.bad;
  ctx.lineWidth = 1.5 * ratio;
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  for (const { axis, place } of places) {
    ctx.beginPath();
    ctx.moveTo(axis === "x" ? place : bbox.left, axis === "x" ? bbox.top : place);
    ctx.lineTo(axis === "x" ? place : right, axis === "x" ? bottom : place);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.strokeStyle = theme.card;
  ctx.fillStyle = theme.bad;
  ctx.lineWidth = 4 * ratio;
  ctx.lineJoin = "round";
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = "alphabetic";
  let above = true; // alternates between above and below, because bounds can be close together
  for (const { axis, text, place } of places) {
    ctx.save();
    if (axis === "x") {
      ctx.textAlign = "left";
      ctx.translate(place - 5 * ratio, bottom - 8 * ratio);
      ctx.rotate(-Math.PI / 2);
    } else {
      ctx.textAlign = "right";
      ctx.translate(right - 4 * ratio, place + (above ? -5 : 14) * ratio);
      above = false;
    }
    ctx.strokeText(text, 0, 0);
    ctx.fillText(text, 0, 0);
    ctx.restore();
  }
  ctx.restore();
}
