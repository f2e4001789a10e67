import { assert, assertEquals } from "@std/assert";
import { BoundedLines } from "../../../lib/bench/store/bounded_lines.ts";

Deno.test("lines that fit are all kept", () => {
  const lines = new BoundedLines(100);
  const given = ["one", "two", "three"];
  for (const line of given) lines.push(line);
  assertEquals(lines.lines, given);
});

Deno.test("of too many lines the first and the last are kept, within the limit", () => {
  for (const count of [50, 5000]) {
    const lines = new BoundedLines(100);
    const given = Array.from({ length: count }, (_, i) => `line ${i}`);
    for (const line of given) lines.push(line);
    const [first, last] = [lines.lines[0], lines.lines.at(-1)];
    assertEquals([first, last], [given[0], given.at(-1)]);
    const kept = lines.lines.filter((line) => given.includes(line));
    assert(kept.join("").length <= 100);
    assertEquals(lines.lines.length, kept.length + 1, "one line states the number of omitted lines");
  }
});
