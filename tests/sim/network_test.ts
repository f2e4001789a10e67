import { assert, assertEquals } from "@std/assert";
import { type BlockedLinks, type Latency, Network, NO_LINK_FAULTS } from "../../lib/sim/network.ts";
import { oneWay, partition, PARTITION_KINDS } from "../../lib/sim/partitions.ts";
import { SeededRandom } from "../../lib/sim/random.ts";

function network(latency: Latency, seed = 1): Network {
  return new Network(latency, new SeededRandom(seed));
}

const COUNT = 5000;

Deno.test("latencies are constant, uniform or exponential around their mean", () => {
  const draws = (dist: Latency["dist"]) => {
    const net = network({ dist, meanMs: 100 });
    return Array.from({ length: COUNT }, () => net.delays("n1", "n2", 0)[0] ?? NaN);
  };
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  assertEquals(new Set(draws("constant")), new Set([100]));
  const uniform = draws("uniform");
  assert(uniform.every((ms) => ms >= 0 && ms < 200) && Math.abs(mean(uniform) - 100) < 3);
  const exponential = draws("exponential");
  assert(Math.abs(mean(exponential) - 100) < 6 && Math.max(...exponential) > 400);
});

Deno.test("single links have means of their own", () => {
  const linkMeansMs = { n1: { n2: 70, n3: 0 }, n2: { n1: 30 } };
  const net = network({ dist: "constant", meanMs: 100, linkMeansMs });
  const delays = [["n1", "n2"], ["n2", "n1"], ["n1", "n3"], ["n3", "n1"]] as const;
  assertEquals(delays.map(([src, dest]) => net.delays(src, dest, 0)), [[70], [30], [0], [100]]);
  net.slow(new Map([["n2", 5]]));
  assertEquals([net.delays("n1", "n2", 0), net.delays("n3", "n1", 0)], [[350], [100]]);
});

Deno.test("messages of clients have no latency and no faults", () => {
  const net = network({ dist: "constant", meanMs: 100 });
  net.setLinkFaults({ loss: 1, duplication: 1, reordering: 1 });
  net.slow(new Map([["n1", 10]]));
  assertEquals(net.delays("c3", "n1", 0), [0]);
  assertEquals(net.delays("n1", "c3", 0), [0]);
});

Deno.test("messages of services have the latency of nodes", () => {
  assertEquals(network({ dist: "constant", meanMs: 30 }).delays("n1", "seq-kv", 0), [30]);
});

Deno.test("loss, duplication and reordering affect the configured fraction of messages", () => {
  const net = network({ dist: "constant", meanMs: 10 });
  net.setLinkFaults({ loss: 0.2, duplication: 0.3, reordering: 0.25 });
  const all = Array.from({ length: COUNT }, () => net.delays("n1", "n2", 0));
  const share = (matches: (delays: readonly number[]) => boolean) => all.filter(matches).length / COUNT;
  assert(Math.abs(share((delays) => delays.length === 0) - 0.2) < 0.02);
  assert(Math.abs(share((delays) => delays.length === 2) - 0.8 * 0.3) < 0.02);
  assert(Math.abs(share((delays) => (delays[0] ?? 0) > 10) - 0.8 * 0.25) < 0.02);
  net.setLinkFaults(NO_LINK_FAULTS);
  assertEquals(net.delays("n1", "n2", 0), [10]);
});

Deno.test("hand-overs add a heavy-tailed delay around their mean, and keep the order of a link", () => {
  const net = new Network({ dist: "constant", meanMs: 0 }, new SeededRandom(3), 0.5);
  const arrivals = Array.from(
    { length: COUNT },
    (_, i) => 10 * i + (net.delays("n1", "c2", 10 * i)[0] ?? NaN),
  );
  const extras = arrivals.map((at, i) => at - 10 * i);
  assert(Math.abs(extras.reduce((a, b) => a + b) / COUNT - 0.5) < 0.1);
  assert(extras.every((ms) => ms >= 0.25) && Math.max(...extras) > 5);
  const many = Array.from({ length: 100_000 }, (_, i) => net.delays("n1", "n3", 100 * i)[0] ?? NaN);
  assertEquals(Math.max(...many), 25, "fifty times the mean at most");
  const burst = Array.from({ length: COUNT }, () => net.delays("n1", "n2", 0)[0] ?? NaN);
  assert(burst.every((ms, i) => ms >= (burst[i - 1] ?? 0)));
});

Deno.test("without hand-overs and latency, messages arrive when they are sent", () => {
  const net = network({ dist: "constant", meanMs: 0 });
  const links = [["n1", "n2"], ["c1", "n2"], ["n2", "c1"], ["n1", "lin-kv"], ["lin-kv", "n1"]] as const;
  for (const [src, dest] of links) assertEquals(net.delays(src, dest, 5), [0], `${src} to ${dest}`);
});

Deno.test("a link's latencies do not depend on the traffic of other links", () => {
  const latency = { dist: "exponential", meanMs: 50 } as const;
  const alone = network(latency);
  const busy = network(latency);
  for (let i = 0; i < 100; i++) {
    busy.delays("n2", "n3", 0);
    assertEquals(busy.delays("n1", "n2", 0), alone.delays("n1", "n2", 0));
  }
});

Deno.test("a slow node's links are slower in both directions", () => {
  const net = network({ dist: "constant", meanMs: 10 });
  net.slow(new Map([["n1", 10]]));
  assertEquals([net.delays("n1", "n2", 0), net.delays("n3", "n1", 0), net.delays("n2", "n3", 0)], [[100], [
    100,
  ], [
    10,
  ]]);
});

const NODES = ["n0", "n1", "n2", "n3", "n4"];

function hears(cuts: BlockedLinks, node: string, nodes = NODES): string[] {
  return nodes.filter((other) => other !== node && !cuts.get(node)?.has(other));
}

Deno.test("partitions isolate one node, a third, or half, on both sides", () => {
  const sizes = { "one": 1, "minority-third": 1, "majority": 2 } as const;
  for (let seed = 0; seed < 20; seed++) {
    for (const [kind, size] of Object.entries(sizes)) {
      const cuts = partition(kind as keyof typeof sizes, NODES, new SeededRandom(seed));
      const groups = new Set(NODES.map((node) => [node, ...hears(cuts, node)].sort().join()));
      assertEquals([...groups].map((group) => group.split(",").length).sort(), [size, 5 - size].sort());
    }
  }
});

Deno.test("in a majorities ring, each node receives from a majority, and no two from the same", () => {
  for (const count of [3, 4, 5, 6, 7, 9]) {
    const nodes = Array.from({ length: count }, (_, i) => `n${i}`);
    for (let seed = 0; seed < 10; seed++) {
      const cuts = partition("majorities-ring", nodes, new SeededRandom(seed));
      const groups = nodes.map((node) => [node, ...hears(cuts, node, nodes)].sort());
      assert(groups.every((group) => group.length > count / 2), `${count} nodes, seed ${seed}`);
      if (count === 5) assertEquals(new Set(groups.map((group) => group.join())).size, count);
    }
  }
});

Deno.test("in a majorities ring of up to five nodes, each node receives from its neighbors", () => {
  for (const count of [3, 4, 5]) {
    const nodes = Array.from({ length: count }, (_, i) => `n${i}`);
    const cuts = partition("majorities-ring", nodes, new SeededRandom(1));
    const sizes = nodes.map((node) => hears(cuts, node, nodes).length + 1);
    assertEquals(sizes, nodes.map(() => Math.floor(count / 2) + 1));
  }
});

Deno.test("in a one-way partition, some nodes receive from the others but do not reach them", () => {
  for (let seed = 0; seed < 20; seed++) {
    const cuts = oneWay(NODES, new SeededRandom(seed));
    const mute = NODES.filter((node) => !cuts.has(node));
    assert(mute.length >= 1 && mute.length < NODES.length);
    for (const node of NODES) {
      assertEquals(hears(cuts, node).length, mute.includes(node) ? 4 : 4 - mute.length);
    }
  }
});

Deno.test("partitions of very small clusters block existing links only", () => {
  for (const kind of PARTITION_KINDS) {
    for (const nodes of [["n0"], ["n0", "n1"]]) {
      const cuts = partition(kind, nodes, new SeededRandom(1));
      for (const [, from] of cuts) for (const node of from) assert(nodes.includes(node));
    }
  }
});
