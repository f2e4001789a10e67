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
  assertEquals(set.text, '[1,"1",null,[1]]');
});

Deno.test("the JSON of a growing set is always complete", () => {
  const set = new GSet();
  assertEquals(set.text, "[]");
  set.add(7);
  assertEquals([set.text, set.text], ["[7]", "[7]"]);
  set.add("x,y");
  set.add({ a: [] });
  assertEquals(set.text, '[7,"x,y",{"a":[]}]');
});

Deno.test("a set in a message is the array of its elements", () => {
  const set = new GSet();
  for (const element of [7, "x,y", { a: [1.5] }]) set.add(element);
  assertEquals(set.toJSON(), [7, "x,y", { a: [1.5] }]);
  assertEquals(JSON.stringify({ value: set }), `{"value":${set.text}}`);
});

Deno.test("a set holds integers of any size", () => {
  const set = new GSet();
  assertEquals([set.add(2n ** 64n), set.add(2n ** 64n), set.add("18446744073709551616")], [
    true,
    false,
    true,
  ]);
  assertEquals(set.text, '[18446744073709551616,"18446744073709551616"]');
});

Deno.test("a set holds numbers of all kinds once", () => {
  const set = new GSet();
  const numbers = [0, 31, 32, 5, 127, 128, 1000, 2 ** 20 - 1, 2 ** 20, 2 ** 53 - 1, -1, 1.5];
  assertEquals(numbers.map((each) => set.add(each)), numbers.map(() => true));
  assertEquals([...numbers, -0].map((each) => set.add(each)), [...numbers, -0].map(() => false));
  assertEquals(set.toJSON(), numbers);
});
