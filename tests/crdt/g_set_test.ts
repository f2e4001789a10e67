import { assertEquals } from "@std/assert";
import { GSet } from "../../lib/crdt/mod.ts";

Deno.test("an element is there once, however often it was added", () => {
  const set = new GSet();
  assertEquals([set.add(1), set.add("1"), set.add(1), set.add(null), set.add([1]), set.add([1])], [
    true,
    true,
    false,
    true,
    true,
    false,
  ]);
  assertEquals(set.values, [1, "1", null, [1]]);
});
