import { assertEquals, assertNotEquals } from "@std/assert";
import { canonicalJson } from "../../lib/protocol/canonical_json.ts";
import { Decimal } from "../../lib/protocol/exact_json.ts";

Deno.test("equal values have one text, for any order of their fields", () => {
  assertEquals(
    canonicalJson({ a: [1, { c: null, b: "x" }] }),
    canonicalJson({ a: [1, { b: "x", c: null }] }),
  );
  assertEquals(canonicalJson(new Decimal("1.50")), canonicalJson(new Decimal("1.5")));
  assertEquals(canonicalJson(new Decimal("-0.0")), canonicalJson(new Decimal("0.0")));
});

Deno.test("values that differ have different texts", () => {
  const values = [
    null,
    0,
    "0",
    "",
    [],
    {},
    [null],
    [[]],
    { a: 1 },
    { a: "1" },
    true,
    "true",
    new Decimal("1.0"),
    1,
  ];
  for (const [i, a] of values.entries()) {
    for (const b of values.slice(i + 1)) assertNotEquals(canonicalJson(a), canonicalJson(b));
  }
});
