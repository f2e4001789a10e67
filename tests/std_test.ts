/**
 * Tests of the parts of `@std` that are used here, by their documentation. Where the real packages can be had these tests run on them, and
 * elsewhere on the stand-ins that replace them: both must pass.
 */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertExists,
  assertGreater,
  assertGreaterOrEqual,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  equal,
  fail,
} from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { TextLineStream } from "@std/streams/text-line-stream";
import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** The promises of the parser's documentation that settings depend on. */
Deno.test("parseArgs separates options, values, flags and positional arguments", () => {
  assertEquals(parseArgs(["--foo", "--bar=baz", "./quux.txt"]), { foo: true, bar: "baz", _: ["./quux.txt"] });
  assertEquals(parseArgs(["--name", "value", "rest", "--n", "5", "--last"]), {
    name: "value",
    n: 5,
    last: true,
    _: ["rest"],
  });
  assertEquals(parseArgs(["--a=b=c", "--empty="]), { a: "b=c", empty: "", _: [] });
});

Deno.test("parseArgs reads numbers as numbers, unless the option is declared a string", () => {
  const args = ["--x", "10", "--y", "1e3", "--z=0x10", "--w", "1.5", "--v", "10f", "7", "08"];
  assertEquals(parseArgs(args), { x: 10, y: 1000, z: 16, w: 1.5, v: "10f", _: [7, 8] });
  assertEquals(parseArgs(["--x", "10", "--y=1e3"], { string: ["x", "y"] }), { x: "10", y: "1e3", _: [] });
});

Deno.test("parseArgs: a string option without a value is the empty string", () => {
  assertEquals(parseArgs(["--x"], { string: ["x"] }), { x: "", _: [] });
  assertEquals(parseArgs(["--x", "--y"], { string: ["x"], boolean: ["y"] }), { x: "", y: true, _: [] });
  assertEquals(parseArgs(["--x", "-1"], { string: ["x"] })["x"], "");
});

Deno.test("parseArgs: a flag takes no value, and is false by default", () => {
  assertEquals(parseArgs(["--on", "rest"], { boolean: ["on", "off"] }), {
    on: true,
    off: false,
    _: ["rest"],
  });
  assertEquals(parseArgs(["--on=false"], { boolean: ["on"] }), { on: false, _: [] });
  assertEquals(parseArgs(["--on=true"], { boolean: ["on"] }), { on: true, _: [] });
});

Deno.test("parseArgs negates declared flags only", () => {
  assertEquals(parseArgs(["--no-on"], { boolean: ["on"], negatable: ["on"], default: { on: true } }), {
    on: false,
    _: [],
  });
  assertEquals(parseArgs(["--no-on"], { boolean: ["on"] }), { on: false, "no-on": true, _: [] });
});

Deno.test("parseArgs collects declared options, and keeps the last value of others", () => {
  const options = { string: ["x", "y"], collect: ["x"] } as const;
  assertEquals(parseArgs(["--x", "1", "--y", "1", "--x=2", "--y", "2"], options), {
    x: ["1", "2"],
    y: "2",
    _: [],
  });
  assertEquals(parseArgs([], options), { x: [], _: [] });
});

Deno.test("parseArgs sets defaults, also for aliases", () => {
  assertEquals(parseArgs([], { default: { port: 8080 } }), { port: 8080, _: [] });
  assertEquals(parseArgs(["--port", "1"], { default: { port: 8080 } }), { port: 1, _: [] });
  assertEquals(parseArgs(["-w", "echo"], { string: ["workload"], alias: { workload: "w" } }), {
    w: "echo",
    workload: "echo",
    _: [],
  });
});

Deno.test("parseArgs reads single letters, alone and combined", () => {
  assertEquals(parseArgs(["-a", "-b", "value", "-c=3"]), { a: true, b: "value", c: 3, _: [] });
  assertEquals(parseArgs(["-xy"], { boolean: ["x", "y"] }), { x: true, y: true, _: [] });
});

Deno.test("parseArgs does not parse arguments after --, and separates them on request", () => {
  assertEquals(parseArgs(["a", "--", "--b", "1"]), { _: ["a", "--b", "1"] });
  assertEquals(parseArgs(["a", "--", "--b", "1"], { "--": true }), { _: ["a"], "--": ["--b", "1"] });
});

Deno.test("parseArgs calls unknown for undeclared options, and omits them on request", () => {
  const seen: unknown[][] = [];
  const parsed = parseArgs(["--known=1", "--strange=2", "-s", "rest", "--", "--after"], {
    string: ["known"],
    "--": true,
    unknown: (...told: unknown[]) => (seen.push(told), false),
  });
  assertEquals(parsed, { known: "1", _: [], "--": ["--after"] });
  assertEquals(seen.map(([arg, key]) => [arg, key]), [["--strange=2", "strange"], ["-s", "s"]]);
  parseArgs(["rest"], {
    unknown: (...told: unknown[]) => (seen.push(told.filter((each) => each !== undefined)), false),
  });
  assertEquals(seen.at(-1), ["rest"]);
});

async function linesOf(
  chunks: readonly string[],
  options?: { readonly allowCR: boolean },
): Promise<string[]> {
  return await Array.fromAsync(ReadableStream.from(chunks).pipeThrough(new TextLineStream(options)));
}

Deno.test("TextLineStream splits at \\n and \\r\\n, across chunks, and keeps empty lines", async () => {
  assertEquals(await linesOf(["qwert", "yu\r", "\nasd\n\n", "\r\nfg", "h\r"]), [
    "qwertyu",
    "asd",
    "",
    "",
    "fgh\r",
  ]);
  assertEquals(await linesOf([]), []);
  assertEquals(await linesOf(["\n"]), [""]);
  assertEquals(await linesOf(["a\rb\n"]), ["a\rb"]);
});

Deno.test("TextLineStream splits at \\r with allowCR", async () => {
  assertEquals(await linesOf(["CR\rLF", "\nCRLF\r\ndone"], { allowCR: true }), ["CR", "LF", "CRLF", "done"]);
  assertEquals(await linesOf(["a\r", "", "b\r", "\nc\r"], { allowCR: true }), ["a", "b", "c"]);
});

Deno.test("TextLineStream joins a line from any chunks, also empty ones", async () => {
  const text = "one\n\ntwo\r\n three \ufeff\r\r\n\rfour";
  const lines = ["one", "", "two", " three \ufeff\r", "\rfour"];
  for (let first = 0; first <= text.length; first++) {
    for (let second = first; second <= text.length; second++) {
      const chunks = [text.slice(0, first), text.slice(first, second), text.slice(second)];
      assertEquals(await linesOf(chunks), lines, JSON.stringify(chunks));
    }
  }
});

Deno.test("TextLineStream takes linear time for a line in many chunks", async () => {
  const piece = "x".repeat(1000);
  const [line, ...rest] = await linesOf([...Array<string>(20_000).fill(piece), "\n"]);
  assertEquals([line?.length, rest], [20_000_000, []]);
});

Deno.test("levenshteinDistance counts characters inserted, deleted and replaced", () => {
  const distances: ReadonlyArray<readonly [string, string, number]> = [
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["flaw", "lawn", 2],
    ["Aa", "aA", 2],
    ["🐙a", "a🐙", 2],
    ["é".repeat(40), `${"é".repeat(39)}e`, 1],
    ["x".repeat(70), "y".repeat(65), 70],
  ];
  for (const [a, b, distance] of distances) {
    assertEquals(levenshteinDistance(a, b), distance, `${a} and ${b}`);
    assertEquals(levenshteinDistance(b, a), distance, `${b} and ${a}`);
  }
});

Deno.test("closestString returns the first of the closest, also with a given distance", () => {
  assertEquals(closestString("hep", ["run", "help", "heap"]), "help");
  assertEquals(closestString("HELP", ["hell", "help"]), "help");
  assertEquals(closestString("HELP", ["HULK", "help"], { caseSensitive: true }), "HULK");
  const byLength = (a: string, b: string) => Math.abs(a.length - b.length);
  assertEquals(closestString("abc", ["a", "xyz", "abcd"], { compareFn: byLength }), "xyz");
  assertThrows(() => closestString("abc", []), TypeError);
});

Deno.test("assertEquals compares structure and prototype, and primitives by Object.is", () => {
  class Point {
    constructor(readonly x: number) {}
  }
  const equals: ReadonlyArray<readonly [unknown, unknown]> = [
    [NaN, NaN],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }],
    [new Map([[{ k: 1 }, 1]]), new Map([[{ k: 1 }, 1]])],
    [new Set([[1], [2]]), new Set([[2], [1]])],
    [new Date(5), new Date(5)],
    [/a/g, /a/g],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
    [new Point(1), new Point(1)],
  ];
  for (const [a, b] of equals) {
    assert(equal(a, b));
    assertEquals(a, b);
    assertThrows(() => assertNotEquals(a, b), AssertionError);
  }
  const different: ReadonlyArray<readonly [unknown, unknown]> = [
    [1, "1"],
    [0, null],
    [null, undefined],
    [[1, 2], [2, 1]],
    [[1], { 0: 1 }],
    [{ a: 1 }, { a: 1, b: undefined, c: 2 }],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [new Set([1]), new Set([2])],
    [new Date(5), new Date(6)],
    [/a/g, /a/],
    [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
    [new Point(1), { x: 1 }],
    [new Error("a"), new Error("b")],
  ];
  for (const [a, b] of different) {
    assert(!equal(a, b));
    assertNotEquals(a, b);
    assertThrows(() => assertEquals(a, b), AssertionError);
  }
});

Deno.test("each assertion passes or throws AssertionError", () => {
  assert(true);
  assert("text");
  assertExists(0);
  assertStrictEquals("a", "a");
  assertStringIncludes("abc", "b");
  assertMatch("abc", /b/);
  assertAlmostEquals(0.1 + 0.2, 0.3);
  assertAlmostEquals(10, 10.4, 0.5);
  assertGreater(2, 1);
  assertGreaterOrEqual(2, 2);
  assertLess(1, 2);
  assertLessOrEqual(2, 2);
  const failing: ReadonlyArray<() => void> = [
    () => assert(0),
    () => assert("", "said"),
    () => fail("said"),
    () => assertExists(null),
    () => assertExists(undefined),
    () => assertStrictEquals({}, {}),
    () => assertStringIncludes("abc", "d"),
    () => assertMatch("abc", /d/),
    () => assertAlmostEquals(1, 1.1),
    () => assertAlmostEquals(10, 10.6, 0.5),
    () => assertGreater(1, 1),
    () => assertGreaterOrEqual(1, 2),
    () => assertLess(1, 1),
    () => assertLessOrEqual(2, 1),
  ];
  for (const each of failing) assertThrows(each, AssertionError);
});

Deno.test("assertThrows and assertRejects check class and text, and return the error", async () => {
  const range = () => {
    throw new RangeError("too far");
  };
  assertEquals(assertThrows(range, RangeError, "far").message, "too far");
  assertThrows(() => assertThrows(range, TypeError), AssertionError);
  assertThrows(() => assertThrows(range, RangeError, "near"), AssertionError);
  assertThrows(() => assertThrows(() => {}), AssertionError);
  const rejects = () => Promise.reject(new RangeError("too far"));
  assertEquals((await assertRejects(rejects, RangeError, "far")).message, "too far");
  await assertRejects(() => assertRejects(rejects, TypeError), AssertionError);
  await assertRejects(() => assertRejects(rejects, RangeError, "near"), AssertionError);
  await assertRejects(() => assertRejects(() => Promise.resolve()), AssertionError);
});
