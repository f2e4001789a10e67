/** Each source of the product has a test. */

import { assertEquals } from "@std/assert";
import { readable, sources, textOf } from "./repository.ts";

/** The line in the head of a file that names its test. */
const LINE = /Tested by `(tests\/[a-z0-9_/]+_test\.ts)`\./;

/** Returns the test that the path of a source stands for. */
function testOf(path: string): string {
  return `tests/${path.replace(/^lib\//, "").replace(/\.ts$/, "_test.ts")}`;
}

/** Returns true if a source has types and exports of other modules only. */
function hasNoCode(path: string): boolean {
  let code = false;
  const plugin: Deno.lint.Plugin = {
    name: "code",
    rules: {
      code: {
        create: () => ({
          Program(program) {
            code = program.body.some(({ type }) =>
              !type.startsWith("TS") && type !== "ImportDeclaration" && type !== "ExportAllDeclaration" &&
              type !== "ExportNamedDeclaration"
            );
          },
          ExportNamedDeclaration(node) {
            code ||= node.declaration !== null && !node.declaration.type.startsWith("TS");
          },
        }),
      },
    },
  };
  Deno.lint.runPlugin(plugin, path, textOf(path));
  return !code;
}

Deno.test("each source with code has a test of its name, or names its test", { ignore: !readable }, () => {
  const tests = new Set(sources("tests/").filter((path) => path.endsWith("_test.ts")));
  const problems = [...sources("lib/"), ...sources("nodes/")].flatMap((path) => {
    const [head = ""] = textOf(path).split("*/");
    const [, named] = LINE.exec(head) ?? [];
    if (named !== undefined) return tests.has(named) ? [] : [`${path}: there is no ${named}. Name its test.`];
    if (path.endsWith("/mod.ts") || tests.has(testOf(path)) || hasNoCode(path)) return [];
    return [
      `${path}: there is no ${testOf(path)}. Write it, or add "Tested by \`tests/…_test.ts\`." to the head.`,
    ];
  });
  assertEquals(problems, []);
});
