import { assert, assertEquals } from "@std/assert";
import { loadProgram } from "../../lib/bench/cluster/builtin_nodes.ts";
import { LogCluster, type LogClusterOptions } from "../scenarios/log_cluster.ts";
import { forSeeds } from "../seeds.ts";

type Operation = readonly [f: string, key: unknown, value?: unknown];

async function started(options: LogClusterOptions = {}, args: readonly string[] = []): Promise<LogCluster> {
  return LogCluster.started(await loadProgram({ workload: "txn-list-append", args }), options);
}

/** Runs a transaction that must succeed, and returns the values of all its operations. */
async function run(cluster: LogCluster, node: string, ...txn: Operation[]): Promise<unknown[]> {
  const reply = await cluster.ask(node, { type: "txn", txn });
  assertEquals(reply?.type, "txn_ok", JSON.stringify(reply));
  const done = reply?.["txn"] as Operation[];
  assertEquals(done.map(([f, key]) => [f, key]), txn.map(([f, key]) => [f, key]));
  return done.map(([, , value]) => value);
}

const read = (...keys: unknown[]): Operation[] => keys.map((key) => ["r", key, null]);

Deno.test("a transaction reads the lists with its own appends, and null for a missing list", async () => {
  const cluster = await started({ nodes: 3 });
  assertEquals(await run(cluster, "n0", ["r", 1, null], ["append", 1, 6], ["r", 1, null], ["append", 1, 7]), [
    null,
    6,
    [6],
    7,
  ]);
  for (const node of cluster.ids) assertEquals(await run(cluster, node, ...read(1, 2)), [[6, 7], null]);
  assertEquals(await run(cluster, "n1"), []);
});

Deno.test("with Accord, any node answers after one round trip, and sees the effects of the others", async () => {
  const cluster = await started({ nodes: 3, latencyMs: 10 }, ["--consensus", "accord"]);
  assertEquals(await run(cluster, "n0", ...read("x", "y")), [null, null]);
  const began = cluster.now;
  assertEquals(await run(cluster, "n1", ["append", "x", 1], ["r", "y", null], ["r", "x", null]), [1, null, [
    1,
  ]]);
  assert(cluster.now - began < 25, `a transaction took ${cluster.now - began} ms`);
  assertEquals(await run(cluster, "n2", ["r", "x", null], ["append", "y", 2]), [[1], 2]);
  for (const node of cluster.ids) assertEquals(await run(cluster, node, ...read("x", "y")), [[1], [2]]);
});

Deno.test('1, "1" and true are different keys', async () => {
  const cluster = await started({ nodes: 1 });
  await run(cluster, "n0", ["append", 1, "number"], ["append", "1", "string"], ["append", true, "truth"]);
  assertEquals(await run(cluster, "n0", ...read(1, "1", true)), [["number"], ["string"], ["truth"]]);
});

Deno.test("a malformed transaction gets error 12 and changes nothing", async () => {
  const cluster = await started({ nodes: 2 });
  await run(cluster, "n0", ["append", 1, "before"]);
  const malformed: unknown[] = [
    [["append", 1, "after"], ["w", 1, 2]],
    [["append", 1, "after"], ["r", 1]],
    [["append", 1, "after"], ["r", [1], null]],
    [["append", 1, "after"], "r"],
    "txn",
    undefined,
  ];
  for (const txn of malformed) {
    const reply = await cluster.ask("n0", { type: "txn", txn });
    assertEquals(reply?.["code"], 12, JSON.stringify(txn));
  }
  for (const node of cluster.ids) assertEquals(await run(cluster, node, ...read(1)), [["before"]]);
});

Deno.test("concurrent transactions of all nodes execute one after another", async () => {
  await forSeeds({ slice: 3, full: 100 }, async (_random, seed) => {
    const cluster = await started({ nodes: 5, latencyMs: 10, seed });
    const seen = await Promise.all(
      Array.from({ length: 50 }, (_, i) => run(cluster, `n${i % 5}`, ["r", "k", null], ["append", "k", i])),
    );
    const [[order]] = [await run(cluster, "n0", ...read("k"))] as [[number[]]];
    assertEquals(order.toSorted((a, b) => a - b), Array.from({ length: 50 }, (_, i) => i));
    for (const [i, [before]] of seen.entries()) assertEquals(before ?? [], order.slice(0, order.indexOf(i)));
  });
});

Deno.test("transactions that only read append no entry", async () => {
  const cluster = await started({ nodes: 3, latencyMs: 5 });
  for (const node of cluster.ids) await run(cluster, node, ["append", "k", node]);
  await cluster.wait(300);
  const before = cluster.traffic.length;
  for (let i = 0; i < 20; i++) for (const node of cluster.ids) await run(cluster, node, ...read("k", "none"));
  for (const { body } of cluster.traffic.slice(before)) {
    assert(body.type !== "raft_append" || JSON.stringify(body["entries"]) === "[]", JSON.stringify(body));
  }
});

Deno.test("with --data, killing all nodes loses no transaction", async () => {
  await forSeeds({ slice: 3, full: 50 }, async (random, seed) => {
    const cluster = await started({ nodes: 3, storage: true, seed }, ["--snapshot-entries", "7"]);
    for (let i = 0; i < 30; i++) {
      await run(cluster, random.pick(cluster.ids), ["append", i, i], ["append", "all", i]);
      if (!random.chance(0.2)) continue;
      const victims = random.shuffle(cluster.ids).slice(0, 1 + random.below(3));
      cluster.kill(victims);
      await cluster.start(victims);
    }
    const keys = Array.from({ length: 30 }, (_, i) => i);
    const all = [...keys.map((key) => [key]), keys];
    for (const node of cluster.ids) assertEquals(await run(cluster, node, ...read(...keys, "all")), all);
  });
});

Deno.test("with --data, a node still sees its own writes after it was killed", async () => {
  await forSeeds({ slice: 3, full: 100 }, async (random, seed) => {
    const args = ["--consistency", "strong-session-serializable", "--snapshot-entries", "5"];
    const cluster = await started({ nodes: 3, storage: true, latencyMs: 10, seed }, args);
    const seen = new Map(cluster.ids.map((id) => [id, 0]));
    for (let i = 0; i < 40; i++) {
      const node = random.pick(cluster.ids);
      if (random.chance(0.5)) await run(cluster, node, ["append", "k", i]);
      if (random.chance(0.2)) {
        cluster.kill([node]);
        await cluster.start([node]);
      }
      const [list] = await run(cluster, node, ...read("k")) as [readonly number[] | null];
      const length = list?.length ?? 0;
      assert(length >= (seen.get(node) ?? 0), `${node} saw ${seen.get(node)} elements, then ${length}`);
      seen.set(node, length);
    }
  });
});

Deno.test("serializable: a partitioned node continues to read", async () => {
  const cluster = await started({ nodes: 3 }, ["--consistency", "serializable"]);
  await run(cluster, "n0", ["append", "k", 1]);
  await cluster.wait(1000);
  cluster.partition(["n0"], ["n1"], ["n2"]);
  await cluster.wait(3000);
  for (const node of cluster.ids) {
    const reply = await cluster.atOnce(node, { type: "txn", txn: read("k") });
    assertEquals(reply["txn"], [["r", "k", [1]]]);
  }
});
