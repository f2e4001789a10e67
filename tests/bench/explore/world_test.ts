/** One execution of an explored cluster: its steps and their effects. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { BenchError } from "../../../lib/bench/errors.ts";
import { programOf } from "../../../lib/bench/cluster/program.ts";
import { depend } from "../../../lib/bench/explore/search.ts";
import { World } from "../../../lib/bench/explore/world.ts";
import type { Bounds } from "../../../lib/bench/explore/world_options.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { workloadOf } from "../../../lib/bench/workloads/registry.ts";
import type { Node } from "../../../lib/runtime/node.ts";

/** Echoes, tells the other node, and starts a timer, which a message from the other node cancels. */
function program(node: Node): void {
  let cancel = () => {};
  node.on("echo", ({ echo }) => {
    for (const peer of node.peers) node.send(peer, { type: "told" });
    cancel = node.after(100, () => {});
    return { echo: String(echo) };
  });
  node.on("told", () => cancel());
}

function begin(
  bounds: Partial<Bounds> = {},
  { operationCount = 2, nodeCount = 2 } = {},
) {
  const { test } = parseTest(["-w", "echo", "--virtual", "--node-count", String(nodeCount)]);
  return World.begin({
    test,
    workload: workloadOf("echo"),
    program: programOf({ program }, { name: "told", args: [] }),
    seed: 1,
    storage: false,
    bounds: { drops: 0, duplicates: 0, crashes: 0, timeouts: 0, ...bounds },
    operationCount,
    settleMs: 10,
  });
}

Deno.test("at first, each client can begin its operation", async () => {
  assertEquals((await begin()).enabled(), ["invoke 0", "invoke 1"]);
});

Deno.test("an operation begins and ends in one step, whose messages arrive as later steps", async () => {
  const world = await begin();
  const step = await world.execute("invoke 0");
  assertEquals([step.process, step.invokes, step.completes, step.readsTime], ["n0", true, true, true]);
  const [message = ""] = world.enabled();
  assertEquals(message.startsWith("deliver "), true);
  const arrival = await world.execute(message);
  assertEquals([arrival.process, arrival.creator, arrival.invokes], ["n1", "invoke 0", false]);
});

Deno.test("a message that arrives can no longer be lost", async () => {
  const world = await begin({ drops: 1 });
  await world.execute("invoke 0");
  const [deliver = ""] = world.enabled();
  const drop = deliver.replace("deliver", "drop");
  assert(world.enabled().includes(drop));
  assertEquals((await world.execute(deliver)).excludes, [drop]);
});

Deno.test("a lost message uses up the bound, and does not arrive", async () => {
  const world = await begin({ drops: 1 });
  await world.execute("invoke 0");
  const [drop = ""] = world.enabled().filter((step) => step.startsWith("drop"));
  await world.execute(drop);
  assertEquals(world.enabled(), ["invoke 1"]);
  const { counts } = await world.finish();
  assertEquals([counts.servers.sent, counts.servers.received], [1, 0]);
});

Deno.test("a duplicate arrives twice", async () => {
  const world = await begin({ duplicates: 1 });
  await world.execute("invoke 0");
  const [twice = ""] = world.enabled().filter((step) => step.startsWith("twice"));
  await world.execute(twice);
  assertEquals(world.enabled(), [`deliver ${twice.replace("twice ", "")}+`, "invoke 1"]);
});

Deno.test("a canceled timer is excluded by the step that cancels it", async () => {
  const world = await begin({ timeouts: 1 });
  await world.execute("invoke 0");
  await world.execute("invoke 1");
  const timers = world.enabled().filter((step) => step.startsWith("fire"));
  assertEquals(timers.length, 2);
  const [deliver = ""] = world.enabled();
  const { excludes } = await world.execute(deliver);
  assertEquals(excludes.length, 1);
  assert(timers.includes(excludes[0] ?? ""));
});

Deno.test("a crash ends the operations in progress and is part of the history", async () => {
  const world = await begin({ crashes: 1 });
  const step = await world.execute("crash n1");
  assertEquals([step.process, step.budget], ["n1", "crashes"]);
  assertEquals(world.enabled(), ["invoke 0", "invoke 1"]);
  const { history } = await world.finish();
  assertEquals(history.map(({ f }) => f), ["kill", "kill", "start", "start"]);
});

Deno.test("a cut begins where a message is on its way, loses it, and is healed", async () => {
  const world = await begin({ partitions: 1 }, { nodeCount: 3, operationCount: 3 });
  const faults = () => world.enabled().filter((step) => /^(cut|heal)/.test(step));
  assertEquals(faults(), [], "no message would be lost");
  await world.execute("invoke 0");
  assertEquals(faults(), ["cut n0", "cut n1", "cut n2"], "there are messages from n0 to n1 and n2");
  const cut = await world.execute("cut n1");
  assertEquals([cut.process, cut.switches, cut.excludes], ["network", ["n0 n1", "n1 n2"], [
    "cut n0",
    "cut n2",
  ]]);
  assertEquals(faults(), [], "the cut has no effect yet");
  const [across = "", other = ""] = world.enabled();
  assertEquals((await world.execute(other)).link, "n0 n2");
  const lost = await world.execute(across);
  assert(depend(lost, cut));
  assertEquals(faults(), ["heal n1"]);
  assertEquals(world.creatorOf("heal n1"), "cut n1");
  await world.execute("heal n1");
  await world.execute("invoke 1");
  for (const step of world.enabled()) if (step.startsWith("deliver")) await world.execute(step);
  const { history, counts } = await world.finish();
  assertEquals([counts.servers.sent, counts.servers.received], [4, 3]);
  assertEquals(
    history.filter(({ process }) => process === "nemesis").map(({ f, value }) => [f, value]),
    [
      ["start-partition", "n1"],
      ["start-partition", ["isolated", { n0: ["n1"], n1: ["n0", "n2"], n2: ["n1"] }]],
      ["stop-partition", null],
      ["stop-partition", "network-healed"],
    ],
  );
});

Deno.test("a message that is on its way during a cut arrives after it", async () => {
  const world = await begin({ partitions: 1 });
  await world.execute("invoke 0");
  await world.execute("invoke 1");
  await world.execute("cut n0");
  const [first = "", second = ""] = world.enabled();
  await world.execute(first);
  await world.execute("heal n0");
  assertEquals(world.enabled(), [second]);
  await world.execute(second);
  const { counts } = await world.finish();
  assertEquals([counts.servers.sent, counts.servers.received], [2, 1]);
});

Deno.test("a network that is still cut after the last step is healed", async () => {
  const world = await begin({ partitions: 1 });
  await world.execute("invoke 0");
  await world.execute("cut n0");
  const { history } = await world.finish();
  assertEquals(history.at(-1)?.f, "stop-partition");
});

Deno.test("the sides of a cut are every division of the nodes, each one once", async () => {
  const world = await begin({ partitions: 1 }, { nodeCount: 4 });
  await world.execute("invoke 0");
  const cuts = world.enabled().filter((step) => step.startsWith("cut"));
  assertEquals(cuts.slice(0, 4), ["cut n0", "cut n1", "cut n2", "cut n3"]);
  assertEquals(cuts.slice(4).toSorted(), ["cut n0+n1", "cut n0+n2", "cut n0+n3"]);
});

Deno.test("each operation of a client has its own step and its own messages", async () => {
  const world = await begin({}, { operationCount: 3 });
  await world.execute("invoke 1");
  assertEquals(world.enabled().filter((step) => step.startsWith("invoke")), ["invoke 0", "invoke 1/2"]);
  assertEquals(world.creatorOf("invoke 1/2"), "invoke 1");
  await world.execute("invoke 1/2");
  assertEquals(world.enabled().filter((step) => step.startsWith("deliver")).length, 2);
});

Deno.test("a step that is not possible is refused", async () => {
  const world = await begin();
  await assertRejects(() => world.execute("invoke 0/2"), BenchError, "not possible");
});

Deno.test("the times of the history begin with the first step", async () => {
  const world = await begin();
  await world.execute("invoke 0");
  const { history } = await world.finish();
  assertEquals(history.map(({ time }) => time / 1e6), [1, 1]);
});
