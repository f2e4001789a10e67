import { assertEquals, assertThrows } from "@std/assert";
import {
  Decimal,
  mayHoldInexactNumber,
  parseExactJson,
  stringifyExactJson,
} from "../../lib/protocol/exact_json.ts";
import { SeededRandom } from "../../lib/sim/random.ts";

Deno.test("parseExactJson keeps integers of any size", () => {
  assertEquals(parseExactJson("9007199254740991"), 9007199254740991);
  assertEquals(parseExactJson("9007199254740993"), 9007199254740993n);
  // Doubles hold these exactly, too: Date.now() * 1e6 is a common id.
  assertEquals(parseExactJson("[9007199254740992,1700000000000000000]"), [2n ** 53n, 17n * 10n ** 17n]);
  assertEquals(parseExactJson("[-12345678901234567890]"), [-12345678901234567890n]);
});

Deno.test("parseExactJson distinguishes 1.0 from 1, and keeps plain fractions as numbers", () => {
  assertEquals(parseExactJson("[1,1.0,1.5,2.50,0.1]"), [1, new Decimal("1.0"), 1.5, 2.5, 0.1]);
  assertEquals(parseExactJson('{"a":-0.0,"b":1e400,"c":1e3}'), {
    a: new Decimal("-0.0"),
    b: new Decimal("1e400"),
    c: new Decimal("1e3"),
  });
});

Deno.test("parseExactJson does not touch numbers inside strings", () => {
  assertEquals(parseExactJson('{"1.0":"12345678901234567890","x":-0}'), {
    "1.0": "12345678901234567890",
    x: -0,
  });
});

Deno.test("a text without long or fractional numbers takes the fast path", () => {
  assertEquals(mayHoldInexactNumber('{"type":"read_ok","messages":[1,2,300000]}'), false);
  assertEquals(mayHoldInexactNumber('{"offset":1234567890123456}'), true);
});

Deno.test("stringifyExactJson writes what parseExactJson read, for random numbers", () => {
  const random = new SeededRandom(7);
  for (let i = 0; i < 500; i++) {
    const digits = Array.from({ length: 1 + random.below(30) }, () => random.below(10)).join("").replace(
      /^0+(?=\d)/,
      "",
    );
    const text = [digits, `-${digits}`, `${digits}.0`, `${digits}e2`, `0.${digits}1`][random.below(5)] ?? "0";
    const back = stringifyExactJson({ value: parseExactJson(text) });
    assertEquals(JSON.stringify(JSON.parse(back)), JSON.stringify({ value: JSON.parse(text) }), text);
    if (/^-?\d+$/.test(text) && text !== "-0") assertEquals(back, `{"value":${text}}`);
  }
});

Deno.test("stringifyExactJson refuses cycles", () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  assertThrows(() => stringifyExactJson(cycle), TypeError);
});
