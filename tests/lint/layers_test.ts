import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EXCEPTIONS, GLOBALS, LAYERS } from "./layer_table.ts";
import layers, { pathInside, resolveImport } from "./layers.ts";

/** The messages that the rules give for a file of that name and content. */
function messages(path: string, source: string): string[] {
  return Deno.lint.runPlugin(layers, path, source).map(({ message }) => message);
}

const SEALED = [
  "lib/protocol/x.ts",
  "lib/runtime/x.ts",
  "lib/consensus/x.ts",
  "lib/consensus/driver.ts",
  "lib/gossip/x.ts",
  "lib/crdt/x.ts",
  "lib/log/x.ts",
  "lib/sim/x.ts",
  "lib/checkers/x.ts",
  "lib/checkers/deeper/x.ts",
  "nodes/x.ts",
];

const USES: Readonly<Record<string, string>> = {
  "const t = Date.now();": "Date",
  "const t = new Date();": "Date",
  "const t = performance.now();": "performance",
  "const clock = performance;": "performance",
  "setTimeout(() => {}, 1);": "setTimeout",
  "setInterval(f, 1);": "setInterval",
  "setImmediate(f);": "setImmediate",
  "const x = Math.random();": "Math.random",
  "const { random } = Math;": "Math.random",
  'const x = Math["random"]();': "Math.random",
  "const id = crypto.randomUUID();": "crypto",
  "const signal = AbortSignal.timeout(5);": "AbortSignal.timeout",
  'console.error("x");': "console",
  "const args = Deno.args;": "Deno",
  'const x = Deno["args"];': "Deno",
  "const d = globalThis.Date;": "globalThis",
  "const t = self.performance.now();": "performance",
  'await fetch("http://x");': "fetch",
  "const w = new WeakRef({});": "WeakRef",
  "const o = { performance };": "performance",
  "const o = { [Deno.build.os]: 1 };": "Deno",
  "class A { clock = performance; }": "performance",
  "f(console);": "console",
};

Deno.test("a use of time, randomness or the system is refused outside bench and tests", () => {
  for (const [source, name] of Object.entries(USES)) {
    for (const path of SEALED) {
      const found = messages(path, source);
      assert(found.length > 0, `${path}: ${source}`);
      assertStringIncludes(found[0] ?? "", `${name} is out of reach in`);
      assertStringIncludes(found[0] ?? "", "use ");
    }
    assertEquals(messages("lib/bench/x.ts", source), [], source);
    assertEquals(messages("tests/x.ts", source), [], source);
  }
});

Deno.test("each message names the layer's alternative", () => {
  const message = (path: string, source: string) => messages(path, source)[0];
  assertEquals(message("nodes/x.ts", "Date.now();"), "Date is out of reach in nodes: use `node.now()`");
  assertEquals(
    message("nodes/x.ts", "setInterval(f, 5);"),
    "setInterval is out of reach in nodes: use `node.after` or `node.every`",
  );
  assertEquals(
    message("lib/consensus/x.ts", "Math.random();"),
    "Math.random is out of reach in consensus: use the random numbers that are handed in",
  );
  assertEquals(
    message("lib/runtime/x.ts", "performance.now();"),
    "performance is out of reach in runtime: use `host.clock.now()`",
  );
  assertEquals(
    message("lib/sim/x.ts", "setTimeout(f, 5);"),
    "setTimeout is out of reach in sim: use the virtual clock's `after`",
  );
  assertEquals(
    message("lib/checkers/x.ts", 'console.log("x");'),
    "console is out of reach in checkers: use the result",
  );
});

Deno.test("properties, keys, types and labels that are named like a global are not uses of it", () => {
  const innocent = [
    "const x = host.performance;",
    "const o = { Date: 1, performance: 2, crypto: 3 };",
    "interface A { performance: number; Deno(): void }",
    "type T = Date;",
    "function f(x: Date): Deno.Reader { return x; }",
    "class A { Date = 1; performance() {} }",
    "enum E { Date }",
    'import { fetch as get } from "./x.ts";',
    "const m = Math.max(1, Math.PI);",
    "const s = AbortSignal.any([]);",
    '"Date.now()"; // Date.now()',
  ];
  for (const source of innocent) assertEquals(messages("lib/runtime/x.ts", source), [], source);
});

Deno.test("three files of the runtime have exceptions, and only the listed ones", () => {
  assertEquals(messages("lib/runtime/stdio.ts", "setTimeout(f, Deno.pid);"), []);
  assertEquals(messages("lib/runtime/serve.ts", "Deno.exit(0);"), []);
  assertEquals(messages("lib/runtime/storage/system_files.ts", "Deno.renameSync(a, b);"), []);
  assertEquals(messages("lib/runtime/storage/store.ts", "Deno.renameSync(a, b);").length, 1);
  assertEquals(messages("lib/runtime/serve.ts", "setTimeout(f, 1);").length, 1);
  assertEquals(messages("lib/runtime/storage/system_files.ts", "Math.random();").length, 1);
  assertEquals(messages("lib/runtime/stdio.ts", 'import "node:fs";').length, 1);
});

Deno.test("an import against the order of the layers is refused", () => {
  const refused: ReadonlyArray<readonly [path: string, source: string, message: string]> = [
    ["lib/protocol/x.ts", 'import { a } from "../runtime/node.ts";', "protocol may not import from runtime"],
    [
      "lib/protocol/x.ts",
      'import type { a } from "../runtime/host.ts";',
      "protocol may not import from host",
    ],
    ["lib/runtime/x.ts", 'import { a } from "../../nodes/echo.ts";', "runtime may not import from nodes"],
    ["lib/runtime/x.ts", 'import { a } from "../consensus/mod.ts";', "runtime may not import from consensus"],
    ["lib/consensus/x.ts", 'import { a } from "../runtime/node.ts";', "types alone from runtime"],
    ["lib/consensus/x.ts", 'import { type A, b } from "../runtime/node.ts";', "types alone from runtime"],
    ["lib/consensus/x.ts", 'export * from "../runtime/host.ts";', "types alone from host"],
    ["lib/consensus/x.ts", 'import { a } from "../gossip/mod.ts";', "types alone from gossip"],
    ["lib/sim/x.ts", 'import { Runtime } from "../runtime/node.ts";', "types alone from runtime"],
    ["lib/sim/x.ts", 'import { a } from "../../nodes/echo.ts";', "sim may not import from nodes"],
    [
      "lib/checkers/x.ts",
      'import type { A } from "../runtime/mod.ts";',
      "checkers may not import from runtime",
    ],
    ["lib/checkers/x.ts", 'const a = await import("../bench/mod.ts");', "checkers may not import from bench"],
    ["nodes/kafka.ts", 'import { a } from "./echo.ts";', "no node imports another"],
    ["nodes/kafka.ts", 'import { a } from "../lib/bench/mod.ts";', "nodes may not import from bench"],
    ["nodes/kafka.ts", 'import { a } from "../lib/sim/mod.ts";', "nodes may not import from sim"],
    ["nodes/kafka.ts", 'import a from "npm:preact@10.0.0";', "npm packages belong to the bench"],
    ["nodes/kafka.ts", 'import "node:fs";', "node:fs is out of reach in nodes"],
    ["lib/consensus/x.ts", 'import { a } from "@std/collections/x";', "consensus imports no package"],
    ["lib/bench/x.ts", 'import { a } from "../../tests/x.ts";', "bench may not import from tests"],
    ["lib/bench/x.ts", 'import { a } from "../../.make/x.ts";', "belongs to no layer"],
    ["lib/runtime/x.ts", 'import a from "../../deno.json" with { type: "json" };', "belongs to no layer"],
  ];
  for (const [path, source, message] of refused) {
    assertStringIncludes(messages(path, source).join("\n"), message, `${path}: ${source}`);
  }
  const allowed: ReadonlyArray<readonly [path: string, source: string]> = [
    ["lib/protocol/x.ts", 'import { a } from "./y.ts";'],
    ["lib/runtime/x.ts", 'import { a } from "../protocol/y.ts"; import { b } from "@std/cli/parse-args";'],
    ["lib/runtime/serve.ts", 'import a from "../../deno.json" with { type: "json" };'],
    ["lib/consensus/x.ts", 'import type { A } from "../runtime/host.ts"; import { b } from "./y.ts";'],
    ["lib/consensus/x.ts", 'import { type A, type B } from "../runtime/node.ts";'],
    ["lib/consensus/raft/x.ts", 'import { invariant } from "../../protocol/errors.ts";'],
    [
      "lib/consensus/driver.ts",
      'import { rpc } from "../protocol/message.ts"; import { step } from "./step.ts";',
    ],
    [
      "lib/sim/x.ts",
      'import { isMessage } from "../protocol/message.ts"; import type { A } from "../runtime/node.ts";',
    ],
    [
      "lib/bench/x.ts",
      'import { a } from "../sim/x.ts"; import u from "npm:uplot@1.6.32"; import "node:fs";',
    ],
    ["nodes/kafka.ts", 'import { a } from "../lib/mod.ts"; import { b } from "../lib/log/mod.ts";'],
    ["tests/x.ts", 'import { a } from "../lib/bench/x.ts"; import fc from "npm:fast-check@4.3.0";'],
  ];
  for (const [path, source] of allowed) assertEquals(messages(path, source), [], `${path}: ${source}`);
});

Deno.test("paths are relative to the repository, for absolute, relative and URL forms", () => {
  const root = new URL("../..", import.meta.url);
  assertEquals(pathInside(`${root.pathname}nodes/echo.ts`), "nodes/echo.ts");
  assertEquals(pathInside(`${root}nodes/echo.ts`), "nodes/echo.ts");
  assertEquals(pathInside("./nodes/echo.ts"), "nodes/echo.ts");
  assertEquals(resolveImport("lib/runtime/node.ts", "../protocol/lines.ts"), "lib/protocol/lines.ts");
  assertEquals(resolveImport("lib/runtime/node.ts", "@std/cli/parse-args"), "@std/cli/parse-args");
  assertEquals(resolveImport("lib/runtime/node.ts", "npm:preact@10.0.0"), "npm:preact@10.0.0");
});

Deno.test("value imports between layers have no cycle", () => {
  const next = new Map(LAYERS.map(({ name, values }) => [name, values]));
  const visit = (name: string, trail: readonly string[]): void => {
    assert(!trail.includes(name), [...trail, name].join(" → "));
    for (const other of next.get(name) ?? []) visit(other, [...trail, name]);
  };
  for (const name of next.keys()) visit(name, []);
});

Deno.test("every layer that the table names exists, and exceptions name globals or imports", () => {
  const names = new Set(["*", ...LAYERS.map(({ name }) => name)]);
  for (const { name, values, types } of LAYERS) {
    for (const other of [...values, ...types]) assert(names.has(other), `${name} names ${other}`);
  }
  for (const [path, allowed] of Object.entries(EXCEPTIONS)) {
    for (const name of allowed) assert(name in GLOBALS || /[:.]/.test(name), `${path} names ${name}`);
  }
});
