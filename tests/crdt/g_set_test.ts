import { assertEquals } from "@std/assert";
import { GSet } from "../../lib/crdt/mod.ts";

Deno.test("an element that is added twice is in the set once", () => {
  const set = new GSet();
  assertEquals([set.add(1), set.add("1"), set.add(1), set.add(null), set.add([1]), set.add([1])], [
    true,
    true,
    false,
    true,
    true,
    false,
  ]);
  assertEquals(set.json, '[1,"1",null,[1]]');
});

Deno.test("the JSON of a growing set is always complete", () => {
  const set = new GSet();
  assertEquals(set.json, "[]");
  set.add(7);
  assertEquals([set.json, set.json], ["[7]", "[7]"]);
  set.add("x,y");
  set.add({ a: [] });
  assertEquals(set.json, '[7,"x,y",{"a":[]}]');
});
