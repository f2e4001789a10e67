import { assert, assertEquals } from "@std/assert";
import { gCounter, settings } from "../../nodes/g_counter.ts";
import { MemoryNode, microtasks } from "../runtime/memory_host.ts";
import { ANSWERED_AT_ONCE_MS, bound, lineFigures, underAllFaults } from "../scenarios/gossip_lines.ts";
import { forSeeds } from "../seeds.ts";

const program = (...args: string[]) => bound(gCounter, { settings, args });
const LINE_4 = "-w g-counter --node-count 3 --rate 100 --time-limit 20 --nemesis partition";

/** A node without peers, which sends only replies. */
function alone(): MemoryNode {
  const node = new MemoryNode(program());
  node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1"] }, "c0");
  node.take();
  return node;
}

Deno.test("an addition is counted, also of 0", async () => {
  const node = alone();
  for (const delta of [3, 0, 4]) assertEquals((await node.ask({ type: "add", delta })).type, "add_ok");
  assertEquals((await node.ask({ type: "read" }))["value"], 7);
});

Deno.test("a negative delta or a delta that is not an integer is refused with 12", async () => {
  const node = alone();
  for (const delta of [-1, 0.5, "1", null, 2 ** 53]) {
    assertEquals((await node.ask({ type: "add", delta }))["code"], 12, `${delta}`);
  }
  assertEquals((await node.ask({ type: "read" }))["value"], 0);
});

Deno.test("an addition above 2^53 - 1 is refused with 14 and not counted", async () => {
  const node = alone();
  await node.ask({ type: "add", delta: Number.MAX_SAFE_INTEGER });
  assertEquals((await node.ask({ type: "add", delta: 1 }))["code"], 14);
  assertEquals((await node.ask({ type: "read" }))["value"], Number.MAX_SAFE_INTEGER);
});

Deno.test("a node that restarts without a disk counts under a new name", () => {
  const originsOf = (seed: number) => {
    const node = new MemoryNode(program(), { seed });
    node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1", "n2"] }, "c0");
    node.give({ type: "add", msg_id: 2, delta: 5 });
    return node.take().filter(({ dest }) => dest === "n2").flatMap(({ body }) =>
      Array.isArray(body["deltas"]) ? [body["deltas"][0]] : []
    );
  };
  const [before, after] = [originsOf(1), originsOf(2)];
  assertEquals([before.length, after.length], [1, 1]);
  assert(before[0] !== after[0], `${before}`);
});

Deno.test("challenge 4 among the nodes: at most 0.3 messages per operation, answered at once", async () => {
  await forSeeds({ slice: 1, full: 20 }, async (_random, seed) => {
    const found = await lineFigures("-w g-counter --rate 100 --time-limit 20 --nemesis partition", {
      seed,
      program: program(),
    });
    assertEquals(found.valid, true);
    assert(found.operationMsMax <= ANSWERED_AT_ONCE_MS);
    assert(found.messagesPerOperation <= 0.3, `${found.messagesPerOperation} messages per operation`);
  });
});

Deno.test("a write that seq-kv refused is repeated, even without further additions", async () => {
  const node = new MemoryNode(program("--store", "seq-kv"));
  node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1"] }, "c0");
  node.give({ type: "add", msg_id: 2, delta: 5 });
  node.take();
  /** Advances time, answers requests to seq-kv by `answer`, and returns their types. */
  const asked = async (answer: Readonly<Record<string, unknown>>): Promise<string[]> => {
    const types: string[] = [];
    for (let i = 0; i < 100; i++) {
      node.host.clock.advance(100);
      await microtasks();
      for (const { dest, body } of node.take()) {
        types.push(body.type);
        node.give({ ...answer, in_reply_to: body.msg_id ?? 0, type: String(answer["type"]) }, dest);
      }
    }
    return types;
  };
  const refused = await asked({ type: "error", code: 11, text: "not now" });
  assert(new Set(refused).has("read") && !refused.includes("cas"), `${refused}`);
  const later = await asked({ type: "error", code: 20, text: "no such key" });
  assert(later.includes("cas"), `${later}`);
});

Deno.test("challenge 4 with seq-kv: valid, with less than one message per operation", async () => {
  await forSeeds({ slice: 1, full: 20 }, async (_random, seed) => {
    const found = await lineFigures(LINE_4, { seed, program: program("--store", "seq-kv") });
    assertEquals(found.valid, true);
    assert(found.messagesPerOperation < 1, `${found.messagesPerOperation} messages per operation`);
  });
});

Deno.test("g-counter: each addition counts once under all faults", () =>
  underAllFaults("g-counter", { slice: 10, full: 500, program: program() }));
