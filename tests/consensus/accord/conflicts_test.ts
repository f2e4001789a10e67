import { assertEquals } from "@std/assert";
import { ConflictIndex } from "../../../lib/consensus/accord/conflicts.ts";

const read = (key: string) => ({ key, writes: false });
const write = (key: string) => ({ key, writes: true });

Deno.test("transactions conflict if they use one key and one of them writes it", () => {
  const index = new ConflictIndex();
  index.add("n0.1", [read("x")], 10);
  index.add("n0.2", [write("x"), read("y")], 20);
  index.add("n0.3", [read("y")], 30);
  assertEquals([...index.conflictsOf("n1.1", [read("x")])], ["n0.2"]);
  assertEquals([...index.conflictsOf("n1.1", [write("x")])], ["n0.1", "n0.2"]);
  assertEquals([...index.conflictsOf("n1.1", [read("y")])], []);
  assertEquals(
    [...index.conflictsOf("n0.3", [write("y")])],
    ["n0.2"],
    "a transaction does not conflict with itself",
  );
});

Deno.test("the latest timestamps of conflicting transactions stay when the transactions are deleted", () => {
  const index = new ConflictIndex();
  index.add("n0.1", [write("x")], 10);
  index.add("n0.2", [read("x")], 20);
  index.executed([write("x")], 10);
  index.delete("n0.1", [write("x")]);
  index.delete("n0.2", [read("x")]);
  assertEquals([index.lastKnown([read("x")]), index.lastKnown([write("x")]), index.lastKnown([write("y")])], [
    10,
    20,
    0,
  ]);
  assertEquals([index.lastExecuted([read("x")]), index.lastExecuted([write("x")])], [10, 10]);
  const restored = new ConflictIndex();
  restored.restore(index.snapshot());
  assertEquals(restored.lastKnown([write("x")]), 20);
});
