/** The values that each node shows in reports, after a few requests to one of three nodes. */

import { assertEquals, assertMatch } from "@std/assert";
import { loadProgram } from "../../lib/bench/cluster/builtin_nodes.ts";
import type { Body } from "../../lib/protocol/message.ts";
import { MemoryNode, microtasks } from "../runtime/memory_host.ts";

/** Returns what a node shows after some requests: one of three nodes, or `alone` and after an election. */
async function watchedAfter(
  workload: string,
  requests: readonly Body[],
  { args = [], alone = false }: { readonly args?: readonly string[]; readonly alone?: boolean } = {},
): Promise<Readonly<Record<string, unknown>>> {
  const node = new MemoryNode(await loadProgram({ workload, args }));
  const ids = alone ? ["n1"] : ["n1", "n2", "n3"];
  node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ids }, "c0");
  if (alone) node.host.clock.advance(3000);
  for (const [i, request] of requests.entries()) {
    node.give({ ...request, msg_id: i + 2 });
    await microtasks();
  }
  return node.watched;
}

/** Six requests with the values 1 to 6. */
function six(request: (value: number) => Body): readonly Body[] {
  return [1, 2, 3, 4, 5, 6].map(request);
}

const GOSSIP = { role: "hub", hub: "n1", unreachable: [] };

Deno.test("broadcast and g-set show how many values they have, and the last five", async () => {
  const broadcast = await watchedAfter("broadcast", six((message) => ({ type: "broadcast", message })));
  assertEquals(broadcast, {
    ...GOSSIP,
    "round ms": 275,
    "values": 6,
    "last values": [2, 3, 4, 5, 6],
  });
  const gSet = await watchedAfter("g-set", six((element) => ({ type: "add", element })));
  assertEquals(gSet, { ...GOSSIP, "round ms": 275, "elements": 6, "last elements": [2, 3, 4, 5, 6] });
});

Deno.test("unique-ids shows the first characters of its incarnation, and its count", async () => {
  const { incarnation, count } = await watchedAfter("unique-ids", six(() => ({ type: "generate" })));
  assertMatch(String(incarnation), /^[0-9a-f]{8}$/);
  assertEquals(count, 6);
});

Deno.test("counters show the total, and the total of each node", async () => {
  for (const workload of ["g-counter", "pn-counter"]) {
    const { total, totals, ...rest } = await watchedAfter(workload, six((delta) => ({ type: "add", delta })));
    assertEquals(rest, { ...GOSSIP, "round ms": 275 });
    assertEquals([total, Object.values(totals ?? {})], [21, [21]], workload);
  }
  const stored = await watchedAfter("g-counter", six((delta) => ({ type: "add", delta })), {
    args: ["--store", "seq-kv"],
  });
  assertEquals(stored, { "own total": 21, "known total": 21, "other totals": {}, "unwritten": true });
});

Deno.test("kafka shows offsets by key, and the sends that wait", async () => {
  const shown = await watchedAfter("kafka", [
    { type: "send", key: "a", msg: 1 },
    { type: "send", key: "a", msg: 2 },
    { type: "commit_offsets", offsets: { b: 7 } },
  ], { alone: true });
  assertEquals(shown, {
    ...GOSSIP,
    "round ms": 100,
    "highest offsets": { a: 1 },
    "stable offsets": { a: 1 },
    "committed": { b: 7 },
    "waiting sends": 0,
  });
});

Deno.test("txn-rw-register shows the number of registers, and its clock", async () => {
  const shown = await watchedAfter("txn-rw-register", [
    { type: "txn", txn: [["w", 1, 1], ["w", 2, 1]] },
    { type: "txn", txn: [["w", 1, 2]] },
  ], { alone: true });
  assertEquals(shown, { ...GOSSIP, "round ms": 100, "registers": 2, "clock": 2 });
});

Deno.test("nodes with Raft show its state and the digests of its last entries", async () => {
  const { entries, ...shown } = await watchedAfter("lin-kv", [{ type: "write", key: 1, value: 1 }], {
    alone: true,
  });
  assertEquals(shown, {
    "role": "leader",
    "term": 1,
    "leader": "n1",
    "vote": "n1",
    "last index": 3,
    "commit": 3,
    "applied": 3,
    "lease": false,
    "eligible to vote": true,
    "voters": ["n1"],
    "outside": false,
  });
  assertMatch(String(entries), /^1\.1\.[0-9a-f]+,2\.1\.[0-9a-f]+,3\.1\.[0-9a-f]+$/);
});

Deno.test("nodes without a leader show how many records they keep", async () => {
  for (
    const [workload, engine, request] of [
      ["lin-kv", "epaxos", { type: "write", key: 1, value: 1 }],
      ["txn-list-append", "accord", { type: "txn", txn: [["append", 1, 1]] }],
    ] as const
  ) {
    const args = ["--consensus", engine];
    assertEquals(await watchedAfter(workload, [request], { args, alone: true }), { records: 0 }, engine);
  }
});
