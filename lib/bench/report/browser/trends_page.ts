/**
 * The page of many runs together: one figure plotted against another.
 *
 * Tested by `tests/bench/report/browser_test.ts`.
 */

/// <reference lib="dom" />

import type uPlot from "uplot";
import type { PlotMaker } from "./plots.ts";
import { byId } from "./start.ts";
import { readTheme } from "./theme.ts";

/** Points of one plot: x, then y. */
export interface Scatter {
  readonly id: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly points: readonly (readonly [number, number])[];
  /** A curve for comparison: the best possible, according to a model. */
  readonly curve: readonly (readonly [number, number])[];
}

/** Draws all plots. */
export function drawTrends(scatters: readonly Scatter[], plotMaker: PlotMaker): void {
  const theme = readTheme();
  for (const { id, xLabel, yLabel, points, curve } of scatters) {
    const all = [
      ...points.map(([x, y]) => ({ x, y, model: false })),
      ...curve.map(([x, y]) => ({ x, y, model: true })),
    ];
    all.sort((a, b) => a.x - b.x);
    const target = byId(id);
    const axis = { stroke: theme.dim, grid: { stroke: theme.line, width: 1 } };
    new plotMaker(
      {
        width: Math.max(260, target.clientWidth),
        height: 300,
        scales: { x: { time: false } },
        axes: [{ ...axis, label: xLabel }, { ...axis, label: yLabel, size: 66 }],
        series: [
          { label: xLabel },
          {
            label: "runs",
            stroke: theme.ok,
            paths: () => null,
            points: { show: true, size: 7, fill: theme.ok },
          },
          { label: "model", stroke: theme.fail, dash: [6, 3], spanGaps: true, points: { show: false } },
        ],
      } satisfies uPlot.Options,
      [
        all.map(({ x }) => x),
        all.map(({ y, model }) => model ? null : y),
        all.map(({ y, model }) => model ? y : null),
      ],
      target,
    );
  }
  document.documentElement.dataset["ready"] = "trends";
}
