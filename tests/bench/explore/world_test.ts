/** One execution of an explored cluster: its steps and their effects. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { BenchError } from "../../../lib/bench/errors.ts";
import { programOf } from "../../../lib/bench/cluster/program.ts";
import { World } from "../../../lib/bench/explore/world.ts";
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
  bounds: Partial<Record<"drops" | "duplicates" | "crashes" | "timeouts", number>> = {},
  { operationCount = 2 } = {},
) {
  const { test } = parseTest(["-w", "echo", "--virtual", "--node-count", "2"]);
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
