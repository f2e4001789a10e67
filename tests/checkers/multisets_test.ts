import { assertEquals, assertGreater } from "@std/assert";
import { EMPTY, Multisets } from "../../lib/checkers/linearizable/multisets.ts";
import { randomOf } from "./simulated.ts";

/** Returns the number of occurrences of each element. */
function counts(elements: readonly number[]): Map<number, number> {
  const times = new Map<number, number>();
  for (const element of elements) times.set(element, (times.get(element) ?? 0) + 1);
  return times;
}

Deno.test("equal multisets have the same number, and contain their subsets", () => {
  const random = randomOf(1);
  const sets = new Multisets();
  const made = Array.from({ length: 60 }, () => {
    const elements = Array.from({ length: Math.floor(random() * 5) }, () => Math.floor(random() * 3));
    return { elements, set: elements.reduce((set, element) => sets.add(set, element), EMPTY) };
  });
  for (const a of made) {
    for (const b of made) {
      const [all, some] = [counts(a.elements), counts(b.elements)];
      const contains = [...some].every(([element, times]) => (all.get(element) ?? 0) >= times);
      const what = `${a.elements} and ${b.elements}`;
      assertEquals(sets.contains(a.set, b.set), contains, what);
      assertEquals(a.set === b.set, contains && a.elements.length === b.elements.length, what);
    }
  }
});

Deno.test("each addition that was not made before takes memory, more for a larger multiset", () => {
  const sets = new Multisets();
  const growth = (set: number, element: number) => {
    const before = sets.bytes;
    sets.add(set, element);
    return sets.bytes - before;
  };
  assertEquals(sets.bytes, 0);
  const small = growth(EMPTY, 1);
  assertGreater(small, 0);
  assertEquals(growth(EMPTY, 1), 0);
  const large = [2, 3, 4].reduce((set, element) => sets.add(set, element), EMPTY);
  assertGreater(growth(large, 5), small);
});
