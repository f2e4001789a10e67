/** The page of many runs together. */

import { plural } from "../../format.ts";
import type { Scatter } from "../browser/trends_page.ts";
import { dataView, scriptViews } from "../html/policy.ts";
import { element, type View } from "../html/elements.ts";
import { DATA_ID, trendsScripts } from "./serve_scripts.ts";
import type { RunSummary } from "../../store/index.ts";
import { page } from "./store_pages.ts";

/**
 * All runs together. The model of the broadcast trade-off: nodes send to a hub in rounds of T seconds, which sends on to all:
 * the longest latency is two hops and a round, and at most 2n − 2 messages go in a round; nodes with nothing new send none.
 * For 25 nodes, 100 operations/s, half of them values, that is 0.24 (2 − e^(−2T)) / T messages for each operation.
 */
export function trendsPageOf(runs: readonly RunSummary[]): string {
  const broadcasts = runs.filter((run) =>
    run.workload === "broadcast" && run.faults === "" && run.nodes === 25 && run.rate === 100 &&
    run.latencyMs === 100
  );
  const scatters: readonly Scatter[] = [
    {
      id: "plot-trade",
      xLabel: "longest stable latency, ms",
      yLabel: "messages per operation",
      points: pairsOf(broadcasts, ({ maxMs, msgsPerOp }) => [maxMs, msgsPerOp]),
      curve: Array.from({ length: 40 }, (_, i) => {
        const roundS = 0.1 + i * 0.05;
        return [200 + roundS * 1000, 0.24 * (2 - Math.exp(-2 * roundS)) / roundS] as const;
      }),
    },
    {
      id: "plot-check",
      xLabel: "operations",
      yLabel: "check, ms",
      points: pairsOf(runs, ({ operations, checkMs }) => [operations, checkMs]),
      curve: [],
    },
    {
      id: "plot-virtual",
      xLabel: "operations",
      yLabel: "seconds",
      points: pairsOf(
        runs.filter(({ virtual }) => virtual),
        ({ operations, seconds }) => [operations, seconds],
      ),
      curve: [],
    },
  ];
  const count = plural(scatters[0]?.points.length ?? 0, "run");
  return page(
    "Trends",
    element("h1", {}, "Trends"),
    element("h2", {}, "Broadcast: messages against latency"),
    element(
      "p",
      { class: "dim" },
      `${count} of 25 nodes, 100 operations/s, 100 ms latency, without faults. The curve is a model: nodes that have ` +
        "something new send it to a hub once a round, which sends it on to all. It is hard to get below it.",
    ),
    plot("plot-trade", "Messages per operation against the longest stable latency"),
    element("h2", {}, "How long checks take"),
    plot("plot-check", "Time of a check against operations"),
    element("h2", {}, "How long whole runs take in virtual time"),
    plot("plot-virtual", "Seconds that a run took against operations"),
    dataView(DATA_ID, scatters),
    ...scriptViews(trendsScripts()),
  );
}

function plot(id: string, label: string): View {
  return element(
    "div",
    { class: "panel" },
    element("div", { id, class: "plot", role: "img", "aria-label": label }),
  );
}

/** The pairs of figures of those runs that have both. */
function pairsOf(
  runs: readonly RunSummary[],
  pair: (run: RunSummary) => readonly [number | undefined, number | undefined],
): (readonly [number, number])[] {
  return runs.flatMap((run) => {
    const [x, y] = pair(run);
    return x === undefined || y === undefined ? [] : [[x, y] as const];
  });
}
