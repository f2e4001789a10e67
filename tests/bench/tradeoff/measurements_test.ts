import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { makeTest, printTest } from "../../../lib/bench/run/command_line.ts";
import { style } from "../../../lib/bench/terminal/style.ts";
import { boundsOf, inside } from "../../../lib/bench/tradeoff/bounds.ts";
import {
  type Configuration,
  configurationsOf,
  DISSEMINATIONS,
  loadOf,
  measure,
  measurementOf,
  nodeArgumentsOf,
  optionsOf,
} from "../../../lib/bench/tradeoff/measurements.ts";
import { describeConditions, failureLines, tableLines } from "../../../lib/bench/tradeoff/table.ts";
import type { TestResult } from "../../../lib/bench/run/verdict.ts";
import { CONDITIONS_3D, measurement } from "./sample_measurement.ts";

const HUB: Configuration = { strategy: "hub", nodes: 25, latencyBudgetMs: 550 };
const readable = Deno.permissions.querySync({ name: "read" }).state === "granted";

function ran(figures: { perOp: number; median: number; max: number; valid?: boolean | "unknown" }): {
  readonly result: TestResult;
} {
  const part = { valid: true } as const;
  return {
    result: {
      valid: figures.valid ?? true,
      workload: { ...part, "stable-latencies": { "0.5": figures.median, "1": figures.max } },
      net: { ...part, servers: { "msgs-per-op": figures.perOp } },
      stats: part,
      availability: part,
      exceptions: part,
    },
  };
}

Deno.test("each configuration maps to a command line of `test`", () => {
  const printed = printTest(optionsOf(HUB, CONDITIONS_3D), nodeArgumentsOf(HUB));
  assertEquals(
    printed.join(" "),
    "-w broadcast --virtual --node-count 25 --rate 100 --latency 100 --time-limit 20 -- --max-latency-ms 550",
  );
  const tree = { strategy: "tree3", nodes: 5, latencyBudgetMs: 800 } as const;
  const { test } = makeTest(optionsOf(tree, CONDITIONS_3D));
  assertEquals([test.topology, test.nodes.length], ["tree3", 5]);
  assertEquals(nodeArgumentsOf(tree).join(" "), "--dissemination topology --max-latency-ms 800");
  const direct = nodeArgumentsOf({ strategy: "direct", nodes: 5, latencyBudgetMs: undefined });
  assertEquals(direct.join(" "), "--dissemination direct");
  for (const strategy of DISSEMINATIONS) makeTest(optionsOf({ ...HUB, strategy }, CONDITIONS_3D));
});

Deno.test("each strategy runs with each latency budget and cluster, direct once per cluster", () => {
  const configurations = configurationsOf({
    strategies: ["hub", "direct"],
    nodeCounts: [3, 5],
    latencyBudgetMs: [300, 600],
  });
  assertEquals(
    configurations.map(({ strategy, nodes, latencyBudgetMs }) => `${strategy} ${nodes} ${latencyBudgetMs}`),
    [
      "hub 3 300",
      "hub 5 300",
      "hub 3 600",
      "hub 5 600",
      "direct 3 undefined",
      "direct 5 undefined",
    ],
  );
});

Deno.test("over several seeds, the medians count, and the worst of the longest latencies", () => {
  const runs = [
    ran({ perOp: 1.4, median: 300, max: 500 }),
    ran({ perOp: 1.2, median: 320, max: 594 }),
    ran({ perOp: 1.3, median: 350, max: 450 }),
  ];
  const found = measurementOf(HUB, { conditions: CONDITIONS_3D, runs });
  assertEquals([found.messagesPerOperation, found.medianMs, found.longestMs], [1.3, 320, 594]);
  assertEquals([found.fanOut, found.valid, found.frontierMessages?.toFixed(2)], [24, true, "0.93"]);
  assertEquals(loadOf(CONDITIONS_3D, 25).operationsPerS, 101.25); // 25 final reads in 20 s
  const seen = measurementOf(HUB, {
    conditions: CONDITIONS_3D,
    runs: [ran({ perOp: 12, median: 87, max: 99 })],
  });
  assert(seen.frontierMessages !== undefined, "nothing takes less than a hop, whatever reads could see");
});

Deno.test("one run that is not valid makes its measurement not valid, and missing metrics are NaN", () => {
  const runs = [ran({ perOp: 1, median: 1, max: 1 }), ran({ perOp: 1, median: 1, max: 1, valid: false })];
  const { valid, failure } = measurementOf(HUB, { conditions: CONDITIONS_3D, runs });
  assertEquals([valid, failure?.seed], [false, 2]);
  const { result } = ran({ perOp: 1, median: 1, max: 1, valid: "unknown" });
  const nothing = measurementOf(HUB, {
    conditions: CONDITIONS_3D,
    runs: [{ result: { ...result, workload: { valid: "unknown" } } }],
  });
  assertEquals([nothing.valid, nothing.medianMs, nothing.longestMs, nothing.frontierMessages], [
    "unknown",
    NaN,
    NaN,
    undefined,
  ]);
});

Deno.test("the fan-out of a topology is the largest number of neighbors", () => {
  const fanOut = (strategy: Configuration["strategy"], nodes = 25) =>
    measurementOf({ strategy, nodes, latencyBudgetMs: 550 }, { conditions: CONDITIONS_3D, runs: [] }).fanOut;
  assertEquals(
    ["line", "grid", "tree2", "tree3", "tree4", "total"].map((strategy) =>
      fanOut(strategy as Configuration["strategy"])
    ),
    [
      2,
      4,
      3,
      4,
      5,
      24,
    ],
  );
  assertEquals([fanOut("hub", 7), fanOut("direct", 7)], [6, 6]);
});

Deno.test("the bounds of 3d and 3e apply to their own test only", () => {
  const bounds = boundsOf(CONDITIONS_3D, 25);
  assertEquals(bounds.map(({ id, msgsPerOp, medianMs, maxMs }) => [id, msgsPerOp, medianMs, maxMs]), [
    ["3d", 30, 400, 600],
    ["3e", 20, 1000, 2000],
  ]);
  assertEquals(boundsOf(CONDITIONS_3D, 24), []);
  assertEquals(boundsOf({ ...CONDITIONS_3D, rate: 50 }, 25), []);
  assertEquals(inside(measurement(), bounds), ["3d", "3e"]);
  assertEquals(inside(measurement({ longestMs: 600 }), bounds), ["3e"]);
  assertEquals(inside(measurement({ medianMs: 400 }), bounds), ["3e"]);
  assertEquals(inside(measurement({ messagesPerOperation: 20 }), bounds), ["3d"]);
  assertEquals(inside(measurement({ valid: false }), bounds), []);
});

Deno.test("the table names each metric, fits 80 columns and marks what is not valid", () => {
  const measurements = [
    measurement(),
    measurement({
      strategy: "direct",
      latencyBudgetMs: undefined,
      frontierMessages: undefined,
      valid: false,
    }),
  ];
  const [head = "", hub = "", direct = ""] = tableLines(measurements, {
    bounds: boundsOf(CONDITIONS_3D, 25),
    style: style(false),
  });
  assertEquals(head.split(/ +/), [
    ..."strategy fan-out allowed msgs/op frontier times median longest inside".split(" "),
  ]);
  assertEquals(hub.split(/ +/), [..."hub 24 550 1.5 1.25 1.2 344 498 3d 3e".split(" ")]);
  assertEquals(direct.split(/ +/), [..."direct 24 – 1.5 – – 344 498 invalid".split(" ")]);
  for (const conditions of [head, hub, direct]) assert(conditions.length <= 80, conditions);
  assertStringIncludes(
    describeConditions(CONDITIONS_3D, measurements),
    "25 nodes, 100 operations/s for 20 s, 100 ms",
  );
});

Deno.test("each measurement that is not valid says what was found, and how to see it", () => {
  const failed = measurement({
    valid: false,
    arguments: ["-w", "broadcast", "--virtual", "--", "--max-latency-ms", "550"],
    failure: { seed: 2, found: "lost elements" },
  });
  assertEquals(failureLines([measurement(), failed], "charybdis"), [
    "hub with 550 ms allowed, 25 nodes, seed 2: lost elements. To see it:",
    "  charybdis test --seed 2 -w broadcast --virtual -- --max-latency-ms 550",
  ]);
});

Deno.test("in virtual time, a longer interval gives fewer messages and higher latency", {
  ignore: !readable,
}, async () => {
  const conditions = { rate: 50, latencyMs: 20, timeLimitS: 2, seeds: [1] };
  const configurations = configurationsOf({
    strategies: ["hub", "direct"],
    nodeCounts: [4],
    latencyBudgetMs: [100, 800],
  });
  const shown: string[] = [];
  const measurements = await measure(configurations, {
    conditions,
    jobs: 1,
    progress: (done, total) => shown.push(`${done}/${total}`),
  });
  assertEquals(shown, ["1/3", "2/3", "3/3"]);
  const [often, seldom, direct] = measurements;
  assert(often !== undefined && seldom !== undefined && direct !== undefined);
  assertEquals(measurements.map(({ valid }) => valid), [true, true, true]);
  assert(often.messagesPerOperation > 2 * seldom.messagesPerOperation);
  assert(often.medianMs < seldom.medianMs && often.longestMs < seldom.longestMs);
  assert(seldom.longestMs <= 800 && direct.longestMs <= 21, `${seldom.longestMs} ms, ${direct.longestMs} ms`);
});
