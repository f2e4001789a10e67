import { assert, assertEquals } from "@std/assert";
import { compareValues, sameValue, valueKey, valueText } from "../../lib/checkers/value_key.ts";
import { Decimal, parseExactJson } from "../../lib/protocol/exact_json.ts";

const json = parseExactJson;

Deno.test("numbers are the same value if and only if they are equal and of the same kind", () => {
  const same: [string, string][] = [["1.0", "1.00"], ["1.0", "10e-1"], ["0.0", "-0.0"], ["1e400", "10e399"], [
    "5",
    "5",
  ]];
  for (const [a, b] of same) assert(sameValue(json(a), json(b)), `${a} ${b}`);
  const different: [string, string][] = [
    ["1", "1.0"],
    ["9007199254740993", "9007199254740992"],
    ["18446744073709551616", "18446744073709551617"],
    ["1.0", '"1.0"'],
    ["1e400", "1e401"],
    ["[1]", "[1.0]"],
  ];
  for (const [a, b] of different) assert(!sameValue(json(a), json(b)), `${a} ${b}`);
});

Deno.test("numbers are ordered by size across kinds", () => {
  const ordered = [
    "-1e400",
    "-18446744073709551616",
    "-1",
    "0.5",
    "1",
    "2.0",
    "3",
    "9007199254740993",
    "1e400",
  ].map((text) => json(text));
  assertEquals([...ordered].reverse().sort(compareValues), ordered);
});

Deno.test("a short decimal is written without an exponent", () => {
  const texts = ["1.0", "1e3", "-0.0", "1.50e-3", "1e400", "-12.5e1"].map((text) =>
    valueText(new Decimal(text))
  );
  assertEquals(texts, ["1.0", "1000.0", "0.0", "0.0015", "0.1e401", "-125.0"]);
});

Deno.test("values nested 100,000 deep have keys and an order", () => {
  const deep = (inner: string): unknown => json("[".repeat(100_000) + inner + "]".repeat(100_000));
  assertEquals(valueKey(deep("1")), valueKey(deep("1")));
  assert(!sameValue(deep("1"), deep("2")));
  assert(compareValues(deep("1"), deep("2")) < 0);
});

Deno.test("maps and sets are equal if they have the same entries", () => {
  assert(sameValue(new Set([1, [2]]), new Set([[2], 1])));
  assert(!sameValue(new Set([1]), new Set(["1"])));
  assert(sameValue({ of: new Map([["a", 1], ["b", 2]]) }, { of: new Map([["b", 2], ["a", 1]]) }));
  assert(!sameValue(new Map([["a", 1]]), new Map([["a", 2]])));
});
