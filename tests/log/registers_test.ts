import { assertEquals } from "@std/assert";
import { type RegisterOperation, Registers } from "../../lib/log/registers/registers.ts";
import { TotalOrderRegisters } from "../../lib/log/registers/total_order_registers.ts";
import type { Json } from "../../lib/protocol/schema.ts";
import { forSeeds } from "../seeds.ts";

Deno.test("transactions give the same registers in any order of arrival", async () => {
  await forSeeds({ slice: 50, full: 5000 }, (random) => {
    const entries: [entry: Json[], origin: string][] = Array.from({ length: 20 }, () => [
      [1 + random.below(10), ["x", random.below(100)], ["y", random.below(100)]],
      random.pick(["a", "b", "c"]),
    ]);
    const unique = [...new Map(entries.map((each) => [`${each[0][0]} ${each[1]}`, each])).values()];
    const values = [unique, random.shuffle(unique), random.shuffle(unique)].map((order) => {
      const registers = new Registers();
      for (const [entry, origin] of order) registers.deliver(entry, origin);
      return [registers.get("x"), registers.get("y"), registers.clock];
    });
    assertEquals(values[1], values[0]);
    assertEquals(values[2], values[0]);
  });
});

Deno.test("a transaction that follows another one has the later time, and wins everywhere", () => {
  const [here, there] = [new Registers(), new Registers()];
  here.deliver([5, ["x", "theirs"]], "z");
  const entry = here.entry(new Map([["x", "mine"]]));
  assertEquals(entry, [6, ["x", "mine"]]);
  there.deliver(entry, "a");
  there.deliver([5, ["x", "theirs"]], "z");
  assertEquals(there.get("x"), "mine");
});

Deno.test("strings, numbers and booleans are keys, also in entries of other nodes", () => {
  const registers = new Registers();
  registers.deliver([1, ["x", 1], [2, 3], [true, 4]], "a");
  assertEquals((["x", 2, true] as const).map((key) => registers.get(key)), [1, 3, 4]);
});

Deno.test("a malformed transaction changes nothing, not even in part", () => {
  const registers = new Registers();
  const entries = [
    [],
    ["1", ["x", 1]],
    [0.5, ["x", 1]],
    [1, ["x", 1], "y"],
    [1, ["x", 1], [["y"], 2]],
    [1, ["x", 1], ["y", 2, 3]],
  ];
  for (const entry of entries) registers.deliver(entry, "a");
  assertEquals([registers.get("x"), registers.clock], [null, 0]);
});

Deno.test("TotalOrderRegisters: each node executes stable transactions, and answers its own", () => {
  const answers: [number, readonly RegisterOperation[]][][] = [[], []];
  const nodes = [0, 1].map((node) =>
    new TotalOrderRegisters(
      { node, nodeCount: 2, nodeOf: Number },
      (offset, txn) => answers[node]?.push([offset, txn]),
    )
  );
  const [first, second] = nodes;
  if (first === undefined || second === undefined) throw new Error("two nodes");
  const a = first.entry([["r", "x", null], ["w", "x", "a"]]);
  const b = second.entry([["r", "x", null], ["w", "x", "b"]]);
  assertEquals([a[1][0], b[1][0]], [0, 1]);
  first.deliver(a, { origin: "0", index: 1 });
  second.deliver(b, { origin: "1", index: 1 });
  assertEquals(answers, [[], []]);
  second.deliver(a, { origin: "0", index: 1 }); // it has seen offset 0; its own at 1 waits
  first.deliver(b, { origin: "1", index: 1 }); // the second node has seen 1: both are stable here
  assertEquals(answers[0], [[0, [["r", "x", null], ["w", "x", "a"]]]]);
  assertEquals(answers[1], []);
  second.acknowledged("0", { origin: "1", upTo: 1 });
  assertEquals(answers[1], [[1, [["r", "x", "a"], ["w", "x", "b"]]]]);
  second.acknowledged("0", { origin: "1", upTo: 2 });
  assertEquals(answers[1]?.length, 1, "each is executed once");
});
