import { assert, assertEquals } from "@std/assert";
import { cutsOf } from "../../../lib/bench/nemesis/faults/leader_partition.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { jobOfTest, type JobResult } from "../../../lib/bench/worker/job.ts";
import { longTest } from "../../seeds.ts";

const PARTS = { leader: "n2", others: ["n4", "n0", "n1", "n3"] };

/** Returns the pairs of nodes that hear each other. */
function pairs(shape: Parameters<typeof cutsOf>[0]): string[] {
  const cuts = cutsOf(shape, PARTS);
  const nodes = [...cuts.keys()].sort();
  return nodes.flatMap((a, i) =>
    nodes.slice(i + 1).filter((b) => !cuts.get(a)?.has(b) && !cuts.get(b)?.has(a)).map((b) => a + b)
  );
}

Deno.test("each shape leaves the leader without a majority that hears each other", () => {
  assertEquals(pairs("leader-alone"), ["n0n1", "n0n3", "n0n4", "n1n3", "n1n4", "n3n4"]);
  assertEquals(pairs("leader-in-minority"), ["n0n1", "n0n3", "n1n3", "n2n4"]);
  assertEquals(pairs("quorum-through-one"), ["n0n4", "n1n4", "n2n4", "n3n4"]);
});

async function run(keepMessages: boolean): Promise<JobResult> {
  const line = "--virtual -w lin-kv --node-count 5 --rate 20 --time-limit 20 --latency 5 " +
    "--faults leader-partition --nemesis-interval 2";
  const worker = new BenchWorker();
  try {
    return await worker.run(
      jobOfTest(parseTest(line.split(" ")), { seed: 3, keepMessages, keepHistory: "always" }),
    );
  } finally {
    worker.stop();
  }
}

longTest("the leader at the start of the fault is cut off from a majority", async () => {
  const { history = [], states = [], result } = await run(true);
  assertEquals(result.valid, true);
  const roles = new Map<string, string>();
  const rows = states.map((line) => JSON.parse(line));
  const began = rows.find(({ event }) => event === "began").time;
  const cuts = history.map((line) => JSON.parse(line)).filter(({ f, value }) =>
    f === "start-leader-partition" && Array.isArray(value)
  );
  assert(cuts.length > 2);
  let ledCount = 0;
  for (const { time, value: [, heard] } of cuts) {
    roles.clear();
    for (const { node, time: at, set, event } of rows) {
      if (at - began > time) break;
      if (set?.role !== undefined) roles.set(node, set.role);
      if (event === "ended") roles.delete(node);
    }
    const leaders = [...roles].filter(([, role]) => role === "leader").map(([node]) => node);
    if (leaders.length === 0) continue;
    ledCount++;
    assert(leaders.some((leader) => heard[leader].length >= 3), `${leaders} at ${time}`);
  }
  assert(ledCount > 1, `${ledCount} partitions with a leader`);
});

longTest("a run with the fault is the same with and without recorded states", async () => {
  assertEquals((await run(true)).history, (await run(false)).history);
});
