import { assertEquals } from "@std/assert";
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
