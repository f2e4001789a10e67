import { assert, assertEquals } from "@std/assert";
import { figuresOf, mediansOf, nodePauseMs } from "../../../../lib/bench/tradeoff/consensus/figures.ts";
import type { MeasuredOperation } from "../../../../lib/bench/tradeoff/consensus/load.ts";
import type { ConsensusRun } from "../../../../lib/bench/tradeoff/consensus/run.ts";

function operation(
  node: number,
  startMs: number,
  tookMs: number,
  more: Partial<MeasuredOperation> = {},
): MeasuredOperation {
  return { node, f: "write", startMs, endMs: startMs + tookMs, outcome: "ok", ...more };
}

function run(operations: readonly MeasuredOperation[], more: Partial<ConsensusRun> = {}): ConsensusRun {
  return {
    operations,
    fromMs: 1000,
    toMs: 2000,
    serverMessages: 12,
    leader: 0,
    dead: undefined,
    valid: true,
    ...more,
  };
}

Deno.test("latencies are those of completed operations that started in the measured time", () => {
  const figures = figuresOf(run([
    operation(0, 900, 150), // started before the measured time, completed in it
    operation(0, 1000, 100),
    operation(1, 1100, 300),
    operation(1, 1200, 200),
    operation(2, 1300, 5000, { outcome: "info" }),
    operation(2, 1400, 40, { f: "read" }),
    operation(2, 1990, 700), // started in it, completed after it
    operation(3, 2000, 1), // started after it
  ]));
  assertEquals([figures.medianMs, figures.p99Ms, figures.longestMs, figures.readMedianMs], [
    300,
    700,
    700,
    40,
  ]);
  assertEquals(figures.nodes.map((node) => node?.medianMs), [100, 300, 700, NaN, NaN]);
  assertEquals([figures.offeredPerS, figures.completedPerS], [6, 5]);
  assertEquals([figures.failedShare, figures.messagesPerOperation], [1 / 6, 12 / 5]);
  assertEquals(figures.completions, [8, 12, 0, 0]);
});

Deno.test("pauses include the ends of the measured time, and leave out dead nodes", () => {
  const operations = [operation(0, 1000, 100), operation(1, 1500, 10), operation(4, 1500, 200)];
  const figures = figuresOf(run(operations, { dead: 4 }));
  assertEquals(figures.pauseMs, 490); // from 1510 to 2000
  assertEquals(figures.nodes.slice(0, 3).map((node) => node?.pauseMs), [900, 510, 1000]);
  assertEquals(figures.nodes[4], undefined);
  assertEquals(nodePauseMs(figures), 1000);
});

Deno.test("several runs give their medians, and one wrong run makes all invalid", () => {
  const runs = [100, 300, 200].map((tookMs) =>
    figuresOf(run([operation(0, 1000, tookMs)], { valid: tookMs !== 200 }))
  );
  const medians = mediansOf(runs);
  assertEquals([medians.medianMs, medians.nodes[0]?.medianMs, medians.valid], [200, 200, false]);
  assert(Number.isNaN(medians.nodes[1]?.medianMs));
  assertEquals(medians.completions, [4, 0, 0, 0]);
});
