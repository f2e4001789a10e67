import { assertEquals } from "@std/assert";
import { sparseRecord } from "../../lib/protocol/sparse_record.ts";

Deno.test("a sparse record equals the object of the same entries, in the same order", () => {
  const entries: [string, unknown][] = [
    ["b", 1],
    ["900", []],
    ["3", null],
    ["__proto__", { a: 1 }],
    ["a", "x"],
    ["4294967294", 2],
    ["-1", 3],
    ["900", [4]],
  ];
  const record = sparseRecord(entries);
  const expected = Object.fromEntries(entries);
  assertEquals(record, expected);
  assertEquals(JSON.stringify(record), JSON.stringify(expected));
  assertEquals(Object.entries(record), Object.entries(expected));
  assertEquals([{ ...record }, JSON.stringify({ ...sparseRecord([]) })], [{ ...expected }, "{}"]);
});

Deno.test("listing the keys of a sparse record takes no time per absent key", () => {
  const key = String(2 ** 24);
  const records = Array.from({ length: 1000 }, () => sparseRecord([["0", 0], [key, 1]]));
  assertEquals(records.flatMap(Object.keys).length, 2000);
});
