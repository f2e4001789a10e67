import { assert, assertEquals } from "@std/assert";
import { pnCounter, settings } from "../../nodes/pn_counter.ts";
import { MemoryNode } from "../runtime/memory_host.ts";
import { ANSWERED_AT_ONCE_MS, bound, lineFigures, underAllFaults } from "../scenarios/gossip_lines.ts";
import { forSeeds } from "../seeds.ts";

const program = (...args: string[]) => bound(pnCounter, { settings, args });

Deno.test("additions and subtractions are counted", async () => {
  const node = new MemoryNode(program());
  node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1"] }, "c0");
  node.take();
  for (const delta of [3, -5, 0]) assertEquals((await node.ask({ type: "add", delta })).type, "add_ok");
  assertEquals((await node.ask({ type: "read" }))["value"], -2);
});

Deno.test("pn-counter: at most 0.3 messages per operation under partitions, answered at once", async () => {
  await forSeeds({ slice: 1, full: 20 }, async (_random, seed) => {
    const line = "-w pn-counter --rate 100 --time-limit 20 --nemesis partition";
    const found = await lineFigures(line, { seed, program: program() });
    assertEquals(found.valid, true);
    assert(found.operationMsMax <= ANSWERED_AT_ONCE_MS);
    assert(found.messagesPerOperation <= 0.3, `${found.messagesPerOperation} messages per operation`);
  });
});

Deno.test("pn-counter: each addition counts once under all faults", () =>
  underAllFaults("pn-counter", { slice: 10, full: 500, program: program() }));

Deno.test("pn-counter in seq-kv: additions are counted, and none is refused", async () => {
  const line = "-w pn-counter --rate 40 --time-limit 10";
  const found = await lineFigures(line, { seed: 1, program: program("--store", "seq-kv") });
  assertEquals(found.valid, true);
});

Deno.test("pn-counter in seq-kv: each addition counts once under all faults", () =>
  underAllFaults("pn-counter", { slice: 10, full: 500, program: program("--store", "seq-kv") }));
