import { assert, assertEquals, assertThrows } from "@std/assert";
import { readable, sources, textOf } from "../lint/repository.ts";
import { applied, mutationsOf, type Operator } from "./mutations.ts";

/** Returns the mutations that an operator makes of a source. */
function made(text: string, operator: Operator): string[] {
  return mutationsOf(text).filter((each) => each.operator === operator).map((each) => applied(text, each));
}

const OPERATORS: ReadonlyArray<readonly [Operator, from: string, to: readonly string[]]> = [
  ["comparison", "a < b;", ["a <= b;"]],
  ["comparison", "a >= b;", ["a > b;"]],
  ["comparison", "a === b;", ["a !== b;"]],
  ["comparison", "a !== b;", ["a === b;"]],
  ["logic", "a && b;", ["a || b;"]],
  ["logic", "a || b;", ["a && b;"]],
  ["arithmetic", "a + b;", ["a - b;"]],
  ["arithmetic", "a * b;", ["a / b;"]],
  ["arithmetic", "a += b;", ["a -= b;"]],
  ["arithmetic", "a++;", ["a--;"]],
  ["arithmetic", "--a;", ["++a;"]],
  ["truth", "f(true);", ["f(false);"]],
  ["truth", "f(false);", ["f(true);"]],
  ["number", "f(1);", ["f(0);", "f(2);"]],
  ["number", "f(0);", ["f((-1));", "f(1);"]],
  ["number", "f(1_000);", ["f(2000);", "f(500);"]],
  ["condition", "if (a) b();", ["if (false) b();", "if (true) b();"]],
  ["condition", "f(a ? b : c);", ["f(false ? b : c);", "f(true ? b : c);"]],
  ["condition", "while (a) b();", ["while (false) b();"]],
  ["condition", "f(!a);", ["f(a);"]],
  ["statement", "a(); b = 1;", ["; b = 1;", "a(); ;"]],
  ["statement", "if (a) b();", ["if (a) ;"]],
  ["fallback", "f(a ?? b);", ["f((b));"]],
  ["extreme", "f(Math.max(a, b));", ["f(Math.min(a, b));"]],
  ["extreme", "f(Math.min(a, b));", ["f(Math.max(a, b));"]],
  ["return", "function f() { return a; }", ["function f() { return undefined; }"]],
];

for (const [operator, from, to] of OPERATORS) {
  Deno.test(`${operator}: ${from} becomes ${to.join(" or ")}`, () => {
    assertEquals(made(from, operator).sort(), [...to].sort());
  });
}

Deno.test("types, comments, strings and imports are not mutated", () => {
  const text = `
    import { type A, b } from "./1.ts";
    export { c } from "./2.ts";
    /** 1 < 2 && true */
    // f(1);
    interface D { readonly e: 1 | 2; f(): true }
    type G<H extends 1> = H extends 1 ? true : false;
    declare function i(x: 3): 4;
    class J { #k: 5 | undefined; readonly l: "1 < 2" = "1 < 2"; constructor(readonly m: 6) {} }
    const n = <T extends 7>(o: T): o is T & 8 => \`1 < 2\` as "9";
    const p = { 10: "q" } satisfies Record<11, string>;
    export type { A, D, G, J };
  `;
  assertEquals(mutationsOf(text), []);
});

Deno.test("code in type wrappers, templates, classes and default values is mutated", () => {
  const numbers = mutationsOf(`
    const a = (1 as number) + (2 satisfies number);
    class B { #c = 3; constructor(readonly d = 4) {} e(f = 5): number { return 6; } }
    const g = \`\${7}\`;
  `).filter(({ operator }) => operator === "number");
  assertEquals(new Set(numbers.map(({ place }) => /⟦(\d)⟧/.exec(place)?.[1])).size, 7);
});

Deno.test("invariants, super calls, string joins and executable-only code are not mutated", () => {
  const text = `
    invariant(a < 1, "b");
    class C extends D { constructor() { super(1); } }
    const e = f + "g" + h;
    i += \`j\`;
    if (import.meta.main) await serve(1);
  `;
  assertEquals(mutationsOf(text).map(({ place }) => place), ["⟦i += `j`;⟧"]);
});

Deno.test("no mutation empties a void return, makes a loop endless or replaces a constant condition", () => {
  assertEquals(made("function f() { return; }", "return"), []);
  assertEquals(made("function f() { return undefined; }", "return"), []);
  assertEquals(made("while (true) f();", "condition"), []);
});

Deno.test("the operator is replaced, not the same sign in an operand or a comment", () => {
  assertEquals(made("(a(1 /* < */) /* two */) < (b);", "comparison"), ["(a(1 /* < */) /* two */) <= (b);"]);
  assertEquals(made('f("+") + a;', "arithmetic"), ['f("+") - a;']);
});

Deno.test("a place contains its line, with the change marked", () => {
  const [found] = mutationsOf("a;\n\n  f(b <\n    c, d);").filter(({ operator }) =>
    operator === "comparison"
  );
  assertEquals([found?.line, found?.place], [3, "f(b ⟦<⟧"]);
  const removed = mutationsOf("if (x) {\n  f(\n    y,\n  );\n}").find(({ operator }) =>
    operator === "statement"
  );
  assertEquals(removed?.place, "⟦f( y, );⟧");
});

Deno.test("a source that is not TypeScript is refused", () => {
  assertThrows(() => mutationsOf("a +"), SyntaxError);
});

Deno.test("every mutation of the library parses and differs from the original", { ignore: !readable }, () => {
  for (const path of [...sources("nodes/"), ...sources("lib/checkers/")]) {
    const text = textOf(path);
    const [first, ...more] = mutationsOf(text).map((each) => applied(text, each));
    assert(first !== text && more.every((each) => each !== text), path);
    if (first !== undefined) mutationsOf(first); // throws if the text is not a program
  }
});

Deno.test("an id names the symbol, the operator, the replacement and the ordinal", () => {
  const ids = (text: string) => mutationsOf(text).map(({ id }) => id);
  assertEquals(ids("class A { #b() { f(1 < x); g(1 < y); } }").filter((id) => / </.test(id)), [
    "A.#b comparison <=",
    "A.#b comparison <= #2",
  ]);
  assertEquals(ids("const LIMIT = 200;"), ["LIMIT number 100", "LIMIT number 400"]);
  assertEquals(ids("f(a ?? b.c);").at(-1), "top fallback");
});

Deno.test("an id does not depend on the lines around its symbol", () => {
  const text = "function f() {\n  return 1;\n}\n";
  const id = ({ id }: { readonly id: string }) => id;
  assertEquals(
    mutationsOf(`// A comment.\nconst A = 5;\n${text}`).map(id).slice(2),
    mutationsOf(text).map(id),
  );
});
