import { assert, assertEquals } from "@std/assert";
import { forSeeds } from "../seeds.ts";
import { Machines, partition, transcript, unreliable } from "./support/machines.ts";

function direct(nodes: readonly string[] | number): Machines {
  const machines = new Machines({ nodes, dissemination: "direct" });
  machines.run(1000);
  return machines;
}

/** A cluster with the given topology. */
function graph(topology: Readonly<Record<string, readonly string[]>>): Machines {
  const machines = new Machines({ nodes: Object.keys(topology), dissemination: "topology" });
  for (const [id, neighbors] of Object.entries(topology)) machines.connect(id, neighbors);
  machines.run(5000);
  return machines;
}

Deno.test("direct: a value takes one hop and n - 1 messages", () => {
  const machines = direct(25);
  const sent = machines.watch(() => {
    machines.add("n07", "x");
    assertEquals(machines.runUntil(() => machines.agreed() === 1, 200), 100);
  });
  assertEquals(sent.length, 24);
});

Deno.test("direct: a message that has no room to repeat earlier values carries the new one", () => {
  const machines = new Machines({ nodes: 3, dissemination: "direct", changesMax: 3 });
  machines.run(1000);
  for (let i = 0; i < 20; i++) {
    machines.add("n01", i);
    machines.run(10);
  }
  assertEquals(machines.runUntil(() => machines.agreed() === 20, 200), 90);
});

Deno.test("direct: one gather acknowledges, rather than each pair of nodes", () => {
  const machines = direct(25);
  const sent = machines.watch(() => {
    for (let i = 0; i < 200; i++) {
      machines.add(machines.ids[(i * 7) % 25] ?? "", i);
      machines.run(20);
    }
    machines.run(60_000);
  });
  const acknowledging = sent.filter(({ message }) => message.direct === undefined).length;
  assertEquals(sent.length - acknowledging, 200 * 24);
  assert(acknowledging <= 4 * 24, `${acknowledging} messages that are not direct`);
  assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
});

Deno.test("direct: the hub repairs lost messages", async () => {
  await forSeeds({ slice: 10, full: 300 }, (random) => {
    const machines = direct(2 + random.below(5));
    machines.delayMs = unreliable(random);
    for (let i = 0; i < 60; i++) {
      machines.add(random.pick(machines.ids), i);
      machines.run(random.uniform(0, 200));
    }
    machines.delayMs = () => 100;
    machines.runUntil(() => machines.agreed() === 60, 15_000);
    machines.run(60_000);
    assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
  });
});

Deno.test("topology: on a line, values pass between neighbors, and no other pair communicates", () => {
  const machines = graph({ a: ["b"], b: ["a", "c"], c: ["b", "d"], d: ["c"] });
  const sent = machines.watch(() => {
    machines.add("a", "x");
    assertEquals(machines.runUntil(() => machines.agreed() === 1, 2000), 300);
    machines.run(60_000);
  });
  const pairs = new Set(sent.map(({ from, to }) => [from, to].sort().join("")));
  assertEquals([...pairs].sort(), ["ab", "bc", "cd"]);
});

Deno.test("topology: a value passes each edge once and is acknowledged once, at any latency", () => {
  for (const latencyMs of [100, 500]) {
    const machines = new Machines({ nodes: ["a", "b", "c"], latencyMs, dissemination: "topology" });
    machines.run(20_000);
    const sent = machines.watch(() => {
      machines.add("a", "x");
      machines.run(20_000);
    });
    assertEquals([machines.agreed(), sent.length], [1, 4], `${latencyMs} ms`);
  }
});

Deno.test("topology: with one-sided edges, all nodes learn all values and then fall silent", () => {
  const machines = graph({ n1: ["n2"], n2: ["n3"], n3: [], n4: ["n3"] });
  const sent = machines.watch(() => {
    for (const id of machines.ids) machines.add(id, id);
    machines.run(20_000);
  });
  assertEquals(machines.agreed(), 4);
  assert(sent.length <= 4 * 2 * 3 * 2, `${sent.length} messages for four values over three edges`);
  assertEquals(machines.watch(() => machines.run(3_600_000)).length, 0);
});

Deno.test("topology: a node answers a neighbor that it does not name", () => {
  const machines = graph({ a: [], b: [], c: ["a"], d: ["b"], e: ["c", "d"] });
  for (const id of machines.ids) machines.add(id, id);
  machines.run(20_000);
  assertEquals(machines.agreed(), 5);
  assertEquals(machines.watch(() => machines.run(3_600_000)).length, 0);
});

Deno.test("topology: all nodes learn all values after losses and a partition", async () => {
  await forSeeds({ slice: 10, full: 300 }, (random) => {
    const topology = { a: ["b", "d"], b: ["c"], c: ["d"], d: [], e: ["a", "c"] };
    const machines = graph(topology);
    machines.delayMs = unreliable(random);
    const order = random.shuffle(machines.ids);
    machines.isCut = partition(order.slice(0, 2), order.slice(2));
    for (let i = 0; i < 60; i++) {
      machines.add(random.pick(machines.ids), i);
      machines.run(random.uniform(0, 200));
    }
    machines.delayMs = () => 100;
    machines.isCut = () => false;
    machines.runUntil(() => machines.agreed() === 60, 15_000);
    machines.run(60_000);
    assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
  });
});

Deno.test("topology: without one, the neighbors are the adjacent nodes in the agreed order", () => {
  const machines = new Machines({ nodes: ["a", "b", "c"], dissemination: "topology" });
  machines.run(1000);
  const sent = machines.watch(() => {
    machines.add("a", "x");
    machines.run(1000);
  });
  assertEquals(transcript(sent).slice(0, 2), [
    '1000 a→b tell deltas a.1:[0,"x"]',
    '1100 b→c tell deltas a.1:[0,"x"]',
  ]);
});
