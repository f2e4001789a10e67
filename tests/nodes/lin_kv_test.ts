import { assert, assertEquals } from "@std/assert";
import { RAFT_DEFAULTS } from "../../lib/consensus/raft/mod.ts";
import { loadProgram } from "../../lib/bench/cluster/builtin_nodes.ts";
import { CODE } from "../../lib/protocol/errors.ts";
import { stringifyExactJson } from "../../lib/protocol/exact_json.ts";
import type { Body } from "../../lib/protocol/message.ts";
import { MemoryNode } from "../runtime/memory_host.ts";
import { LogCluster, type LogClusterOptions } from "../scenarios/log_cluster.ts";
import { forSeeds } from "../seeds.ts";

async function started(options: LogClusterOptions = {}, args: readonly string[] = []): Promise<LogCluster> {
  return LogCluster.started(await loadProgram({ workload: "lin-kv", args }), options);
}

const read = (key: unknown): Body => ({ type: "read", key });
const write = (key: unknown, value: unknown): Body => ({ type: "write", key, value });
const cas = (key: unknown, from: unknown, to: unknown, more = {}): Body => ({
  type: "cas",
  ...{ key, from, to },
  ...more,
});

/** Returns the reply's value or code, or its type if it has neither. */
async function ask(cluster: LogCluster, node: string, body: Body): Promise<unknown> {
  const reply = await cluster.ask(node, body);
  assert(reply !== undefined, `${node} did not answer ${stringifyExactJson(body)}`);
  return reply["code"] ?? reply["value"] ?? reply.type;
}

/** Returns the leader: the node that sent entries or heartbeats last. */
function leaderOf(cluster: LogCluster): string {
  const last = cluster.traffic.findLast(({ body }) => /^raft_(append|heartbeat)$/.test(body.type));
  assert(last !== undefined, "a node leads");
  return last.src;
}

Deno.test("with EPaxos, any node answers after one round trip, and sees the effects of the others", async () => {
  const cluster = await started({ nodes: 3, latencyMs: 10 }, ["--consensus", "epaxos"]);
  assertEquals(await ask(cluster, "n0", read("x")), 20);
  const began = cluster.now;
  assertEquals(await ask(cluster, "n1", write("x", 1)), "write_ok");
  assert(cluster.now - began < 25, `a write took ${cluster.now - began} ms`);
  assertEquals(await ask(cluster, "n2", read("x")), 1);
  assertEquals(await ask(cluster, "n0", cas("x", 3, 4)), 22);
  assertEquals(await ask(cluster, "n0", cas("x", 1, 2)), "cas_ok");
  assertEquals(await ask(cluster, "n1", read("x")), 2);
});

Deno.test("any node takes any request and sees the effects of the others", async () => {
  const cluster = await started({ nodes: 3, latencyMs: 10 });
  assertEquals(await ask(cluster, "n0", read("x")), 20);
  assertEquals(await ask(cluster, "n0", cas("x", 1, 2)), 20);
  assertEquals(await ask(cluster, "n1", write("x", 1)), "write_ok");
  assertEquals(await ask(cluster, "n2", read("x")), 1);
  assertEquals(await ask(cluster, "n0", cas("x", 2, 3)), 22);
  assertEquals(await ask(cluster, "n2", cas("x", 1, 3)), "cas_ok");
  for (const node of cluster.ids) assertEquals(await ask(cluster, node, read("x")), 3);
});

Deno.test("a cas that finds another large integer, or no such key, has a definite error", async () => {
  const cluster = await started();
  const large = 2n ** 53n + 1n;
  assertEquals(await ask(cluster, "n0", cas(large, 1, 2)), 20);
  assertEquals(await ask(cluster, "n0", write("x", large)), "write_ok");
  assertEquals(await ask(cluster, "n1", cas("x", 2n ** 53n, 3)), 22);
  assertEquals(await ask(cluster, "n1", cas("x", large, 3)), "cas_ok");
});

Deno.test("with round trips above the election timeout, a leader is elected and serves all nodes", async () => {
  const cluster = await started({ nodes: 5, latencyMs: 250 }, ["--request-timeout-ms", "5000"]);
  assertEquals(await ask(cluster, "n0", write("x", 1)), "write_ok");
  const before = cluster.traffic.filter(({ body }) => body.type === "raft_vote").length;
  for (const node of cluster.ids) assertEquals(await ask(cluster, node, read("x")), 1);
  assertEquals(await ask(cluster, "n4", cas("x", 1, 2)), "cas_ok");
  const votes = cluster.traffic.filter(({ body }) => body.type === "raft_vote").length;
  assertEquals(votes, before, "no node starts an election against a leader with a long round trip");
});

Deno.test("a cas with create_if_not_exists creates its key", async () => {
  const cluster = await started({ nodes: 3 });
  assertEquals(await ask(cluster, "n0", cas("x", 1, 2, { create_if_not_exists: true })), "cas_ok");
  assertEquals(await ask(cluster, "n1", read("x")), 2);
  assertEquals(await ask(cluster, "n1", cas("x", 1, 3, { create_if_not_exists: true })), 22);
  assertEquals(await ask(cluster, "n1", cas("y", 1, 3, { create_if_not_exists: false })), 20);
});

Deno.test("keys and values are any JSON, compared by their canonical form", async () => {
  const cluster = await started({ nodes: 1 });
  const keys = [1, "1", true, null, [1], ["1"], { a: 1, b: [2] }, "", "__proto__"];
  for (const [i, key] of keys.entries()) {
    assertEquals(await ask(cluster, "n0", write(key, i + 1)), "write_ok");
  }
  for (const [i, key] of keys.entries()) assertEquals(await ask(cluster, "n0", read(key)), i + 1);
  assertEquals(await ask(cluster, "n0", read({ b: [2], a: 1 })), 7);
  assertEquals(await ask(cluster, "n0", write("x", { a: 1, b: null })), "write_ok");
  assertEquals(await ask(cluster, "n0", cas("x", { b: null, a: 1 }, false)), "cas_ok");
  assertEquals(await ask(cluster, "n0", read("x")), false);
});

Deno.test("malformed requests get error 12", async () => {
  const cluster = await started({ nodes: 1 });
  assertEquals(await ask(cluster, "n0", { type: "read" }), 12);
  assertEquals(await ask(cluster, "n0", { type: "write", key: 1 }), 12);
  assertEquals(await ask(cluster, "n0", { type: "cas", key: 1, from: 1 }), 12);
});

Deno.test("a read or a failing cas costs no message at the leader, and two at another node", async () => {
  const cluster = await started({ nodes: 5, latencyMs: 5 }, ["--heartbeat-ms", "100"]);
  for (const node of cluster.ids) await ask(cluster, node, write("x", 1)); // each node has a session afterwards
  await cluster.wait(200);
  const leader = leaderOf(cluster);
  for (const node of cluster.ids) {
    for (const body of [read("x"), read("y"), cas("x", 2, 3), cas("y", 1, 2)]) {
      const before = cluster.traffic.length;
      await ask(cluster, node, body);
      const types = cluster.traffic.slice(before).map((message) => message.body.type);
      const own = types.filter((type) => !type.startsWith("raft_heartbeat"));
      assertEquals(own, node === leader ? [] : ["raft_forward", "raft_forward_ok"]);
    }
  }
});

Deno.test("requests that arrive in one turn travel in one message", async () => {
  const cluster = await started({ nodes: 5, latencyMs: 5 });
  await ask(cluster, "n0", write("x", 0));
  const follower = cluster.ids.find((id) => id !== leaderOf(cluster)) ?? "";
  await cluster.wait(200);
  const before = cluster.traffic.length;
  await Promise.all(Array.from({ length: 500 }, (_, i) => ask(cluster, follower, write(i, i))));
  const forwards = cluster.traffic.slice(before).filter(({ body }) => body.type === "raft_forward");
  assert(forwards.length <= 20, `${forwards.length} messages for 500 requests`);
});

Deno.test("a request without a leader waits for the next leader", async () => {
  await forSeeds({ slice: 5, full: 100 }, async (_random, seed) => {
    const cluster = await started({ nodes: 5, latencyMs: 5, seed }, ["--request-timeout-ms", "5000"]);
    await ask(cluster, "n0", write("x", 1));
    const leader = leaderOf(cluster);
    const others = cluster.ids.filter((id) => id !== leader);
    cluster.partition([leader], others);
    const replies = await Promise.all(
      others.map((node, i) =>
        cluster.ask(node, i === 0 ? cas("x", 1, 2) : write(`own ${node}`, i), { withinMs: 1000 })
      ),
    );
    for (const reply of replies) assert(reply?.type.endsWith("_ok"), JSON.stringify(reply));
    assertEquals(await ask(cluster, others[1] ?? "", read("x")), 2);
    // A partitioned node has no result for its clients, and no definite error.
    assertEquals(await cluster.ask(leader, read("x"), { withinMs: 1000 }), undefined);
  });
});

Deno.test("after a partition of the leader, a median write takes at most two election timeouts", async () => {
  const tookMs: number[] = [];
  await forSeeds({ slice: 15, full: 300 }, async (random, seed) => {
    const cluster = await started({ nodes: 5, latencyMs: 5, seed });
    await ask(cluster, "n0", write("x", 1));
    await cluster.wait(random.uniform(0, 200));
    const leader = leaderOf(cluster);
    const others = cluster.ids.filter((id) => id !== leader);
    cluster.partition([leader], others);
    const began = cluster.now;
    assertEquals(await ask(cluster, random.pick(others), write("x", 2)), "write_ok");
    tookMs.push(cluster.now - began);
  });
  tookMs.sort((a, b) => a - b);
  const median = tookMs[Math.floor(tookMs.length / 2)] ?? Infinity;
  assert(median <= 2 * RAFT_DEFAULTS.electionTimeoutMs, `median ${median} ms`);
});

Deno.test("a node sends nothing in the first 100 ms after its start", async () => {
  const node = MemoryNode.started(await loadProgram({ workload: "lin-kv", args: [] }));
  node.host.clock.advance(99);
  assertEquals(node.take(), []);
  node.host.clock.advance(2);
  assertEquals(node.take().map(({ dest, body }) => [dest, body.type]), [["n2", "raft_join"], [
    "n3",
    "raft_join",
  ]]);
});

Deno.test("a partitioned leader serves reads until its lease ends, by the clock bounds", async () => {
  // An election timeout of 300 ms less a jump of 100 ms, with clocks that are wrong by 45 %, leaves 200 × 0.55 / 1.45 = 76 ms;
  // with exact clocks it leaves all of it. The last confirmed round began at least 10 ms earlier.
  for (const [drift, answers] of [["0", true], ["45", false]] as const) {
    await forSeeds({ slice: 8, full: 200 }, async (random, seed) => {
      const cluster = await started({ nodes: 3, latencyMs: 5, seed }, ["--clock-drift", drift]);
      assertEquals(await ask(cluster, "n0", write("x", 1)), "write_ok");
      await cluster.wait(500 + random.uniform(0, 60));
      const leader = leaderOf(cluster);
      cluster.partition([leader], cluster.ids.filter((id) => id !== leader));
      await cluster.wait(68);
      const reply = await cluster.ask(leader, read("x"), { withinMs: 0 });
      assertEquals(reply?.["value"], answers ? 1 : undefined, `${drift} %`);
    });
  }
});

Deno.test("a request without a quorum gets error 0, which is indefinite", async () => {
  const cluster = await started({ nodes: 3 }, ["--request-timeout-ms", "500"]);
  cluster.partition(["n0"], ["n1"], ["n2"]);
  for (const body of [read("x"), write("x", 1), cas("x", 1, 2)]) {
    assertEquals(await ask(cluster, "n0", body), 0);
  }
});

Deno.test("a request without a quorum has a reply before a client of Maelstrom gives up", async () => {
  for (const engine of ["raft", "epaxos"]) {
    const cluster = await started({ nodes: 3 }, ["--consensus", engine]);
    cluster.partition(["n0"], ["n1"], ["n2"]);
    const began = cluster.now;
    assertEquals(await ask(cluster, "n0", write("x", 1)), 0);
    assert(cluster.now - began < 1000, `${engine} took ${cluster.now - began} ms`);
  }
});

Deno.test("an indeterminate cas is applied at most once, under loss and duplication", async () => {
  await forSeeds({ slice: 4, full: 100 }, async (random, seed) => {
    const cluster = await started({ nodes: 3, latencyMs: 10, seed }, ["--snapshot-entries", "10"]);
    await ask(cluster, "n0", write("x", 0));
    cluster.network.setLinkFaults({ loss: 0.2, duplication: 0.2, reordering: 0.3 });
    let known = 0;
    for (let i = 0; i < 40; i++) {
      if (random.chance(0.1)) cluster.partition([random.pick(cluster.ids)]);
      if (random.chance(0.3)) cluster.heal();
      const reply = await cluster.ask(random.pick(cluster.ids), cas("x", known, known + 1));
      if (reply?.type === "cas_ok") {
        known++;
        continue;
      }
      cluster.heal();
      await cluster.wait(7000); // past the request timeout: indefinite operations have been applied, or never will be
      let found = await cluster.ask(random.pick(cluster.ids), read("x"));
      for (let tries = 0; found?.["code"] === CODE.timeout && tries < 10; tries++) {
        found = await cluster.ask(random.pick(cluster.ids), read("x"));
      }
      const value = Number(found?.["value"]);
      if (reply?.["code"] === CODE.preconditionFailed) assertEquals(value, known);
      assert(value === known || value === known + 1, `${JSON.stringify(found)} after ${known}`);
      known = value;
    }
    assert(known > 10, `only ${known} increments`);
  });
});

Deno.test("with --data, killing all nodes loses no acknowledged write", async () => {
  await forSeeds({ slice: 3, full: 50 }, async (random, seed) => {
    const cluster = await started({ nodes: 3, storage: true, seed }, ["--snapshot-entries", "7"]);
    for (let i = 0; i < 30; i++) {
      assertEquals(await ask(cluster, random.pick(cluster.ids), write(i, i + 1)), "write_ok");
      if (!random.chance(0.2)) continue;
      const victims = random.shuffle(cluster.ids).slice(0, 1 + random.below(3));
      cluster.kill(victims);
      await cluster.start(victims);
    }
    for (let i = 0; i < 30; i++) assertEquals(await ask(cluster, random.pick(cluster.ids), read(i)), i + 1);
  });
});

Deno.test("without --data, repeated kills of a minority lose no acknowledged write", async () => {
  await forSeeds({ slice: 3, full: 100 }, async (random, seed) => {
    const nodes = random.pick([3, 5]);
    const cluster = await started({ nodes, latencyMs: 5, seed }, ["--snapshot-entries", "10"]);
    const latest = new Map<number, number>();
    for (let i = 1; i < 60; i++) {
      const key = random.below(8);
      assertEquals(await ask(cluster, random.pick(cluster.ids), write(key, i)), "write_ok");
      latest.set(key, i);
      if (!random.chance(0.2)) continue;
      const victims = random.shuffle(cluster.ids).slice(0, 1 + random.below((nodes - 1) / 2));
      cluster.kill(victims);
      await cluster.wait(random.pick([0, 10, 1000]));
      await cluster.start(victims);
      await cluster.wait(2000); // until they have rejoined
    }
    for (const node of cluster.ids) {
      for (const [key, value] of latest) assertEquals(await ask(cluster, node, read(key)), value);
    }
  });
});

Deno.test("sequential: a node reads its own writes without messages, also while it is partitioned", async () => {
  await forSeeds({ slice: 3, full: 50 }, async (random, seed) => {
    const cluster = await started({ nodes: 3, latencyMs: 10, seed }, ["--consistency", "sequential"]);
    const seen = new Map(cluster.ids.map((id) => [id, 0]));
    for (let i = 1; i < 60; i++) {
      const node = random.pick(cluster.ids);
      if (random.chance(0.4)) {
        assertEquals(await ask(cluster, node, write("x", i)), "write_ok");
        seen.set(node, i);
      }
      const value = Number(await ask(cluster, node, read("x")));
      if (value === 20 && seen.get(node) === 0) continue;
      assert(value >= (seen.get(node) ?? 0), `${node} saw ${seen.get(node)}, then ${value}`);
      seen.set(node, value);
    }
    await cluster.wait(500);
    cluster.partition(["n0"], ["n1"], ["n2"]);
    const before = cluster.now;
    for (const node of cluster.ids) {
      const latest = Math.max(...seen.values());
      assertEquals(await ask(cluster, node, read("x")), latest);
    }
    assertEquals(cluster.now, before);
  });
});
