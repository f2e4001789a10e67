import { assertEquals } from "@std/assert";
import { FaultScenes } from "../../../lib/bench/report/browser/fault_scenes.ts";
import { lastOfRun } from "../../../lib/bench/report/browser/cluster_faults.ts";
import { faultBands } from "../../../lib/bench/report/data/fault_intervals.ts";
import type { Event } from "../../../lib/checkers/history.ts";

const NODES = ["n0", "n1", "n2", "n3", "n4"];

/** Returns the scenes of a run in which each fault starts at 1 ms and stops at 2 ms. */
function scenes(
  faults: readonly (readonly [start: string, done: unknown, stop: string])[],
  ends = {},
): FaultScenes {
  const history: Event[] = [];
  const add = (ms: number, f: string, value: unknown) =>
    void history.push({ index: history.length, time: ms * 1e6, process: "nemesis", type: "info", f, value });
  for (const [f, done] of faults) add(1, f, done);
  for (const [, , f] of faults) add(2, f, null);
  return new FaultScenes({ faults: faultBands(history, 10_000), ends, nodes: NODES });
}

Deno.test("a partition has sides, the largest first, and ends", () => {
  const cuts = {
    n0: ["n2", "n4"],
    n1: ["n2", "n4"],
    n3: ["n2", "n4"],
    n2: ["n0", "n1", "n3"],
    n4: ["n0", "n1", "n3"],
  };
  const run = scenes([["start-partition", ["isolated", cuts], "stop-partition"]]);
  assertEquals([...run.at(1500).side], [1, 1, 2, 1, 2]);
  assertEquals([...run.at(2000).side], [0, 0, 0, 0, 0]);
  assertEquals([...run.at(500).side], [0, 0, 0, 0, 0]);
});

Deno.test("overlapping majorities have no sides, so their cut pairs are listed", () => {
  const ring = { n0: ["n2", "n3"], n1: ["n3", "n4"], n2: ["n0", "n4"], n3: ["n0", "n1"], n4: ["n1", "n2"] };
  const scene = scenes([["start-partition", ["isolated", ring], "stop-partition"]]).at(1500);
  assertEquals([...scene.side], [0, 0, 0, 0, 0]);
  assertEquals(scene.pairs, [[0, 2], [0, 3], [1, 3], [1, 4], [2, 4]]);
});

Deno.test("each other kind of fault has its own mark", () => {
  const scene = scenes([
    ["start-one-way", ["isolated", { n0: ["n3"], n1: ["n3"] }], "stop-one-way"],
    ["kill", { n1: "killed" }, "start"],
    ["pause", { n2: "paused" }, "resume"],
    ["start-slow", { n4: 10 }, "stop-slow"],
    ["start-clock", { n0: { rate: 1.05, jumpMs: 0 } }, "stop-clock"],
    ["start-membership", { n3: "left" }, "stop-membership"],
    ["start-loss", "network-lossy", "stop-loss"],
  ]).at(1500);
  assertEquals([...scene.mute], [0, 0, 0, 1, 0]);
  assertEquals([...scene.down], [0, 1, 0, 0, 0]);
  assertEquals([...scene.paused], [0, 0, 1, 0, 0]);
  assertEquals([...scene.slow], [0, 0, 0, 0, 1]);
  assertEquals([...scene.outside], [0, 0, 0, 1, 0]);
  assertEquals([...scene.rate], [1.05, 0, 0, 0, 0]);
  assertEquals(scene.others, ["loss"]);
});

Deno.test("a node that exits is down from then on", () => {
  const run = scenes([], { n3: 4000 });
  assertEquals([...run.at(3999).down], [0, 0, 0, 0, 0]);
  assertEquals([...run.at(9000).down], [0, 0, 0, 1, 0]);
});

Deno.test("a run of neighbors on one side may pass the first node of the ring", () => {
  assertEquals(lastOfRun(Int32Array.from([2, 1, 1, 1, 2]), 4), 0);
  assertEquals(lastOfRun(Int32Array.from([1, 2, 2, 1, 1]), 1), 2);
});
