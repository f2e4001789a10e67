import { assert, assertEquals } from "@std/assert";
import { loadProgram } from "../../lib/bench/cluster/builtin_nodes.ts";
import { eachOrigin } from "../../lib/gossip/message.ts";
import { LogCluster, type LogClusterOptions } from "../scenarios/log_cluster.ts";
import { forSeeds } from "../seeds.ts";

/** The maximum time of a batch with the default settings, in ms. */
const BATCH_MS = 200;

type Operation = readonly [f: string, key: unknown, value?: unknown];

async function started(options: LogClusterOptions = {}, args: readonly string[] = []): Promise<LogCluster> {
  return LogCluster.started(await loadProgram({ workload: "txn-rw-register", args }), options);
}

/** Runs a transaction that must be answered at once; the values of all its operations. */
async function run(cluster: LogCluster, node: string, ...txn: Operation[]): Promise<unknown[]> {
  const reply = await cluster.atOnce(node, { type: "txn", txn });
  return (reply["txn"] as Operation[]).map(([, , value]) => value);
}

const read = (...keys: unknown[]): Operation[] => keys.map((key) => ["r", key, null]);

Deno.test("a transaction reads previous writes, its own writes, and null for unwritten registers", async () => {
  const cluster = await started({ nodes: 1 });
  assertEquals(await run(cluster, "n0", ["r", 1, null], ["w", 1, 6], ["r", 1, null], ["w", 1, 7]), [
    null,
    6,
    6,
    7,
  ]);
  assertEquals(await run(cluster, "n0", ["r", 1, null], ["r", 2, null]), [7, null]);
  assertEquals(await run(cluster, "n0"), []);
  assertEquals(cluster.messages, 0);
});

Deno.test('1, "1" and true are different registers', async () => {
  const cluster = await started({ nodes: 2 });
  await run(cluster, "n0", ["w", 1, "number"], ["w", "1", "string"], ["w", true, "truth"]);
  await cluster.wait(1000);
  for (const node of cluster.ids) {
    assertEquals(await run(cluster, node, ...read(1, "1", true)), ["number", "string", "truth"]);
  }
});

Deno.test("a malformed transaction is refused with 12 and changes nothing", async () => {
  const cluster = await started({ nodes: 2 });
  await run(cluster, "n0", ["w", 1, "before"]);
  const malformed: unknown[] = [
    [["w", 1, "after"], ["append", 1, 2]],
    [["w", 1, "after"], ["r", 1]],
    [["w", 1, "after"], ["w", 1, 2, 3]],
    [["w", 1, "after"], ["r", [1], null]],
    [["w", 1, "after"], ["r", null, null]],
    [["w", 1, "after"], ["w", { a: 1 }, 2]],
    [["w", 1, "after"], "r"],
    [["w", 1, "after"], []],
    "txn",
    { 0: ["w", 1, "after"] },
    undefined,
  ];
  for (const txn of malformed) {
    const reply = await cluster.ask("n0", { type: "txn", txn });
    assertEquals(reply?.["code"], 12, JSON.stringify(txn));
  }
  await cluster.wait(1000);
  for (const node of cluster.ids) assertEquals(await run(cluster, node, ...read(1)), ["before"]);
});

Deno.test("with two nodes, a write appears at the other node within two batches", async () => {
  await forSeeds({ slice: 3, full: 50 }, async (random, seed) => {
    const cluster = await started({ seed });
    await cluster.wait(random.uniform(0, 1000));
    for (const [here, there] of [["n0", "n1"], ["n1", "n0"]] as const) {
      await run(cluster, here, ["w", here, 1]);
      const tookMs = await cluster.waitUntil(async () => (await run(cluster, there, ...read(here)))[0] === 1);
      assert(tookMs <= 2 * BATCH_MS, `seen after ${tookMs} ms`);
    }
  });
});

Deno.test("a second after the last write, all nodes have the same values", async () => {
  await forSeeds({ slice: 3, full: 100 }, async (random, seed) => {
    const cluster = await started({ nodes: 2 + random.below(4), seed, latencyMs: random.pick([0, 10]) });
    const keys = [0, 1, 2, 3, 4];
    for (let i = 0; i < 50; i++) {
      await run(cluster, random.pick(cluster.ids), ["w", random.pick(keys), i], ["w", random.pick(keys), -i]);
      await cluster.wait(random.uniform(0, 20));
    }
    await cluster.wait(1000);
    const [first, ...others] = await Promise.all(
      cluster.ids.map((node) => run(cluster, node, ...read(...keys))),
    );
    for (const other of others) assertEquals(other, first);
  });
});

Deno.test("of concurrent writes, the same one wins at every node", async () => {
  const cluster = await started({ nodes: 3 });
  cluster.partition(["n0"], ["n1"], ["n2"]);
  for (const node of cluster.ids) await run(cluster, node, ["w", "k", node], ["w", node, 1]);
  for (const node of cluster.ids) {
    const others = cluster.ids.filter((id) => id !== node);
    assertEquals(await run(cluster, node, ...read("k", ...others)), [node, null, null]);
  }
  cluster.heal();
  await cluster.wait(5000);
  const winners = await Promise.all(cluster.ids.map((node) => run(cluster, node, ...read("k"))));
  assertEquals(new Set(winners.flat()).size, 1);
});

Deno.test("a transaction is visible as a whole or not at all, under partitions, loss and reordering", async () => {
  await forSeeds({ slice: 4, full: 200 }, async (random, seed) => {
    const cluster = await started({ nodes: 3, seed, latencyMs: 20 });
    cluster.network.setLinkFaults({ loss: 0.2, duplication: 0.2, reordering: 0.3 });
    const keys = [1, 2, 3, 4];
    for (let i = 0; i < 60; i++) {
      const node = random.pick(cluster.ids);
      if (random.chance(0.5)) {
        await run(
          cluster,
          node,
          ...random.shuffle(keys).map((key) => ["w", key, i] as const),
        );
      } else {
        const values = await run(cluster, node, ...read(...keys));
        assertEquals(new Set(values).size, 1, `a part of a transaction: ${values}`);
      }
      if (random.chance(0.1)) cluster.partition([random.pick(cluster.ids)]);
      if (random.chance(0.2)) cluster.heal();
      await cluster.wait(random.uniform(0, 100));
    }
  });
});

Deno.test("causal order: a reader of a write also sees everything that its writer saw", async () => {
  await forSeeds({ slice: 5, full: 200 }, async (random, seed) => {
    const args = random.chance(0.5) ? [] : ["--dissemination", "direct"];
    const cluster = await started({ nodes: 4, seed, latencyMs: 10 }, args);
    cluster.network.setLinkFaults({ loss: 0.2, duplication: 0.1, reordering: 0.5 });
    let count = 0; // write i follows a read of write i - 1
    let writer = "n0";
    for (let i = 0; i < 200 && count < 40; i++) {
      const [seen] = await run(cluster, writer, ...read("count"));
      if (seen === (count === 0 ? null : count)) {
        count++;
        await run(cluster, writer, ["w", "count", count], ["w", `write ${count}`, 1]);
        writer = random.pick(cluster.ids);
      }
      const reader = random.pick(cluster.ids);
      const [at] = await run(cluster, reader, ...read("count"));
      const before = Array.from({ length: Number(at ?? 0) }, (_, at) => `write ${at + 1}`);
      const values = await run(cluster, reader, ...read(...before));
      assert(values.every((value) => value === 1), `${reader} sees write ${at}, but not all before it`);
      await cluster.wait(random.uniform(0, 60));
    }
    assert(count > 5, "writes travelled");
  });
});

Deno.test("a node reads its own writes, and its view never goes back, under partitions", async () => {
  await forSeeds({ slice: 3, full: 100 }, async (random, seed) => {
    const cluster = await started({ nodes: 3, seed, latencyMs: 10 });
    const written = new Map<string, number>();
    for (let i = 1; i < 80; i++) {
      const node = random.pick(cluster.ids);
      if (random.chance(0.1)) cluster.partition([node]);
      if (random.chance(0.1)) cluster.heal();
      const [own, ...others] = await run(cluster, node, ...read(node, ...cluster.ids));
      assertEquals(own ?? undefined, written.get(node));
      for (const [at, other] of cluster.ids.entries()) {
        const key = `${node} saw of ${other}`;
        const value = Number(others[at] ?? 0);
        assert(value >= (written.get(key) ?? 0), `${key} ${written.get(key)}, then ${value}`);
        written.set(key, value);
      }
      await run(cluster, node, ["w", node, i]);
      written.set(node, i);
      written.set(`${node} saw of ${node}`, i);
      await cluster.wait(random.uniform(0, 60));
    }
  });
});

Deno.test("a quiet cluster sends no message, and reads need none", async () => {
  const cluster = await started({ nodes: 3 });
  for (const node of cluster.ids) await run(cluster, node, ["w", node, 1]);
  await cluster.wait(5000);
  const before = cluster.messages;
  for (const node of cluster.ids) await run(cluster, node, ...read("n0", "n1"));
  await cluster.wait(600_000);
  assertEquals(cluster.messages, before);
});

Deno.test("with --data, killing all nodes loses no transaction", async () => {
  await forSeeds({ slice: 4, full: 100 }, async (random, seed) => {
    const cluster = await started({ nodes: 3, storage: true, seed, latencyMs: 10 });
    for (let i = 0; i < 30; i++) {
      await run(cluster, random.pick(cluster.ids), ["w", i, i], ["w", "last", i]);
      await cluster.wait(random.uniform(0, 60));
      if (!random.chance(0.2)) continue;
      const victims = random.shuffle(cluster.ids).slice(0, 1 + random.below(3));
      cluster.kill(victims);
      await cluster.start(victims);
    }
    await cluster.wait(5000);
    const keys = Array.from({ length: 30 }, (_, i) => i);
    const last = await run(cluster, "n0", ...read("last"));
    for (const node of cluster.ids) {
      assertEquals(await run(cluster, node, ...read(...keys, "last")), [...keys, ...last]);
    }
  });
});

Deno.test("without --data, a killed node continues after the transactions that it had sent", async () => {
  for (const isolation of ["causal", "strict-serializable"]) {
    const cluster = await started({ nodes: 2, latencyMs: 10 }, ["--isolation", isolation]);
    const ask = async (node: string, ...txn: Operation[]) =>
      (await cluster.ask(node, { type: "txn", txn }, { withinMs: 1000 }))?.["txn"];
    for (let i = 0; i < 5; i++) await ask("n1", ["w", "k", i]);
    await cluster.wait(1000);
    cluster.kill(["n1"]);
    await cluster.start(["n1"]);
    const txn: Operation[] = [["r", "k", 4], ["w", "k", "new"]];
    assertEquals(await ask("n1", ["r", "k", null], ["w", "k", "new"]), txn, isolation);
    await cluster.wait(1000);
    assertEquals(await ask("n0", ...read("k")), [["r", "k", "new"]], isolation);
  }
});

Deno.test("without --data, no position is reused, even by a node that starts in a partition", async () => {
  const cluster = await started({ nodes: 2 });
  cluster.partition(["n0"], ["n1"]);
  for (let i = 0; i < 4; i++) {
    const txn = [["w", "k", `incarnation ${i}`], ["w", `incarnation ${i}`, 1]];
    assertEquals((await cluster.ask("n1", { type: "txn", txn }, { withinMs: 1000 }))?.type, "txn_ok");
    if (i % 2 === 1) {
      cluster.heal();
      await cluster.wait(2000);
      cluster.partition(["n0"], ["n1"]);
    }
    if (i === 3) break;
    cluster.kill(["n1"]);
    await cluster.start(["n1"]);
  }
  const entries = new Map<string, string>(); // origin and time → what was written
  for (const { body } of cluster.traffic) {
    if (!Array.isArray(body["deltas"])) continue;
    eachOrigin(body["deltas"], (origin, items) => {
      for (const entry of Array.isArray(items) ? items.slice(1) : []) {
        if (!Array.isArray(entry)) continue;
        const [place, writes] = [`${origin} ${entry[0]}`, JSON.stringify(entry)];
        assertEquals(entries.get(place) ?? writes, writes, `${place} was used twice`);
        entries.set(place, writes);
      }
    });
  }
  assert(entries.size >= 2, `only ${entries.size} transactions travelled`);
  cluster.heal();
  await cluster.wait(2000);
  assertEquals(await run(cluster, "n0", ...read("k")), await run(cluster, "n1", ...read("k")));
});

Deno.test("strict-serializable: replies need all nodes; during a partition, error 30 is returned", async () => {
  const cluster = await started({ nodes: 3, latencyMs: 10 }, ["--isolation", "strict-serializable"]);
  const txn = (value: number) => ({ type: "txn", txn: [["r", "k", null], ["w", "k", value]] });
  assertEquals((await cluster.ask("n0", txn(1)))?.["txn"], [["r", "k", null], ["w", "k", 1]]);
  assertEquals((await cluster.ask("n2", txn(2)))?.["txn"], [["r", "k", 1], ["w", "k", 2]]);
  cluster.partition(["n0", "n1"], ["n2"]);
  assertEquals(await cluster.ask("n0", txn(3), { withinMs: 3000 }), undefined);
  assertEquals((await cluster.ask("n0", txn(4)))?.["code"], 30);
  cluster.heal();
  await cluster.wait(3000);
  assertEquals((await cluster.ask("n1", txn(5)))?.["txn"], [["r", "k", 3], ["w", "k", 5]]);
});

Deno.test("unknown or malformed gossip messages are ignored", async () => {
  const cluster = await started();
  const items = [
    {
      "n1.x": [0, [], [1], ["1", [1, 2]], [1, [1]], [2, [[1], 2]], [3, [null, 1]], 7, null, { "n0.y": 1e9 }],
    },
    { "n1.y": [0, [5, "no"], [1e300, [1, 2]], [4, ["k", "foreign"]]] },
  ];
  for (const updates of items) await cluster.forgeUpdates("n1", "n0", { incarnation: "x", updates });
  assertEquals(await run(cluster, "n0", ...read("k")), ["foreign"]);
  await run(cluster, "n0", ["w", "k", "own"]);
  await cluster.wait(1000);
  assertEquals(await run(cluster, "n1", ...read("k")), ["own"]);
});
