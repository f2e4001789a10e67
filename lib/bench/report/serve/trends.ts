/** The page of many runs together. Tested by `tests/bench/report/serve_test.ts`. */

import { plural } from "../../format.ts";
import type { Scatter } from "../browser/trends_page.ts";

import { dataView, element, scriptViews, type View } from "../html/elements.ts";
import { DATA_ID, trendsScripts } from "./serve_scripts.ts";
import type { RunSummary } from "../../store/index.ts";
import { page } from "./store_pages.ts";

/**
 * Returns the trends page. Its curve models broadcast through a hub in rounds of T seconds. The longest latency is
 * two hops and a round. A round has at most 2n − 2 messages, and nodes without new values send none. For 25 nodes and
 * 100 operations/s, half of them values, that is 0.24 (2 − e^(−2T)) / T messages per operation.
 */
export function trendsPageOf(runs: readonly RunSummary[]): string {
  const broadcasts = runs.filter((run) =>
    run.workload === "broadcast" && run.faults === "" && run.nodes === 25 && run.rate === 100 &&
    run.latencyMs === 100
  );
  const scatters: readonly Scatter[] = [
    {
      id: "plot-tradeoff",
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
        "new values send them to a hub once per round, and the hub sends them to all nodes.",
    ),
    plot("plot-tradeoff", "Messages per operation against the longest stable latency"),
    element("h2", {}, "Check duration"),
    plot("plot-check", "Check time against operations"),
    element("h2", {}, "Run duration in virtual time"),
    plot("plot-virtual", "Run time in seconds against operations"),
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

/** Returns the pairs of figures of the runs that have both. */
function pairsOf(
  runs: readonly RunSummary[],
  pair: (run: RunSummary) => readonly [number | undefined, number | undefined],
): (readonly [number, number])[] {
  return runs.flatMap((run) => {
    const [x, y] = pair(run);
    return x === undefined || y === undefined ? [] : [[x, y] as const];
  });
}
