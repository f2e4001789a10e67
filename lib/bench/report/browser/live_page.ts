/** The page of a run in progress. Tested by `tests/bench/report/browser_test.ts`. */

/// <reference lib="dom" />

import type uPlot from "uplot";
import type { LiveUpdate, SecondOfRun } from "../serve/live.ts";
import type { PlotMaker } from "./plots.ts";
import { byId } from "./start.ts";
import { readTheme } from "./theme.ts";

/** Follows the run whose events are at `address`. After the run, the page links to its report. */
export function followRun(address: string, plotMaker: PlotMaker): void {
  const seconds = new Map<number, SecondOfRun>();
  const theme = readTheme();
  const axis = { stroke: theme.dim, grid: { stroke: theme.line, width: 1 } };
  const target = byId("plot-live");
  const series = (label: string, stroke: string, dash?: number[]) => ({
    label,
    stroke,
    width: 2,
    ...(dash === undefined ? {} : { dash }),
  });
  const plot = new plotMaker(
    {
      width: Math.max(260, target.clientWidth),
      height: 260,
      scales: { x: { time: false } },
      axes: [{ ...axis, values: (_: uPlot, values: number[]) => values.map((value) => `${value} s`) }, {
        ...axis,
        size: 78,
      }],
      series: [
        { label: "second" },
        series("ok", theme.ok),
        series("fail", theme.fail, [6, 3]),
        series("info", theme.info, [2, 3]),
        series("longest, ms", theme.dim, [1, 3]),
      ],
    },
    [[], [], [], [], []],
    target,
  );
  const events = new EventSource(address);
  events.onmessage = ({ data }: MessageEvent<string>) => {
    const update: LiveUpdate = JSON.parse(data);
    for (const second of update.seconds) seconds.set(second.second, second);
    const all = [...seconds.values()].sort((a, b) => a.second - b.second);
    plot.setData([
      all.map(({ second }) => second),
      all.map(({ ok }) => ok),
      all.map(({ fail }) => fail),
      all.map(({ info }) => info),
      all.map(({ longestMs }) => longestMs),
    ]);
    byId("invoked").textContent = String(update.invoked);
    byId("pending").textContent = String(update.pending);
    byId("faults").textContent = update.faults.join(", ") || "none";
    if (update.state === "running") return;
    events.close();
    byId("state").textContent = update.state === "done" ? `done: ${verdictWord(update.valid)}` : update.state;
    byId("to-report").hidden = false;
  };
  document.documentElement.dataset["ready"] = "live";
}

/** Returns a verdict as one word. */
export function verdictWord(valid: unknown): string {
  return valid === true ? "valid" : valid === false ? "invalid" : "unknown";
}
