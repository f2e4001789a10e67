import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CodeError, ownStack, scriptOfModule } from "../../../lib/bench/playground/worker/module_text.ts";
import { placeIn } from "../../../lib/bench/playground/worker/places.ts";

Deno.test("a script has no types, keeps the lines, and takes hidden names as parameters", () => {
  const code =
    'import { type Node, serve } from "lib";\n\nexport const a: number = 1;\nexport function f(node: Node): void { serve(node); }\n';
  const script = scriptOfModule(code, ["fetch", "Date"]);
  assertStringIncludes(script, "(exports, require, fetch, Date)");
  const lines = script.split("\n");
  assertStringIncludes(lines[3] ?? "", "exports.a = a");
  assertStringIncludes(lines[4] ?? "", "function f(node)");
  assert(!script.includes("import "));
});

Deno.test("a module may declare a name that is hidden", async () => {
  const script = scriptOfModule("const fetch = 1; export const got = fetch;", ["fetch"]);
  const { default: run } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  const exported: Record<string, unknown> = {};
  await run(exported, () => ({}), 2);
  assertEquals(exported["got"], 1);
});

Deno.test("a syntax error has its place and a sentence without it", () => {
  const error = assertThrows(() => scriptOfModule("let a = 1;\nlet b = (;\n", []), CodeError);
  assertEquals(error.place, { line: 2, column: 10 });
  assert(!error.message.includes("2:"));
  assertThrows(() => scriptOfModule("x".repeat(1_000_001), []), CodeError, "longer than");
});

Deno.test("a stack names the module, with the lines of its author, and no other script", () => {
  const url = "blob:null/1-2";
  const stack = `Error: no blob: here\n    at f (${url}:6:10)\n    at Runtime (blob:null/9:1:2)`;
  const own = ownStack(stack, { url, name: "node.ts" });
  assertEquals(own, "Error: no blob: here\n    at f (node.ts:5:10)");
  assertEquals(placeIn(own, "node.ts"), { line: 5, column: 10 });
  assertEquals(placeIn("Error: no", "node.ts"), undefined);
});
