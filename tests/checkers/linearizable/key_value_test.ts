import { assertEquals } from "@std/assert";
import { checkKeyValue, isKeyValueHistory } from "../../../lib/checkers/linearizable/key_value.ts";
import type { Event, History } from "../../../lib/checkers/mod.ts";
import { historyOf } from "../simulated.ts";

type Step = readonly [process: Event["process"], type: Event["type"], f: string, value: unknown];

const history = (...steps: readonly Step[]): History =>
  historyOf(steps.map(([process, type, f, value]) => ({ process, type, f, value })));

/** A completed operation. `answered` is the value of its completion. */
const done = (f: string, value: unknown, answered: unknown = value): Step[] => [
  [0, "invoke", f, value],
  [0, "ok", f, answered],
];

const get = (key: string, text: string | null) => done("get", [key, null], [key, text]);

function verdict(...parts: readonly (readonly Step[])[]) {
  const { valid, failures, malformed } = checkKeyValue(history(...parts.flat()));
  return [valid, failures, malformed.map(({ op }) => op.f)];
}

Deno.test("a key holds the text that was put, and what was appended to it", () => {
  const [put, append] = [done("put", ["x", "a"]), done("append", ["x", "b"])];
  assertEquals(verdict(put, append, get("x", "ab"), get("y", null), get("z", "")), [true, [], []]);
  assertEquals(verdict(put, append, get("x", "a")), [false, ["x"], []]);
  assertEquals(verdict(append, get("x", "b"), get("y", "b")), [false, ["y"], []]);
});

Deno.test("an indeterminate operation may have happened, and a failed one did not", () => {
  for (const f of ["put", "append"]) {
    const after = (type: "fail" | "info", text: string) =>
      verdict([[0, "invoke", f, ["x", "a"]], [0, type, f, ["x", "a"]]], get("x", text))[0];
    assertEquals([after("info", "a"), after("info", "")], [true, true], f);
    assertEquals([after("fail", "a"), after("fail", "")], [false, true], f);
  }
  assertEquals(verdict([[0, "invoke", "get", ["x", null]], [0, "info", "get", ["x", "a"]]])[0], true);
});

Deno.test("an operation whose value is not a key and a text is invalid", () => {
  for (const value of ["x", ["x"], ["x", "a", "b"], ["x", 1], ["x", null]]) {
    assertEquals(verdict(done("put", value), get("y", null)), [false, [], ["put"]]);
    assertEquals(verdict(done("append", value), get("y", null)), [false, [], ["append"]]);
  }
  assertEquals(verdict(done("get", ["x", null], ["x", 1])), [false, [], ["get"]]);
  assertEquals(verdict(done("get", ["x"])), [false, [], ["get"]]);
  assertEquals(verdict(done("remove", ["x", "a"])), [false, [], ["remove"]]);
});

Deno.test("only operations of clients make a history one of a key-value store", () => {
  for (const f of ["get", "put", "append"]) {
    assertEquals(isKeyValueHistory(history([0, "invoke", "read", null], [0, "invoke", f, null])), true, f);
    assertEquals(isKeyValueHistory(history(["nemesis", "info", f, null])), false, f);
  }
  assertEquals(isKeyValueHistory(history([0, "invoke", "read", null])), false);
});
