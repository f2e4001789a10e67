import { assert, assertEquals } from "@std/assert";
import { Configurations } from "../../../lib/checkers/linearizable/configurations.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";

/** Used operations as sets of bits: a subset covers. */
const covers = (used: number, known: number): boolean => (used & known) === known;

Deno.test("a configuration is known if one that equals it used a part of its operations", () => {
  const words = 3;
  const random = new SeededRandom(1);
  const configurations = new Configurations(words, { memoryBytesMax: 1e9, covers });
  const usedBy = new Map<string, number[]>(); // the used operations of equal configurations
  for (let i = 0; i < 4000; i++) {
    const [due, state, used] = [random.below(5), random.below(4), random.below(16)];
    const bits = Int32Array.from({ length: words }, () => random.below(6) - 1);
    const key = `${due}: ${state} ${bits}`;
    const known = usedBy.get(key) ?? [];
    usedBy.set(key, known);
    const isKnown = known.some((each) => covers(used, each));
    assertEquals(configurations.add(due, state, { used, bits }), isKnown ? "known" : "new", `addition ${i}`);
    if (!isKnown) known.push(used);
  }
  const all = [...usedBy].flatMap(([key, known]) => known.map(() => key));
  assert(all.length > 2048, "the table has grown");
  assertEquals(configurations.size, all.length);
  const visited: string[] = [];
  for (let due = 0; due < 5; due++) {
    configurations.each(due, (state, bits) => visited.push(`${due}: ${state} ${bits}`));
  }
  assertEquals(visited.sort(), all.sort());
});

Deno.test("only configurations that differ in their used operations are compared by these", () => {
  const configurations = new Configurations(1, { memoryBytesMax: 1e9, covers });
  const add = (used: number, state = 0) => configurations.add(0, state, { used, bits: Int32Array.of(0) });
  assertEquals([add(3), add(3), add(3, 1)], ["new", "known", "new"]);
  assertEquals(configurations.comparisons, 0);
  assertEquals([add(4), configurations.comparisons], ["new", 1]);
  assertEquals([add(7), configurations.comparisons], ["known", 2]);
});

Deno.test("the table is full before the old and the new one together exceed the memory", () => {
  const countIn = (memoryBytesMax: number) => {
    const configurations = new Configurations(1, { memoryBytesMax, covers });
    let due = 0;
    while (configurations.add(due, 0, { used: 0, bits: Int32Array.of(0) }) === "new") due++;
    assertEquals(configurations.size, due);
    return due;
  };
  const bytesEach = 16; // four numbers per record
  const both = (1024 + 2048) * bytesEach;
  assertEquals([countIn(both - 1), countIn(both)], [717, 1434]); // 70 % of 1024 and of 2048
});
