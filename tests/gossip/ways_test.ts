import { assert, assertEquals } from "@std/assert";
import { forSeeds } from "../seeds.ts";
import { Machines, parts, transcript, unruly } from "./support/machines.ts";

function direct(nodes: readonly string[] | number): Machines {
  const machines = new Machines({ nodes, dissemination: "direct" });
  machines.run(1000);
  return machines;
}

/** Nodes a, b, … with the neighbours that each was told. */
function mesh(advice: Readonly<Record<string, readonly string[]>>): Machines {
  const machines = new Machines({ nodes: Object.keys(advice), dissemination: "topology" });
  for (const [id, neighbours] of Object.entries(advice)) machines.connect(id, neighbours);
  machines.run(5000);
  return machines;
}

Deno.test("sent straight to everyone, a value takes one hop and n - 1 messages", () => {
  const machines = direct(25);
  const sent = machines.watch(() => {
    machines.add("n07", "x");
    assertEquals(machines.runUntil(() => machines.agreed() === 1, 200), 100);
  });
  assertEquals(sent.length, 24);
});

Deno.test("what was sent straight is acknowledged by one gather, not by each pair", () => {
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
  assert(acknowledging <= 4 * 24, `${acknowledging} messages that carry no value straight`);
  assertEquals(machines.watch(() => machines.run(600_000)).length, 0);
});

Deno.test("sent straight to everyone, what is lost is made good through the hub", async () => {
  await forSeeds({ slice: 10, full: 300 }, (random) => {
    const machines = direct(2 + random.below(5));
    machines.delayMs = unruly(random);
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

Deno.test("along a given line, values pass from neighbour to neighbour, and nobody else is written to", () => {
  const machines = mesh({ a: ["b"], b: ["a", "c"], c: ["b", "d"], d: ["c"] });
  const sent = machines.watch(() => {
    machines.add("a", "x");
    assertEquals(machines.runUntil(() => machines.agreed() === 1, 2000), 300);
    machines.run(60_000);
  });
  const pairs = new Set(sent.map(({ from, to }) => [from, to].sort().join("")));
  assertEquals([...pairs].sort(), ["ab", "bc", "cd"]);
});

Deno.test("along a given line, a value passes each peer once and is acknowledged once, however far apart neighbours are", () => {
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

Deno.test("n1 names n2, n2 does not name n1: both come to know all, and nothing is sent for ever", () => {
  const machines = mesh({ n1: ["n2"], n2: ["n3"], n3: [], n4: ["n3"] });
  const sent = machines.watch(() => {
    for (const id of machines.ids) machines.add(id, id);
    machines.run(20_000);
  });
  assertEquals(machines.agreed(), 4);
  assert(sent.length <= 4 * 2 * 3 * 2, `${sent.length} messages for four values over three peers`);
  assertEquals(machines.watch(() => machines.run(3_600_000)).length, 0);
});

Deno.test("a one-sided peer between strangers: the one who is not named still answers", () => {
  const machines = mesh({ a: [], b: [], c: ["a"], d: ["b"], e: ["c", "d"] });
  for (const id of machines.ids) machines.add(id, id);
  machines.run(20_000);
  assertEquals(machines.agreed(), 5);
  assertEquals(machines.watch(() => machines.run(3_600_000)).length, 0);
});

Deno.test("along a given graph, whatever is lost or cut, everyone comes to know everything", async () => {
  await forSeeds({ slice: 10, full: 300 }, (random) => {
    const advice = { a: ["b", "d"], b: ["c"], c: ["d"], d: [], e: ["a", "c"] };
    const machines = mesh(advice);
    machines.delayMs = unruly(random);
    const order = random.shuffle(machines.ids);
    machines.isCut = parts(order.slice(0, 2), order.slice(2));
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

Deno.test("a node that was not told its neighbours takes those next to it in the agreed order", () => {
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
