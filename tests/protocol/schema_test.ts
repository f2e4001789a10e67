import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  array,
  boolean,
  type Infer,
  int64,
  integer,
  json,
  literal,
  natural,
  object,
  optional,
  record,
  scalar,
  type Schema,
  show,
  string,
  tuple,
  union,
} from "../../lib/protocol/schema.ts";

interface Case {
  readonly schema: Schema<unknown>;
  readonly yes: readonly unknown[];
  readonly no: ReadonlyArray<readonly [value: unknown, problem: string]>;
}

const point = object({ x: integer, y: optional(integer) });

const cases: readonly Case[] = [
  {
    schema: json,
    yes: [null, 0, "", [], {}, false],
    no: [[undefined, "v must be any JSON value, but is missing"]],
  },
  { schema: string, yes: ["", "a", "\ud800"], no: [[1, "v must be a string, but is 1"]] },
  { schema: boolean, yes: [true, false], no: [[0, "v must be true or false, but is 0"]] },
  {
    schema: integer,
    yes: [0, -1, -0, 2 ** 53 - 1],
    no: [
      [1.5, "v must be an integer, but is 1.5"],
      [2 ** 53, "v must be an integer, but is 9007199254740992"],
      ["1", 'v must be an integer, but is "1"'],
      [Infinity, "v must be an integer, but is null"],
    ],
  },
  {
    schema: int64,
    yes: [0, -7, 2n ** 63n - 1n, -(2n ** 63n)],
    no: [
      [1.5, "v must be an integer of 64 bits, but is 1.5"],
      [2n ** 63n, "v must be an integer of 64 bits, but is 9223372036854775808"],
      [-(2n ** 63n) - 1n, "v must be an integer of 64 bits, but is -9223372036854775809"],
    ],
  },
  { schema: natural, yes: [0, 7], no: [[-1, "v must be an integer from 0, but is -1"]] },
  { schema: literal("r"), yes: ["r"], no: [["w", 'v must be "r", but is "w"']] },
  { schema: literal(3), yes: [3], no: [["3", 'v must be 3, but is "3"']] },
  {
    schema: scalar,
    yes: [1, "a", true],
    no: [[null, "v must be a string, a number, true or false, but is null"]],
  },
  {
    schema: array(integer),
    yes: [[], [1, 2]],
    no: [
      [{ length: 0 }, 'v must be an array of (an integer), but is {"length":0}'],
      [[1, "a"], 'v[1] must be an integer, but is "a"'],
    ],
  },
  {
    schema: tuple(natural, json),
    yes: [[0, null]],
    no: [
      [[0], "v must be [an integer from 0, any JSON value], but is [0]"],
      [[0, 1, 2], "v must be [an integer from 0, any JSON value], but is [0,1,2]"],
      [[-1, 1], "v[0] must be an integer from 0, but is -1"],
    ],
  },
  {
    schema: record(array(string)),
    yes: [{}, { a: [], "": ["x"] }, JSON.parse('{"__proto__":["a"]}')],
    no: [
      [[], "v must be an object whose values are (an array of (a string)), but is []"],
      [null, "v must be an object whose values are (an array of (a string)), but is null"],
      [{ a: [1] }, 'v["a"][0] must be a string, but is 1'],
      [JSON.parse('{"__proto__":1}'), 'v["__proto__"] must be an array of (a string), but is 1'],
    ],
  },
  {
    schema: union(integer, string),
    yes: [1, "a"],
    no: [[null, "v must be an integer or a string, but is null"]],
  },
  {
    schema: point,
    yes: [{ x: 1 }, { x: 1, y: 2 }, { x: 1, z: 3 }],
    no: [
      [{}, "v.x must be an integer, but is missing"],
      [{ x: 1, y: "b" }, 'v.y must be an integer, but is "b"'],
      [{ x: 1, y: null }, "v.y must be an integer, but is null"],
      [undefined, "v must be {x: an integer, y?: an integer}, but is missing"],
    ],
  },
  {
    schema: object({ a: object({ b: array(point) }) }, { closed: true }),
    yes: [{ a: { b: [{ x: 1 }] } }],
    no: [
      [{ a: { b: [{ x: 1 }, {}] } }, "v.a.b[1].x must be an integer, but is missing"],
      [{ a: { b: [] }, c: 1 }, "v.c is not expected here"],
      [JSON.parse('{"a":{"b":[]},"__proto__":1}'), "v.__proto__ is not expected here"],
    ],
  },
];

Deno.test("each schema accepts matching values and names the problem of others", () => {
  for (const { schema, yes, no } of cases) {
    for (const value of yes) {
      assertEquals(schema.problem(value, "v"), undefined, `${schema.description}: ${show(value)}`);
      assert(schema.is(value));
    }
    for (const [value, problem] of no) {
      assertEquals(schema.problem(value, "v"), problem);
      assert(!schema.is(value));
    }
  }
});

Deno.test("the inferred type of a schema is the type that its check proves", () => {
  const schema = object({ key: string, hint: optional(integer), pairs: array(tuple(natural, json)) });
  const value: unknown = JSON.parse('{"key":"k","pairs":[[0,"a"]]}');
  assert(schema.is(value));
  // These lines are the test: they compile only while the types are right.
  const typed: Infer<typeof schema> = value;
  const key: string = typed.key;
  const hint: number | undefined = typed.hint;
  const offset: number | undefined = typed.pairs[0]?.[0];
  assertEquals([key, hint, offset], ["k", undefined, 0]);
});

Deno.test("without a path, a problem refers to the whole value", () => {
  assertEquals(integer.problem("a", ""), 'expected an integer, but is "a"');
  assertEquals(point.problem({ x: "a" }, ""), 'x must be an integer, but is "a"');
});

Deno.test("a value is shown as JSON, cut to a readable length", () => {
  assertEquals(show({ a: [1, null] }), '{"a":[1,null]}');
  assertEquals(show(undefined), "undefined");
  const long = show("x".repeat(5000));
  assert(long.length < 200);
  assertMatch(long, /… \(5002 characters\)$/);
});

Deno.test("a value that is deeply nested or not JSON is shown, too", () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  assertEquals(show(cycle), "object");
  assertEquals(integer.problem(cycle, "v"), "v must be an integer, but is object");
  assert(show(JSON.parse("[".repeat(200_000) + "]".repeat(200_000))).length < 200);
});
