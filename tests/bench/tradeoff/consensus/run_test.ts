import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { ENGINE_NAMES, type EngineName } from "../../../../lib/bench/tradeoff/consensus/engines.ts";
import { type ConsensusFigures, figuresOf } from "../../../../lib/bench/tradeoff/consensus/figures.ts";
import { networkOf, NODE_IDS, roundTripMs } from "../../../../lib/bench/tradeoff/consensus/networks.ts";
import { DEATH_AT, runConsensus } from "../../../../lib/bench/tradeoff/consensus/run.ts";
import type { ConsensusConditions, ConsensusSetup } from "../../../../lib/bench/tradeoff/consensus/setups.ts";
import { longTest } from "../../../seeds.ts";

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

longTest("a write takes four hops at Raft's followers, and two at its leader and without one", async () => {
  const hops = new Map<EngineName, number[]>();
  for (const engine of ENGINE_NAMES) {
    const figures = figuresOf(await runConsensus(setup(engine), CONDITIONS, 1));
    assertEquals([figures.valid, figures.failedShare], [true, 0]);
    assertAlmostEquals(figures.completedPerS, 50, 10);
    hops.set(engine, hopsOf(figures));
  }
  assertEquals(hops.get("raft"), [2, 4, 4, 4, 4]);
  assertEquals(hops.get("epaxos"), [2, 2, 2, 2, 2]);
  assertEquals(hops.get("accord"), [2, 2, 2, 2, 2]);
});

longTest("in the regions, a node waits for the reply that completes its fast quorum", async () => {
  // The coordinator counts as one of the five nodes.
  const fastQuorums = { epaxos: 3, accord: 4 } as const;
  for (const engine of ["epaxos", "accord"] as const) {
    const { nodes } = figuresOf(await runConsensus(setup(engine, { network: "regions" }), CONDITIONS, 2));
    const expected = NODE_IDS.map((_, node) =>
      NODE_IDS.map((_, other) => roundTripMs(node, other)).sort((a, b) => a - b)[fastQuorums[engine] - 1]
    );
    nodes.forEach((node, i) => assertAlmostEquals(node?.medianMs ?? NaN, expected[i] ?? NaN, 2));
  }
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

longTest("when the first node dies, Raft pauses for an election, and the others do not pause", async () => {
  const pauses = new Map<EngineName, number>();
  for (const engine of ENGINE_NAMES) {
    const setupOfDeath = setup(engine, { scenario: "leader-dies", conflictPercent: 10 });
    const run = await runConsensus(setupOfDeath, CONDITIONS, 3);
    assertEquals([run.leader, run.dead], [engine === "raft" ? 0 : undefined, 0]);
    const figures = figuresOf(run);
    assertEquals([figures.valid, figures.nodes[0]], [true, undefined]);
    const deathMs = run.fromMs + DEATH_AT * CONDITIONS.timeLimitS * 1000;
    assert(run.operations.every(({ node, startMs }) => node !== 0 || startMs <= deathMs));
    pauses.set(engine, figures.pauseMs);
  }
  const { raft = NaN, epaxos = NaN, accord = NaN } = Object.fromEntries(pauses);
  assert(raft > 2 * epaxos && raft > 2 * accord, `${raft}, ${epaxos} and ${accord} ms`);
});

longTest("a slow node is slower than the others, and a dead one has no client", async () => {
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
