import { assertEquals } from "@std/assert";
import { clip, numberText, seconds, shortJson } from "../../../../lib/bench/report/html/text.ts";

Deno.test("a text is cut after its limit, never within a character", () => {
  assertEquals(clip("abcd", 4), "abcd");
  assertEquals(clip("abcdef", 4), "abcd… (2 more characters)");
  assertEquals(clip("abc\u{1f600}f", 4), "abc… (3 more characters)");
});

Deno.test("a shortened value states the number of characters that it lacks", () => {
  assertEquals(shortJson(null, 5), { text: "", omitted: 0 });
  assertEquals(shortJson([1], 5), { text: "[1]", omitted: 0 });
  assertEquals(shortJson("abcdefgh", 5).omitted, 5);
});

Deno.test("figures have three digits, and thousands are grouped", () => {
  assertEquals([12345, 0.123456, 1e9, NaN].map(numberText), [
    "12\u202f345",
    "0.123",
    "1\u202f000\u202f000\u202f000",
    "NaN",
  ]);
  assertEquals(seconds(1_234_567), "1.235 s");
});
