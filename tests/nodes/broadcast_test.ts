import { assert, assertEquals, assertMatch } from "@std/assert";
import { broadcast, settings } from "../../nodes/broadcast.ts";
import { MemoryNode } from "../runtime/memory_host.ts";
import {
  ANSWERED_AT_ONCE_MS,
  bound,
  LINE_3D,
  lineFigures,
  underAllFaults,
} from "../scenarios/gossip_lines.ts";
import { forSeeds, isInSlice, sliceOf } from "../seeds.ts";

const program = (...args: string[]) => bound(broadcast, { settings, args });
const SEEDS = { slice: 1, full: 10 };

/** A node that has been initialized. */
function initialized(): MemoryNode {
  const node = new MemoryNode(program());
  node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1"] }, "c0");
  node.take();
  return node;
}

Deno.test("malformed gossip is refused, and changes nothing", async () => {
  const node = MemoryNode.started(program());
  const gossip = { type: "gossip", incarnation: "x", sentAt: 1 };
  for (
    const fields of [
      { version: [1, 2] },
      { version: ["n2.x"] },
      { version: ["n2.x", -1] },
      { version: {} },
      { version: [], deltas: ["n2.x", [0, 7], 5, [0, 8]] },
    ]
  ) {
    node.give({ ...gossip, ...fields }, "n2");
    assertEquals(node.take().filter(({ body }) => "deltas" in body), [], JSON.stringify(fields));
    assertMatch(node.host.logged.pop() ?? "", /gossip/, JSON.stringify(fields));
  }
  assertEquals((await node.ask({ type: "read" }))["messages"], []);
});

Deno.test("a value that is broadcast twice is read once, at once", async () => {
  const node = initialized();
  for (const message of [7, "seven", [7], 7, null]) {
    assertEquals((await node.ask({ type: "broadcast", message })).type, "broadcast_ok");
  }
  assertEquals((await node.ask({ type: "read" }))["messages"], [7, "seven", [7], null]);
  assertEquals((await node.ask({ type: "topology", topology: { n1: [] } })).type, "topology_ok");
  assertEquals((await node.ask({ type: "topology", topology: {} })).type, "topology_ok");
});

Deno.test("3d: at most 1.4 messages per operation, median below 400 ms, maximum below 600 ms", async () => {
  await forSeeds(SEEDS, async (_random, seed) => {
    const found = await lineFigures(LINE_3D, { seed, program: program() });
    assertEquals(found.valid, true);
    assert(found.messagesPerOperation <= 1.4, `${found.messagesPerOperation} messages per operation`);
    assert(
      found.medianMs < 400 && found.maxMs < 600,
      `${found.medianMs} ms median, ${found.maxMs} ms at most`,
    );
    assert(found.operationMsMax <= ANSWERED_AT_ONCE_MS);
  });
});

Deno.test("3e: at most 0.4 messages per operation, median below 1 s, maximum below 2 s", async () => {
  await forSeeds(SEEDS, async (_random, seed) => {
    const found = await lineFigures(LINE_3D, { seed, program: program("--max-latency-ms", "1900") });
    assertEquals(found.valid, true);
    assert(found.messagesPerOperation <= 0.4, `${found.messagesPerOperation} messages per operation`);
    assert(
      found.medianMs < 1000 && found.maxMs < 2000,
      `${found.medianMs} ms median, ${found.maxMs} ms at most`,
    );
    assert(found.operationMsMax <= ANSWERED_AT_ONCE_MS);
  });
});

Deno.test("direct: one hop, and about n - 1 messages per value", { ignore: !isInSlice(0, 2) }, async () => {
  await forSeeds(SEEDS, async (_random, seed) => {
    const found = await lineFigures(LINE_3D, { seed, program: program("--dissemination", "direct") });
    assertEquals(found.valid, true);
    const more = found.messagesPerOperation - 24 * found.additionFraction;
    assert(more <= 0.2, `${more} messages per operation besides those that carry values`);
    assert(found.maxMs <= 130, `${found.maxMs} ms at most`);
  });
});

for (const dist of sliceOf(["exponential", "uniform"], 2)) {
  Deno.test(`3d with ${dist} latencies: at most 2.5 messages per operation, maximum below 1.5 s`, async () => {
    await forSeeds(SEEDS, async (_random, seed) => {
      const found = await lineFigures(`${LINE_3D} --latency-dist ${dist}`, { seed, program: program() });
      assertEquals(found.valid, true);
      assert(found.messagesPerOperation <= 2.5, `${found.messagesPerOperation} messages per operation`);
      assert(found.maxMs < 1500, `${found.maxMs} ms at most`);
    });
  });
}

Deno.test("3d with partitions: at most 4 messages per operation, and no value is lost", async () => {
  await forSeeds(SEEDS, async (_random, seed) => {
    const found = await lineFigures(`${LINE_3D} --nemesis partition`, { seed, program: program() });
    assertEquals(found.valid, true);
    assert(found.messagesPerOperation <= 4, `${found.messagesPerOperation} messages per operation`);
    assert(found.operationMsMax <= ANSWERED_AT_ONCE_MS);
  });
});

Deno.test("challenges 3a to 3c are valid with each strategy", async () => {
  for (const strategy of ["hub", "direct", "topology"]) {
    for (const line of ["--node-count 1", "--node-count 5", "--node-count 5 --nemesis partition"]) {
      const found = await lineFigures(`-w broadcast --time-limit 20 --rate 10 ${line}`, {
        seed: 1,
        program: program("--dissemination", strategy),
      });
      assertEquals(found.valid, true, `${strategy} ${line}`);
    }
  }
});

Deno.test("topology: a node sends to the neighbors that the workload names", () => {
  const node = MemoryNode.started(program("--dissemination", "topology"));
  node.give({ type: "topology", msg_id: 2, topology: { n1: ["n3"] } });
  node.give({ type: "broadcast", msg_id: 3, message: 7 });
  node.host.clock.advance(1000);
  assertEquals(new Set(node.take().map(({ dest }) => dest)), new Set(["c1", "n3"]));
});

for (const strategy of sliceOf(["hub", "direct", "topology"], 3)) {
  Deno.test(`no value is lost under all faults at once (${strategy})`, () =>
    underAllFaults("broadcast", {
      slice: strategy === "hub" ? 10 : 4,
      full: 500,
      program: program("--dissemination", strategy),
    }));
}
