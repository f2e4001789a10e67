import { assertEquals } from "@std/assert";
import { OriginLogs } from "../../lib/log/mod.ts";
import { forSeeds } from "../seeds.ts";

function logsOf(origin: string): { logs: OriginLogs; delivered: string[] } {
  const delivered: string[] = [];
  const logs = new OriginLogs({
    origin,
    deliver: (entry, { origin, index }) => delivered.push(`${origin}/${index}=${JSON.stringify(entry)}`),
  });
  return { logs, delivered };
}

Deno.test("an appended entry is counted and sent to others, and not delivered at home", () => {
  const { logs, delivered } = logsOf("a");
  assertEquals([logs.append("x"), logs.append("y")], [1, 2]);
  assertEquals([...logs.vector], [["a", 2]]);
  assertEquals(delivered, []);
  assertEquals(logs.delta("a", 0, 10), { payload: [0, "x", "y"], upTo: 2, size: 2 });
  assertEquals(logs.delta("a", 1, 10), { payload: [1, "y"], upTo: 2, size: 1 });
  assertEquals(logs.delta("a", 0, 1), { payload: [0, "x"], upTo: 1, size: 1 });
  assertEquals(logs.delta("unknown", 0, 10), { payload: [0], upTo: 0, size: 0 });
});

Deno.test("each entry is delivered once and in order, although deltas overlap and repeat", () => {
  const { logs, delivered } = logsOf("b");
  logs.merge("a", [0, "x", "y"]);
  logs.merge("a", [1, "y", "z"]);
  logs.merge("a", [0, "x"]);
  assertEquals(delivered, ['a/1="x"', 'a/2="y"', 'a/3="z"']);
});

Deno.test("a delta that leaves a gap is ignored, and the vector requests the missing entries", () => {
  const { logs, delivered } = logsOf("b");
  logs.merge("a", [1, "y"]);
  assertEquals([delivered, [...logs.vector]], [[], []]);
  logs.merge("a", [0, "x", "y"]);
  assertEquals([...logs.vector], [["a", 2]]);
});

Deno.test("a malformed delta is ignored", () => {
  const { logs } = logsOf("b");
  for (const payload of [null, 1, "x", {}, [], ["0", "x"], [-1, "x"], [0.5, "x"], [null, "x"]]) {
    logs.merge("a", payload);
  }
  assertEquals([...logs.vector], []);
});

Deno.test("copies agree although deltas are split, reordered, lost and repeated", async () => {
  await forSeeds({ slice: 30, full: 500 }, (random) => {
    const copies = ["a", "b", "c"].map((origin) => logsOf(origin).logs);
    for (let i = 0; i < 40; i++) {
      random.pick(copies).append(i);
      const from = random.pick(copies);
      const to = random.pick(copies);
      const origin = random.pick(["a", "b", "c"]);
      const after = Math.max(0, (to.vector.get(origin) ?? 0) - random.below(3));
      to.merge(origin, JSON.parse(JSON.stringify(from.delta(origin, after, 1 + random.below(5)).payload)));
    }
    for (const from of copies) {
      for (const to of copies) {
        for (const origin of from.vector.keys()) {
          to.merge(origin, from.delta(origin, to.vector.get(origin) ?? 0, 1000).payload);
        }
      }
    }
    for (const copy of copies.slice(1)) {
      for (const origin of ["a", "b", "c"]) assertEquals(copy.entries(origin), copies[0]?.entries(origin));
    }
  });
});
