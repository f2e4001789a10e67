import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { ENGINE_NAMES, type EngineName } from "../../../../lib/bench/tradeoff/consensus/engines.ts";
import { type ConsensusFigures, figuresOf } from "../../../../lib/bench/tradeoff/consensus/figures.ts";
import { networkOf, NODE_IDS, roundTripMs } from "../../../../lib/bench/tradeoff/consensus/networks.ts";
import { DEATH_AT, runConsensus } from "../../../../lib/bench/tradeoff/consensus/run.ts";
import type { ConsensusConditions, ConsensusSetup } from "../../../../lib/bench/tradeoff/consensus/setups.ts";

const CONDITIONS: ConsensusConditions = {
  rate: 50,
  latencyMs: 40,
  timeLimitS: 3,
  readPercent: 10,
  seeds: [1],
};

function setup(engine: EngineName, more: Partial<ConsensusSetup> = {}): ConsensusSetup {
  return { engine, network: "uniform", conflictPercent: 0, scenario: "steady", rate: 50, ...more };
}

/** Returns the medians at the nodes, in hops of {@linkcode CONDITIONS}, rounded. */
function hopsOf({ nodes }: ConsensusFigures): number[] {
  return nodes.map((node) => Math.round(10 * (node?.medianMs ?? NaN) / CONDITIONS.latencyMs) / 10);
}

Deno.test("a write takes two hops with EPaxos and at Raft's leader, and four at its followers", async () => {
  const hops = new Map<EngineName, number[]>();
  for (const engine of ENGINE_NAMES) {
    const figures = figuresOf(await runConsensus(setup(engine), CONDITIONS, 1));
    assertEquals([figures.valid, figures.failedShare], [true, 0]);
    assertAlmostEquals(figures.completedPerS, 50, 10);
    hops.set(engine, hopsOf(figures));
  }
  assertEquals(hops.get("raft"), [2, 4, 4, 4, 4]);
  assertEquals(hops.get("epaxos"), [2, 2, 2, 2, 2]);
});

Deno.test("in the regions, a node of EPaxos waits for the reply that completes its fast quorum", async () => {
  const run = await runConsensus(setup("epaxos", { network: "regions" }), CONDITIONS, 2);
  assertEquals(run.leader, undefined);
  const { nodes } = figuresOf(run);
  // Three of five nodes are a fast quorum, the coordinator included.
  const expected = NODE_IDS.map((_, node) =>
    NODE_IDS.map((_, other) => roundTripMs(node, other)).sort((a, b) => a - b)[2] ?? NaN
  );
  nodes.forEach((node, i) => assertAlmostEquals(node?.medianMs ?? NaN, expected[i] ?? NaN, 2));
});

Deno.test("the latencies of the regions are half their round-trip times, in both directions", () => {
  const { latency, places } = networkOf("regions", 100);
  assertEquals(places.length, NODE_IDS.length);
  assertEquals(latency.linkMeansMs?.["n0"]?.["n2"], 39.3);
  assertEquals(latency.linkMeansMs?.["n2"]?.["n0"], 39.3);
  assertEquals(latency.linkMeansMs?.["n4"]?.["n3"], 321.1 / 2);
  for (const src of NODE_IDS) {
    for (const dest of NODE_IDS) {
      assertEquals(latency.linkMeansMs?.[src]?.[dest], latency.linkMeansMs?.[dest]?.[src]);
      assert((latency.linkMeansMs?.[src]?.[dest] ?? 0) > 0 || src === dest);
    }
  }
});

Deno.test("when the first node dies, Raft pauses for an election, and EPaxos does not pause", async () => {
  const scenario = "leader-dies";
  const runs = await Promise.all(
    ENGINE_NAMES.map((engine) =>
      runConsensus(setup(engine, { scenario, conflictPercent: 10 }), CONDITIONS, 3)
    ),
  );
  const [raft, epaxos] = runs.map(figuresOf);
  assert(raft !== undefined && epaxos !== undefined);
  assertEquals(runs.map(({ leader, dead }) => [leader, dead]), [[0, 0], [undefined, 0]]);
  assertEquals([raft.valid, epaxos.valid], [true, true]);
  assert(raft.pauseMs > 2 * epaxos.pauseMs, `${raft.pauseMs} and ${epaxos.pauseMs} ms`);
  assertEquals(raft.nodes[0], undefined);
  const deathMs = (runs[0]?.fromMs ?? NaN) + DEATH_AT * CONDITIONS.timeLimitS * 1000;
  assert(runs[0]?.operations.every(({ node, startMs }) => node !== 0 || startMs <= deathMs));
});

Deno.test("a slow node is slower than the others, and a dead one has no client", async () => {
  const slow = figuresOf(await runConsensus(setup("epaxos", { scenario: "slow" }), CONDITIONS, 1));
  assertEquals(hopsOf(slow), [2, 2, 2, 2, 10]);
  const slowLeader = await runConsensus(setup("raft", { scenario: "slow-leader" }), CONDITIONS, 1);
  assert((figuresOf(slowLeader).nodes[0]?.medianMs ?? 0) >= 10 * CONDITIONS.latencyMs);
  const dead = await runConsensus(setup("raft", { scenario: "dead" }), CONDITIONS, 1);
  assertEquals([dead.dead, dead.operations.filter(({ node }) => node === 4).length], [4, 0]);
});

Deno.test("the same seed gives the same run", async () => {
  const run = () => runConsensus(setup("epaxos", { conflictPercent: 50 }), CONDITIONS, 7);
  assertEquals(await run(), await run());
});
