/** Every export of the product is used. */

import { assertEquals } from "@std/assert";
import { resolveImport } from "./layers.ts";
import { readable, sources, textOf } from "./repository.ts";

/** The exports and imports of all sources, as `path name`. */
class Exports {
  /** Functions, classes and constants. Types stay exported, because they describe exported functions. */
  readonly values: string[] = [];
  readonly used = new Set<string>();
  /** Modules that another one takes as a whole. */
  readonly whole = new Set<string>();

  read(path: string): void {
    const collect: Deno.lint.Plugin = {
      name: "exports",
      rules: { exports: { create: () => this.#visitor(path) } },
    };
    Deno.lint.runPlugin(collect, path, textOf(path));
  }

  #visitor(path: string): Deno.lint.LintVisitor {
    const to = (specifier: string) => resolveImport(path, specifier);
    return {
      ExportNamedDeclaration: ({ source, specifiers, declaration }) => {
        if (source !== null) {
          for (const { local } of specifiers) {
            if ("name" in local) this.used.add(`${to(source.value)} ${local.name}`);
          }
        }
        if (declaration?.type === "FunctionDeclaration" || declaration?.type === "ClassDeclaration") {
          this.values.push(`${path} ${declaration.id?.name}`);
        }
        if (declaration?.type === "VariableDeclaration") {
          for (const { id } of declaration.declarations) {
            if (id.type === "Identifier") this.values.push(`${path} ${id.name}`);
          }
        }
      },
      ExportAllDeclaration: ({ source }) => void this.whole.add(to(source.value)),
      ImportDeclaration: ({ source, specifiers }) => {
        for (const specifier of specifiers) {
          if (specifier.type !== "ImportSpecifier") this.whole.add(to(source.value));
          else if ("name" in specifier.imported) {
            this.used.add(`${to(source.value)} ${specifier.imported.name}`);
          }
        }
      },
      ImportExpression: ({ source }) => {
        if (source.type === "Literal") this.whole.add(to(String(source.value)));
      },
    };
  }
}

Deno.test("each exported function, class and constant is imported somewhere", { ignore: !readable }, () => {
  const exports = new Exports();
  for (const path of sources()) exports.read(path);
  const unused = exports.values.filter((value) => {
    const [path = ""] = value.split(" ");
    // A solution exports its program for the bench, as a learner's file does.
    if (path.startsWith("lib/bench/learn/solutions/")) return false;
    return /^(lib|nodes)\//.test(path) && !exports.used.has(value) && !exports.whole.has(path);
  });
  assertEquals(unused, [], "remove `export`, or the whole declaration");
});
