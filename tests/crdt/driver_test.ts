/** A counter in seq-kv; the test acts as the service. */

import { assertEquals } from "@std/assert";
import { loadProgram } from "../../lib/bench/cluster/builtin_nodes.ts";
import { CODE } from "../../lib/protocol/errors.ts";
import type { Body } from "../../lib/protocol/message.ts";
import type { Storage } from "../../lib/runtime/host.ts";
import { Disk } from "../../lib/sim/disk.ts";
import { MemoryNode, microtasks } from "../runtime/memory_host.ts";

const MAX_LATENCY_MS = 1000;
const NO_SUCH_KEY = { type: "error", code: CODE.keyDoesNotExist };

async function started(storage?: Storage): Promise<MemoryNode> {
  const args = ["--store", "seq-kv", "--max-latency-ms", `${MAX_LATENCY_MS}`];
  return MemoryNode.started(await loadProgram({ workload: "pn-counter", args }), storage && { storage });
}

/** Returns the one message that the node has sent, which is to the service. */
async function asked(node: MemoryNode): Promise<Body> {
  await microtasks();
  const sent = node.take();
  assertEquals(sent.map(({ dest }) => dest), ["seq-kv"]);
  return sent[0]?.body ?? NO_SUCH_KEY;
}

function answer(node: MemoryNode, request: Body, fields: Body): void {
  node.give({ ...fields, in_reply_to: request.msg_id ?? 0 }, "seq-kv");
}

Deno.test("an addition is written after half of the latency limit, together with later ones", async () => {
  const node = await started();
  await node.ask({ type: "add", delta: 5 });
  node.host.clock.advance(MAX_LATENCY_MS / 2 - 1);
  assertEquals(node.take(), []);
  node.host.clock.advance(1);
  assertEquals((await asked(node)).type, "read");
});

Deno.test("a node with a disk that is killed before a write writes the addition after its restart", async () => {
  const disk = new Disk();
  const storage = disk.open();
  await (await started(storage)).ask({ type: "add", delta: 5 });
  storage.sync();
  const node = await started(disk.open());
  node.host.clock.advance(MAX_LATENCY_MS / 2);
  answer(node, await asked(node), NO_SUCH_KEY);
  const { type, to } = await asked(node);
  assertEquals([type, Array.isArray(to) && to[2]], ["cas", 5]);
});

Deno.test("a read does not rely on a write that started earlier, and writes again", async () => {
  const node = await started();
  await node.ask({ type: "add", delta: 5 });
  node.host.clock.advance(MAX_LATENCY_MS / 2);
  answer(node, await asked(node), NO_SUCH_KEY);
  for (let i = 0; i < 2; i++) {
    const write = await asked(node);
    assertEquals(write.type, "cas");
    if (i === 0) node.give({ type: "read", msg_id: 1 });
    answer(node, write, { type: "cas_ok" });
  }
  await microtasks();
  assertEquals(node.take().map(({ body }) => [body.type, body["key"]]), [["read", "n2"], ["read", "n3"]]);
});

Deno.test("an unanswered request to the service is sent four times, then the read fails with 11", async () => {
  const node = await started();
  node.give({ type: "read", msg_id: 1 });
  const sent: unknown[] = [];
  for (let i = 0; i < 10; i++) {
    await microtasks();
    for (const { dest, body } of node.take()) sent.push(dest === "seq-kv" ? dest : body["code"]);
    node.host.clock.advance(1000);
  }
  assertEquals(sent, ["seq-kv", "seq-kv", "seq-kv", "seq-kv", 11]);
});
