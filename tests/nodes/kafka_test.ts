import { assert, assertEquals } from "@std/assert";
import { loadProgram } from "../../lib/bench/cluster/builtin_nodes.ts";
import type { Body } from "../../lib/protocol/message.ts";
import { LogCluster, type LogClusterOptions } from "../scenarios/log_cluster.ts";
import { forSeeds } from "../seeds.ts";
import { bin, line, NodeProcess, run, runnable } from "../runtime/executable.ts";
import { MemoryNode, microtasks } from "../runtime/memory_host.ts";

/** The maximum time of a batch with the default settings, in ms. */
const BATCH_MS = 200;

async function started(options: LogClusterOptions = {}, args: readonly string[] = []): Promise<LogCluster> {
  return LogCluster.started(await loadProgram({ workload: "kafka", args }), options);
}

async function send(cluster: LogCluster, node: string, [key, msg]: [string, unknown]): Promise<number> {
  return Number((await cluster.atOnce(node, { type: "send", key, msg }))["offset"]);
}

async function poll(cluster: LogCluster, node: string, offsets: Record<string, number>): Promise<Body> {
  return (await cluster.atOnce(node, { type: "poll", offsets }))["msgs"] as Body;
}

/** Returns the whole log of a key at a node. */
async function logOf(cluster: LogCluster, node: string, key: string): Promise<[number, unknown][]> {
  return ((await poll(cluster, node, { [key]: 0 }))[key] ?? []) as [number, unknown][];
}

Deno.test("a single node assigns 0, 1, 2, … per key, and polls return the messages at once", async () => {
  const cluster = await started({ nodes: 1 });
  for (let i = 0; i < 5; i++) assertEquals(await send(cluster, "n0", ["a", `a${i}`]), i);
  assertEquals(await send(cluster, "n0", ["b", "b0"]), 0);
  assertEquals(await logOf(cluster, "n0", "a"), [[0, "a0"], [1, "a1"], [2, "a2"], [3, "a3"], [4, "a4"]]);
  assertEquals(
    await poll(cluster, "n0", { a: 3, b: 1, c: 0 }),
    { a: [[3, "a3"], [4, "a4"]] } as never,
  );
  assertEquals(cluster.messages, 0);
});

Deno.test("when one node out of n writes, each offset is n above the previous one", async () => {
  const cluster = await started({ nodes: 3 });
  const offsets = [];
  for (let i = 0; i < 4; i++) offsets.push(await send(cluster, "n1", ["a", i]));
  assertEquals(offsets, [1, 4, 7, 10]);
});

Deno.test("no two nodes assign the same offset, and the offsets of a node increase", async () => {
  await forSeeds({ slice: 3, full: 50 }, async (random, seed) => {
    const cluster = await started({ nodes: 3, seed, latencyMs: 20 });
    const given = new Map<string, number[]>();
    for (let i = 0; i < 100; i++) {
      const node = random.pick(cluster.ids);
      const offsets = given.get(node) ?? [];
      given.set(node, offsets);
      const offset = await send(cluster, node, ["a", i]);
      assert(offset > (offsets.at(-1) ?? -1), `${offset} follows ${offsets.at(-1)}`);
      offsets.push(offset);
      await cluster.wait(random.uniform(0, 50));
    }
    const all = [...given.values()].flat();
    assertEquals(new Set(all).size, 100);
    assert(Math.max(...all) < 3 * 100 + 3, `offsets are as large as ${Math.max(...all)}`);
  });
});

Deno.test("with two nodes, a message appears at the other node after one batch, at its own after two", async () => {
  await forSeeds({ slice: 3, full: 50 }, async (random, seed) => {
    const cluster = await started({ seed });
    for (const id of ["n0", "n1"]) { // so that rounds are under way
      await send(cluster, id, ["warm", 0]);
    }
    await cluster.wait(random.uniform(100, 1000));
    for (const [here, there] of [["n0", "n1"], ["n1", "n0"]] as const) {
      await send(cluster, here, [`from ${here}`, 1]);
      const shown = async (id: string) => (await logOf(cluster, id, `from ${here}`)).length > 0;
      const thereMs = await cluster.waitUntil(() => shown(there));
      const hereMs = await cluster.waitUntil(() => shown(here));
      assert(thereMs <= BATCH_MS, `shown at the other after ${thereMs} ms`);
      assert(thereMs + hereMs <= 2 * BATCH_MS, `shown at the sender after ${thereMs + hereMs} ms`);
    }
  });
});

Deno.test("a poll result remains a prefix of every later result, at every node", async () => {
  await forSeeds({ slice: 4, full: 200 }, async (random, seed) => {
    const nodes = 2 + random.below(3);
    const cluster = await started({ nodes, seed, latencyMs: random.pick([0, 10, 80]) });
    const shown = new Map<string, string>(); // by node: the log as it showed it last
    for (let i = 0; i < 60; i++) {
      if (random.chance(0.1)) cluster.partition(cluster.ids.slice(0, 1), cluster.ids.slice(1));
      if (random.chance(0.1)) cluster.heal();
      if (random.chance(0.5)) await send(cluster, random.pick(cluster.ids), ["a", i]);
      await cluster.wait(random.uniform(0, 150));
      const node = random.pick(cluster.ids);
      const log = (await logOf(cluster, node, "a")).map((placed) => JSON.stringify(placed)).join();
      assert(log.startsWith(shown.get(node) ?? ""), `${node} showed ${shown.get(node)}, then ${log}`);
      shown.set(node, log);
    }
    cluster.heal();
    await cluster.wait(10_000);
    const final = (await logOf(cluster, "n0", "a")).map((placed) => JSON.stringify(placed)).join();
    for (const log of shown.values()) assert(final.startsWith(log), `${log} is not a prefix of ${final}`);
  });
});

Deno.test("both sides of a partition answer at once, and after it all nodes have one order", async () => {
  const cluster = await started({ nodes: 3, latencyMs: 10 });
  cluster.partition(["n0"], ["n1", "n2"]);
  const sent: [number, unknown][] = [];
  for (let i = 0; i < 30; i++) {
    const node = cluster.ids[i % 3] ?? "";
    sent.push([await send(cluster, node, ["a", i]), i]);
    await cluster.atOnce(node, { type: "commit_offsets", offsets: { a: i } });
    await cluster.atOnce(node, { type: "list_committed_offsets", keys: ["a"] });
    await logOf(cluster, node, "a");
    await cluster.wait(100);
  }
  assertEquals(await logOf(cluster, "n1", "a"), [], "nothing is shown of what n0 may still insert below");
  cluster.heal();
  await cluster.wait(3000);
  sent.sort(([a], [b]) => a - b);
  for (const node of cluster.ids) assertEquals(await logOf(cluster, node, "a"), sent);
});

Deno.test("a quiet cluster sends no message", async () => {
  const cluster = await started({ nodes: 3 });
  for (const node of cluster.ids) {
    await send(cluster, node, ["a", 1]);
    await cluster.atOnce(node, { type: "commit_offsets", offsets: { a: 1 } });
  }
  await cluster.wait(5000);
  const before = cluster.messages;
  await cluster.wait(600_000);
  assertEquals(cluster.messages, before);
});

Deno.test("an unresponsive node gets a bounded number of messages", async () => {
  const cluster = await started();
  cluster.partition(["n0"], ["n1"]);
  for (let i = 0; i < 100; i++) await send(cluster, "n0", ["a", i]);
  await cluster.wait(5000);
  const before = cluster.messages;
  await cluster.wait(60_000);
  assert(cluster.messages - before <= 60 * 1000 / 100, `${cluster.messages - before} messages in a minute`);
});

Deno.test("committed offsets never decrease, and reach all nodes", async () => {
  const cluster = await started({ nodes: 3 });
  const list = async (node: string) =>
    (await cluster.atOnce(node, { type: "list_committed_offsets", keys: ["a", "b", "none"] }))["offsets"];
  await cluster.atOnce("n0", { type: "commit_offsets", offsets: { a: 5, b: 1 } });
  await cluster.atOnce("n1", { type: "commit_offsets", offsets: { a: 7 } });
  await cluster.atOnce("n0", { type: "commit_offsets", offsets: { a: 3 } });
  assertEquals(await list("n0"), { a: 5, b: 1 });
  await cluster.wait(1000);
  for (const node of cluster.ids) assertEquals(await list(node), { a: 7, b: 1 });
});

Deno.test("with --data, killing all nodes loses no acknowledged message, and no offset is reused", async () => {
  await forSeeds({ slice: 5, full: 100 }, async (random, seed) => {
    const cluster = await started({ nodes: 3, storage: true, seed, latencyMs: 10 });
    const sent: [number, unknown][] = [];
    let committed = -1;
    for (let i = 0; i < 40; i++) {
      const node = random.pick(cluster.ids);
      sent.push([await send(cluster, node, ["a", i]), i]);
      if (random.chance(0.3)) {
        await cluster.atOnce(node, { type: "commit_offsets", offsets: { a: committed = i } });
      }
      await cluster.wait(random.uniform(0, 60));
      if (!random.chance(0.1)) continue;
      const victims = random.shuffle(cluster.ids).slice(0, 1 + random.below(3));
      cluster.kill(victims);
      await cluster.wait(random.uniform(0, 500));
      await cluster.start(victims);
    }
    await cluster.wait(5000);
    sent.sort(([a], [b]) => a - b);
    assertEquals(new Set(sent.map(([offset]) => offset)).size, sent.length);
    for (const node of cluster.ids) {
      assertEquals(await logOf(cluster, node, "a"), sent);
      const reply = await cluster.atOnce(node, { type: "list_committed_offsets", keys: ["a"] });
      assertEquals(reply["offsets"], committed < 0 ? {} : { a: committed });
    }
  });
});

Deno.test("with --data, a node alone keeps its committed offsets over kills", async () => {
  const cluster = await started({ nodes: 1, storage: true });
  for (const offsets of [{ a: 5, b: 1 }, { a: 7 }, { "\ud800": 0 }]) {
    await cluster.atOnce("n0", { type: "commit_offsets", offsets });
    cluster.kill(["n0"]);
    await cluster.start(["n0"]);
  }
  const { offsets } = await cluster.atOnce("n0", {
    type: "list_committed_offsets",
    keys: ["a", "b", "\ud800"],
  });
  assertEquals(offsets, { a: 7, b: 1, "\ud800": 0 });
});

Deno.test("without --data, a killed node does not reuse an offset that other nodes have", async () => {
  const cluster = await started({ nodes: 2, latencyMs: 10 });
  const before = [];
  for (let i = 0; i < 10; i++) before.push(await send(cluster, "n1", ["a", i]));
  await cluster.wait(1000);
  cluster.kill(["n1"]);
  await cluster.start(["n1"]);
  const reply = await cluster.ask("n1", { type: "send", key: "a", msg: "later" }, { withinMs: 1000 });
  assert(Number(reply?.["offset"]) > Math.max(...before), `${reply?.["offset"]} was given out again`);
  await cluster.wait(1000);
  for (const node of cluster.ids) assertEquals((await logOf(cluster, node, "a")).length, 11);
});

Deno.test("a node without a disk that has much to learn refuses sends until it has learned it", async () => {
  const cluster = await started();
  const messages = Array.from({ length: 60_000 }, (_, i) => ["a", [2 * i + 1, i]]);
  cluster.kill(["n1"]);
  await cluster.forgeUpdates("n1", "n0", {
    incarnation: "former",
    updates: { "n1.former": [0, ...messages] },
  });
  await cluster.start(["n1"]);
  await cluster.wait(900); // it has asked the others by itself
  const send = { type: "send", key: "a", msg: "new" };
  assertEquals(await cluster.ask("n1", send, { withinMs: 300 }), undefined);
  assertEquals((await cluster.ask("n1", send, { withinMs: 1 }))?.["code"], 11);
  await cluster.waitUntil(async () => (await cluster.ask("n1", send))?.type === "send_ok", { everyMs: 50 });
  await cluster.wait(1000);
  assertEquals((await poll(cluster, "n1", { a: 120_000 }))["a"], [[120_001, "new"], [120_003, "new"]]);
});

Deno.test("a node that starts during a partition accepts sends within a second", async () => {
  const cluster = await started({ nodes: 2 });
  cluster.kill(["n1"]);
  cluster.partition(["n0"], ["n1"]);
  await cluster.start(["n1"]);
  const reply = await cluster.ask("n1", { type: "send", key: "a", msg: 1 }, { withinMs: 1000 });
  assertEquals(reply?.type, "send_ok");
});

Deno.test("with --acks all, a send is answered once every node has it, and not before", async () => {
  const cluster = await started({ nodes: 3, latencyMs: 10 }, ["--acks", "all"]);
  const reply = await cluster.ask("n0", { type: "send", key: "a", msg: 1 }, { withinMs: 3 * BATCH_MS });
  assertEquals(reply?.type, "send_ok");
  cluster.partition(["n0", "n1"], ["n2"]);
  assertEquals(await cluster.ask("n0", { type: "send", key: "a", msg: 2 }, { withinMs: 5000 }), undefined);
  cluster.heal();
  await cluster.wait(3000);
  const again = await cluster.ask("n0", { type: "send", key: "a", msg: 3 }, { withinMs: 3 * BATCH_MS });
  assertEquals(again?.type, "send_ok");
  cluster.kill(["n0"]);
  await cluster.wait(2000);
  assertEquals((await logOf(cluster, "n1", "a")).length, 3);
});

Deno.test("with --acks all, at most 100,000 sends wait, and the next one is refused with 11", async () => {
  const node = MemoryNode.started(await loadProgram({ workload: "kafka", args: ["--acks", "all"] }));
  const send = (msg: number) => node.give({ type: "send", msg_id: msg, key: "a", msg });
  for (let i = 0; i < 4; i++) { // the others do not say what they know
    node.host.clock.advance(500);
    await microtasks();
  }
  for (let msg = 0; msg < 100_000; msg++) send(msg);
  node.take();
  send(100_000);
  assertEquals(node.take().map(({ body }) => [body.in_reply_to, body["code"]]), [[100_000, 11]]);
});

Deno.test("with --acks all, any number of acknowledgements arrives at once", async () => {
  const node = MemoryNode.started(await loadProgram({ workload: "kafka", args: ["--acks", "all"] }));
  for (let i = 0; i < 4; i++) { // the others do not say what they know
    node.host.clock.advance(500);
    await microtasks();
  }
  node.give({ type: "send", msg_id: 1, key: "a", msg: 1 });
  const acknowledgements = Array.from({ length: 100_000 }, (_, i) => ({ "n2.x": i + 1 }));
  const deltas = ["n2.x", [0, ...acknowledgements]];
  node.give({ type: "gossip", incarnation: "x", sentAt: 1, version: [], deltas }, "n2");
  assertEquals(node.host.failures, []);
});

Deno.test("an invalid offset is refused with 12, and an offset past the end returns nothing", async () => {
  const cluster = await started({ nodes: 1 });
  await send(cluster, "n0", ["a", 1]);
  for (const offset of [-1, 0.5, "0", null, 2 ** 53]) {
    for (
      const body of [{ type: "poll", offsets: { a: offset } }, {
        type: "commit_offsets",
        offsets: { a: offset },
      }]
    ) {
      assertEquals((await cluster.ask("n0", body))?.["code"], 12, JSON.stringify(body));
    }
  }
  assertEquals(await poll(cluster, "n0", { a: 2 ** 53 - 1 }), {} as never);
  assertEquals((await cluster.ask("n0", { type: "send", key: 1, msg: 1 }))?.["code"], 12);
});

Deno.test("keys without new messages are left out, and any string is a key", async () => {
  const cluster = await started({ nodes: 1 });
  for (const key of ["", "__proto__", "constructor", "é漢🐙"]) {
    await send(cluster, "n0", [key, key]);
    await cluster.atOnce("n0", { type: "commit_offsets", offsets: Object.fromEntries([[key, 4]]) });
    assertEquals(Object.entries(await poll(cluster, "n0", Object.fromEntries([[key, 0], ["none", 0]]))), [
      [key, [[0, key]]] as never,
    ]);
    const { offsets } = await cluster.atOnce("n0", { type: "list_committed_offsets", keys: [key, "none"] });
    assertEquals(Object.entries(offsets as Body), [[key, 4]] as never);
  }
});

Deno.test("messages of a megabyte reach the other node, and are returned page by page", async () => {
  const cluster = await started();
  const large = "x".repeat(1_000_000);
  for (let i = 0; i < 5; i++) await send(cluster, "n0", ["a", large]);
  await cluster.wait(5000);
  let next = 0;
  for (let i = 0; i < 5; i++) {
    const page = (await poll(cluster, "n1", { a: next }))["a"] as [number, string][];
    assertEquals(page.map(([, { length }]) => length), [1_000_000]);
    next = Number(page[0]?.[0]) + 1;
  }
  assertEquals(await poll(cluster, "n1", { a: next }), {} as never);
  for (const { body } of cluster.traffic) assert(JSON.stringify(body).length < 3_000_000);
});

Deno.test("a message too large for a line between nodes is refused with 12, and leaves no gap", async () => {
  const cluster = await started();
  const reply = await cluster.ask("n0", { type: "send", key: "a", msg: "\0".repeat(9_000_000) });
  assertEquals(reply?.["code"], 12);
  assertEquals(await send(cluster, "n0", ["a", "\0".repeat(500_000)]), 0);
  await cluster.wait(3000);
  assertEquals((await logOf(cluster, "n1", "a")).length, 1);
});

Deno.test("a poll of 10,000 keys returns the messages of each", async () => {
  const cluster = await started({ nodes: 1 });
  const keys = Array.from({ length: 10_000 }, (_, i) => `k${i}`);
  for (const key of keys) await send(cluster, "n0", [key, key]);
  const msgs = await poll(cluster, "n0", Object.fromEntries(keys.map((key) => [key, 0])));
  assertEquals(Object.values(msgs).flat().length, 10_000);
});

Deno.test("unknown or malformed gossip messages are ignored", async () => {
  const cluster = await started();
  const items = [
    { "n1.x": [0, ["a"], ["a", [-1, 1]], ["a", [0.5, 1]], [1, [0, 1]], 7, null, "x", { "n0.y": "z" }] },
    { "n1.x+commits": [0, 2, ["a", -1]], "n1.x": [5, 1] },
    { "n9.x": [0, ["a", [3, 1]], { "n1.x": 1e9 }, ["a", [4, 1]]], "": [0, ["a", [5, 1]]] },
    { "n1.x": "no", "n1.y": [0, [], {}, [["a"], [1, 2]]] },
  ];
  for (const updates of items) await cluster.forgeUpdates("n1", "n0", { incarnation: "x", updates });
  await send(cluster, "n0", ["a", "still here"]);
  await cluster.wait(1000);
  assertEquals((await logOf(cluster, "n1", "a")).map(([, msg]) => msg), ["still here"]);
});

const ignore = !runnable("kafka");

Deno.test(
  "a killed executable continues with --data, and starts over without it",
  { ignore },
  async () => {
    const data = await Deno.makeTempDir();
    try {
      const offsets = [];
      for (const args of [["--data", data], ["--data", data], []]) {
        const node = await NodeProcess.started(bin("kafka"), { args });
        for (let i = 2; i < 5; i++) {
          await node.write(line({ type: "send", msg_id: i, key: "a", msg: i }));
          offsets.push((await node.message()).body["offset"]);
        }
        node.child.kill("SIGKILL");
        await node.ended();
      }
      assertEquals(offsets, [0, 1, 2, 3, 4, 5, 0, 1, 2]);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  },
);

Deno.test(
  "the executable's --help explains --acks and --data, and unknown options are refused",
  { ignore },
  async () => {
    const help = await run(bin("kafka"), { args: ["--help"] });
    for (const name of ["--acks local|all", "--data DIR", "--max-latency-ms", "--dissemination hub|direct"]) {
      assert(help.stdout.includes(name), `${name} is in ${help.stdout}`);
    }
    assertEquals((await run(bin("kafka"), { args: ["--acks", "some"] })).code, 254);
  },
);
