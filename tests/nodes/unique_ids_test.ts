import { assertEquals, assertMatch } from "@std/assert";
import { SeededRandom } from "../../lib/sim/random.ts";
import { uniqueIds } from "../../nodes/unique_ids.ts";
import { forSeeds } from "../seeds.ts";
import { bin, line, messagesIn, NodeProcess, run, runnable } from "../runtime/executable.ts";
import { MemoryNode } from "../runtime/memory_host.ts";

const ignore = !runnable("unique-ids");

/** Starts a node. Another seed gives another incarnation. */
function started(id: string, seed: number): MemoryNode {
  const node = new MemoryNode(uniqueIds, { seed });
  node.line(
    JSON.stringify({ src: "c0", dest: id, body: { type: "init", msg_id: 1, node_id: id, node_ids: [id] } }),
  );
  node.take();
  return node;
}

/** Requests this number of ids in sequence. */
function generate(node: MemoryNode, id: string, count: number): string[] {
  for (let i = 0; i < count; i++) {
    node.line(JSON.stringify({ src: "c1", dest: id, body: { type: "generate", msg_id: i } }));
  }
  return node.take().map(({ body }) => String(body["id"]));
}

function assertAllDiffer(ids: readonly string[], count: number): void {
  assertEquals([ids.length, new Set(ids).size], [count, count]);
}

Deno.test("one node never gives the same id twice", () => {
  assertAllDiffer(generate(started("n1", 0), "n1", 20_000), 20_000);
});

Deno.test("nodes that never communicated give different ids", () => {
  const nodes = Array.from({ length: 25 }, (_, i) => `n${i}`);
  // All have the same seed, so that only the node's id distinguishes them.
  assertAllDiffer(nodes.flatMap((id) => generate(started(id, 7), id, 200)), 5000);
});

Deno.test("a node that restarts without a disk does not repeat an id", async () => {
  await forSeeds({ slice: 10, full: 1000 }, (random) => {
    const incarnations = Array.from({ length: 20 }, () => started("n1", random.below(2 ** 40)));
    assertAllDiffer(incarnations.flatMap((node) => generate(node, "n1", 20)), 400);
  });
});

Deno.test("ids of nodes with a common name prefix do not collide", () => {
  // n1 with count 11 and n11 with count 1 must not be written the same.
  const ids = ["n1", "n11", "n1-1", "n"].flatMap((id) => generate(started(id, 7), id, 200));
  assertAllDiffer(ids, 800);
});

Deno.test("a node draws all 128 bits of its incarnation once", () => {
  const node = started("n1", 3);
  const ids = generate(node, "n1", 3);
  const incarnation = new SeededRandom(3).id();
  assertEquals(ids, [0, 1, 2].map((count) => `n1-${incarnation}-${count}`));
});

Deno.test("a node sends only replies and runs no timer", () => {
  const node = started("n1", 0);
  generate(node, "n1", 10);
  node.host.clock.advance(1_000_000);
  assertEquals([node.take(), node.host.clock.waiting], [[], 0]);
});

Deno.test(
  "concurrent processes that are killed and restarted never give an id twice",
  { ignore },
  async () => {
    const ids: string[] = [];
    for (let start = 0; start < 3; start++) {
      const nodes = await Promise.all(
        ["n1", "n2"].map((id) => NodeProcess.started(bin("unique-ids"), { id })),
      );
      for (const [i, node] of nodes.entries()) {
        const dest = `n${i + 1}`;
        for (let count = 0; count < 100; count++) {
          await node.write(
            line({ type: "generate", msg_id: count }, { dest }),
          );
        }
        for (let count = 0; count < 100; count++) ids.push(String((await node.message()).body["id"]));
        node.child.kill("SIGKILL");
        await node.ended();
      }
    }
    assertAllDiffer(ids, 600);
  },
);

Deno.test("a process draws a new incarnation of 32 hexadecimal digits from the system at each start", {
  ignore,
}, async () => {
  const init = line({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1"] });
  const outcomes = await Promise.all(
    [0, 1, 2].map(() => run(bin("unique-ids"), { input: init + line({ type: "generate", msg_id: 2 }) })),
  );
  const ids = outcomes.map(({ stdout }) => String(messagesIn(stdout)[1]?.body["id"]));
  for (const id of ids) assertMatch(id, /^n1-[0-9a-f]{32}-0$/);
  assertEquals(new Set(ids).size, 3);
});
