import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { boundsOf } from "../../../lib/bench/tradeoff/bounds.ts";
import { plotsOf } from "../../../lib/bench/tradeoff/plot_specs.ts";
import { isGrowing } from "../../../lib/bench/tradeoff/table.ts";
import type { Measurement } from "../../../lib/bench/tradeoff/measurements.ts";
import { growingAnswer, intervalAnswer, tradeoffPage } from "../../../lib/bench/tradeoff/page.ts";
import {
  drawTradeoffBounds,
  tradeoffDashName,
  tradeoffSpan,
  tradeoffTicks,
} from "../../../lib/bench/tradeoff/plots.ts";
import { browserTest, endBrowser, LOOKS, ready, seriousViolations } from "../report/browser.ts";
import { CONDITIONS_3D, measurement } from "./sample_measurement.ts";

const POINTS: readonly Measurement[] = [
  measurement({ latencyBudgetMs: 400, messagesPerOperation: 2.4, medianMs: 270, longestMs: 455 }),
  measurement(),
  measurement({ latencyBudgetMs: 1900, messagesPerOperation: 0.375, medianMs: 905, longestMs: 1741 }),
  measurement({
    strategy: "direct",
    latencyBudgetMs: undefined,
    messagesPerOperation: 12.1,
    medianMs: 87,
    longestMs: 99,
  }),
  measurement({ strategy: "tree2", messagesPerOperation: 4.1, medianMs: 853, longestMs: 1293 }),
];
const BOUNDS = boundsOf(CONDITIONS_3D, 25);

function pageOf(measurements: readonly Measurement[]): string {
  return tradeoffPage({
    conditions: CONDITIONS_3D,
    measurements,
    bounds: BOUNDS,
    command: "charybdis tradeoff",
  });
}

Deno.test("the page answers the effect of the interval by a rule and by measurements", () => {
  const [rule = "", measured = ""] = intervalAnswer(POINTS);
  assertStringIncludes(rule, "half an interval in the median and a full interval at worst");
  assertStringIncludes(measured, "from 400 to 1\u202f900 ms");
  assertStringIncludes(measured, "operation went from 2.4 to 0.375");
  assertStringIncludes(measured, "median stable latency from 270 to 905 ms");
  assertStringIncludes(measured, "longest from 455 to 1\u202f741 ms");
  assertEquals(intervalAnswer(POINTS.slice(0, 1)), [rule]);
  assertEquals(intervalAnswer([]), [rule]);
});

Deno.test("the plots show each strategy, the frontier, and the bounds of 3d and 3e", () => {
  const [longest, median, interval] = plotsOf(POINTS, { conditions: CONDITIONS_3D, bounds: BOUNDS });
  assert(longest !== undefined && median !== undefined && interval !== undefined);
  assertEquals(longest.series.map(({ label }) => label), [
    "frontier (derived minimum)",
    "hub",
    "direct",
    "tree2",
  ]);
  assertEquals(longest.series[1]?.points, [[455, 2.4], [498, 1.5], [1741, 0.375]]);
  assertEquals(median.series[1]?.points, [[270, 2.4], [344, 1.5], [905, 0.375]]);
  const curve = longest.series[0]?.points ?? [];
  assert(curve.length > 100 && curve[0]?.[0] === 100 && (curve.at(-1)?.[0] ?? 0) > 1741);
  assertEquals(longest.bounds.map(({ axis, at, text }) => `${axis} ${at} ${text}`), [
    "x 600 3d: 600 ms",
    "x 2000 3e: 2000 ms",
    "y 30 3d: 30 messages",
    "y 20 3e: 20 messages",
  ]);
  assertEquals(median.bounds.slice(0, 2).map(({ at }) => at), [400, 1000]);
  assertEquals(interval.series.map(({ points }) => points[1]), [[550, 550], [550, 498], [
    550,
    344,
  ]]);
});

Deno.test("a measurement without values is in no plot", () => {
  assertEquals(
    plotsOf([measurement({ medianMs: NaN, longestMs: NaN })], { conditions: CONDITIONS_3D, bounds: [] }),
    [],
  );
  const plots = plotsOf([...POINTS, measurement({ strategy: "grid", longestMs: NaN })], {
    conditions: CONDITIONS_3D,
    bounds: [],
  });
  assert(plots.every(({ series }) => series.every(({ label }) => label !== "grid")));
});

Deno.test("measurements of several clusters are plotted against the number of nodes", () => {
  const measurements = [5, 25, 100].map((nodes) =>
    measurement({ nodes, latencyBudgetMs: 1900, messagesPerOperation: nodes / 100, longestMs: 1700 })
  );
  assert(isGrowing(measurements) && !isGrowing(POINTS));
  const [messages, latency] = plotsOf(measurements, {
    conditions: { ...CONDITIONS_3D, rate: 1000 },
    bounds: [],
  });
  assertEquals(messages?.series[1]?.points, [[5, 0.05], [25, 0.25], [100, 1]]);
  assert((messages?.series[0]?.points[2]?.[1] ?? 1) < 0.2, "the frontier of 100 nodes");
  assertEquals(latency?.series.map(({ label }) => label), [
    "hub, 1900 ms allowed: longest",
    "hub, 1900 ms allowed: median",
  ]);
  assertStringIncludes(growingAnswer(measurements)[1] ?? "", "From 5 to 100 nodes");
  assertStringIncludes(growingAnswer(measurements)[1] ?? "", "from 0.05 to 1,");
});

Deno.test("axis ticks are round numbers within the span", () => {
  assertEquals(tradeoffTicks(0.2, 30, [1, 2, 5]), [0.2, 0.5, 1, 2, 5, 10, 20]);
  assertEquals(tradeoffTicks(90, 2000, [1, 3]), [100, 300, 1000]);
  assertEquals(tradeoffSpan([120, 1000], true), [100, 1500]);
  assertEquals(tradeoffSpan([5, 100], false), [0, 105]);
  assertEquals([tradeoffDashName([]), tradeoffDashName([2, 3]), tradeoffDashName([8, 4])], [
    "solid",
    "dotted",
    "dashed",
  ]);
});

Deno.test("names of bounds are drawn above all lines, and along vertical ones", () => {
  const calls: string[] = [];
  const ctx = new Proxy({}, {
    get: (_, name) => (...values: readonly unknown[]) => calls.push(`${String(name)} ${values.join(" ")}`),
    set: () => true,
  });
  const plot = { ctx, bbox: { left: 0, top: 0, width: 400, height: 300 }, valToPos: (at: number) => at / 10 };
  const bounds = plotsOf(POINTS, { conditions: CONDITIONS_3D, bounds: BOUNDS })[0]?.bounds ?? [];
  drawTradeoffBounds(plot as never, { bounds, theme: {} as never, ratio: 1 });
  const names = calls.filter((call) => call.startsWith("fillText"));
  assertEquals(names, bounds.map(({ text }) => `fillText ${text} 0 0`));
  assert(calls.lastIndexOf("stroke ") < calls.findIndex((call) => call.startsWith("strokeText")));
  assertEquals(calls.filter((call) => call.startsWith("rotate")).length, 2);
});

browserTest(
  "the trade-off page shows plots and a table, in each look, without requests",
  async (open) => {
    const path = Deno.makeTempFileSync({ suffix: ".html" });
    try {
      Deno.writeTextFileSync(path, pageOf(POINTS));
      for (const look of LOOKS) {
        const { page, complaints } = await open(`file://${path}`, look);
        await ready(page);
        assertEquals(await page.innerText("h1"), "Gossip interval and latency");
        assertEquals(await page.locator(".plot canvas").count(), 3);
        assertEquals(await page.locator(".scroll tbody tr").count(), POINTS.length);
        assertStringIncludes(await page.innerText(".scroll tbody tr:nth-child(2)"), "3d 3e");
        assertEquals(await seriousViolations(page), []);
        const overflow = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
        assertEquals(overflow, false, "the page is no wider than the window");
        assertEquals(complaints, []);
      }
    } finally {
      Deno.removeSync(path);
    }
  },
);

endBrowser();
