import { assert, assertEquals } from "@std/assert";
import { gSet, settings } from "../../nodes/g_set.ts";
import { ANSWERED_AT_ONCE_MS, bound, lineFigures, underAllFaults } from "../scenarios/gossip_lines.ts";
import { LogCluster } from "../scenarios/log_cluster.ts";
import { forSeeds } from "../seeds.ts";

const program = bound(gSet, { settings });

Deno.test("g-set: 100 operations per second under partitions take at most 0.3 messages each", async () => {
  await forSeeds({ slice: 1, full: 20 }, async (_random, seed) => {
    const found = await lineFigures("-w g-set --time-limit 20 --rate 100 --nemesis partition", {
      seed,
      program,
    });
    assertEquals(found.valid, true);
    assert(found.operationMsMax <= ANSWERED_AT_ONCE_MS);
    assert(found.messagesPerOperation <= 0.3, `${found.messagesPerOperation} messages per operation`);
  });
});

Deno.test("g-set: without partitions, an element is at every node within a second", async () => {
  const found = await lineFigures("-w g-set --time-limit 20 --rate 100 --latency 50", { seed: 1, program });
  assert(found.maxMs < 1000, `${found.maxMs} ms at most`);
});

Deno.test("g-set: on a fast network, the first elements meet the latency limit, too", async () => {
  for (let seed = 1; seed <= 20; seed++) { // as many clusters begin, rather than a long run of one
    const found = await lineFigures("-w g-set --node-count 5 --time-limit 3 --rate 100", { seed, program });
    assert(found.maxMs <= settings.maxLatencyMs.default, `seed ${seed}: ${found.maxMs} ms at most`);
  }
});

Deno.test("g-set: a single element is sent at once, and is at every node after two hops", async () => {
  const cluster = await LogCluster.started(program, { nodes: 5, latencyMs: 10 });
  await cluster.wait(5000);
  await cluster.ask("n3", { type: "add", element: "x" });
  await cluster.wait(20);
  for (const node of cluster.ids) {
    assertEquals((await cluster.ask(node, { type: "read" }))?.["value"], ["x"], node);
  }
});

Deno.test("g-set: no element is lost under all faults", () =>
  underAllFaults("g-set", { slice: 10, full: 500, program }));
