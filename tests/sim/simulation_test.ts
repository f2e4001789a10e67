import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { forEachSeed, type Latency, type SimulatedProgram, Simulation } from "../../lib/sim/mod.ts";

/** A node that sends a number to its peer every 10 ms. */
function ticker(peer: string): SimulatedProgram<number> {
  return (node) => {
    let count = 0;
    node.every(10, () => node.send(peer, count++));
    return () => {};
  };
}

/** Returns a simulation in which `a` sends to `b`, and what `b` has received. */
function pair(seed: number): { readonly simulation: Simulation<number>; readonly received: number[] } {
  const received: number[] = [];
  const simulation = new Simulation<number>({ seed });
  simulation.start("a", ticker("b"));
  simulation.start("b", () => (message) => void received.push(message));
  return { simulation, received };
}

Deno.test("a seed determines a run, and another seed gives another one", () => {
  const run = (seed: number) => {
    const { simulation } = pair(seed);
    simulation.setFaults({ loss: 0.2, duplication: 0.2, reordering: 0.2 });
    simulation.run(1000);
    return JSON.stringify(simulation.trace);
  };
  assertEquals(run(1), run(1));
  assert(run(1) !== run(2));
});

Deno.test("a partition drops messages, and heals", () => {
  const { simulation, received } = pair(1);
  simulation.partition([["a"], ["b"]]);
  simulation.run(500);
  assertEquals(received, []);
  assert(simulation.trace.some(({ event }) => event === "dropped"));
  simulation.heal();
  simulation.run(500);
  assert(received.length > 30);
  simulation.block(new Map([["b", new Set(["a"])]]));
  const before = received.length;
  simulation.run(500);
  assertEquals(received.length, before);
});

Deno.test("a message that the network loses is in the trace as dropped", () => {
  const { simulation, received } = pair(1);
  simulation.setFaults({ loss: 1 });
  simulation.run(95);
  assertEquals(received, []);
  const events = simulation.trace.map(({ event, message }) => `${event} ${message}`);
  assertEquals(events, Array.from({ length: 9 }, (_, i) => [`sent ${i}`, `dropped ${i}`]).flat());
});

Deno.test("a killed node loses its timers and messages, and starts again with a new state", () => {
  const { simulation, received } = pair(1);
  simulation.run(200);
  simulation.kill("a");
  simulation.run(200);
  const before = received.length;
  simulation.run(500);
  assertEquals(received.length, before);
  simulation.start("a", ticker("b"));
  simulation.run(200);
  assertEquals(received.slice(before).includes(0), true);
});

Deno.test("a paused node does all that waited when it is resumed", () => {
  const { simulation, received } = pair(1);
  simulation.pause("b");
  simulation.run(300);
  assertEquals(received, []);
  simulation.resume("b");
  assert(received.length > 10);
});

Deno.test("a timer that is canceled while it waits for the node to be resumed does not fire", () => {
  const fired: string[] = [];
  const simulation = new Simulation<never>({ seed: 1 });
  simulation.start("a", (node) => {
    node.after(10, () => {
      fired.push("first");
      cancel();
    });
    const cancel = node.after(20, () => fired.push("second"));
    return () => {};
  });
  simulation.pause("a");
  simulation.run(100);
  simulation.resume("a");
  simulation.run(100);
  assertEquals(fired, ["first"]);
});

Deno.test("a wrong delay, duration, latency or probability is an error", () => {
  const simulation = new Simulation<string>({ seed: 1 });
  for (const ms of [NaN, Infinity]) assertThrows(() => simulation.run(ms), RangeError, "finite number of ms");
  simulation.start("a", (node) => {
    for (const ms of [NaN, undefined as never]) {
      assertThrows(() => node.after(ms, () => {}), RangeError, "a delay must be");
      assertThrows(() => node.every(ms, () => {}), RangeError, "a delay must be");
    }
    return () => {};
  });
  for (const loss of [30, -1, NaN]) {
    assertThrows(() => simulation.setFaults({ loss }), RangeError, `0 to 1, but is ${loss}`);
  }
  const wrong: Latency[] = [
    { dist: "constant", meanMs: NaN },
    { dist: "uniform", meanMs: -5 },
    { dist: "exponential", meanMs: 5, linkMeansMs: { a: { b: Infinity } } },
    { dist: "normal" as "constant", meanMs: 5 },
  ];
  for (const latency of wrong) {
    assertThrows(() => new Simulation({ seed: 1, latency }), RangeError, "latency");
  }
});

Deno.test("a program that never lets time pass ends the run with an error", () => {
  const simulation = new Simulation<never>({ seed: 1 });
  simulation.start("a", (node) => {
    node.after(5, () => void node.every(0, () => {}));
    return () => {};
  });
  assertThrows(() => simulation.run(100), RangeError, "at 5 ms without any time passing");
});

Deno.test("messages are copies, so that nodes share no object", () => {
  const sent = { list: [1] };
  const received: { list: number[] }[] = [];
  const simulation = new Simulation<{ list: number[] }>({
    seed: 1,
    latency: { dist: "constant", meanMs: 5 },
  });
  simulation.start("b", () => (message) => void received.push(message));
  simulation.send("a", "b", sent);
  sent.list.push(2);
  simulation.run(10);
  assertEquals(received, [{ list: [1] }]);
});

Deno.test("promises of a program continue before time passes", async () => {
  const simulation = new Simulation<string>({ seed: 1, latency: { dist: "constant", meanMs: 5 } });
  const times: number[] = [];
  simulation.start("b", (node) => async () => {
    for (let i = 0; i < 20; i++) await null;
    times.push(node.now());
  });
  simulation.send("a", "b", "hi");
  await simulation.runAsync(100);
  assertEquals(times, [5]);
  assertEquals(simulation.nowMs, 100);
});

Deno.test("an error names its seed, and an id of a client is refused", async () => {
  await assertRejects(
    () =>
      forEachSeed(5, (seed) => {
        if (seed === 4) throw new Error("no");
      }),
    Error,
    "seed 4: no",
  );
  for (const count of [0, NaN]) {
    await assertRejects(() => forEachSeed(count, () => {}), RangeError, "at least one seed");
  }
  assertThrows(() => new Simulation({ seed: 1 }).start("c1", () => () => {}), RangeError, "begins with c");
});
