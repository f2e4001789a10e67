import { assert, assertEquals } from "@std/assert";
import * as offered from "../../../lib/bench/workloads/mod.ts";
import * as protocol from "../../../lib/protocol/mod.ts";
import { WORKLOADS } from "../../../lib/checkers/workloads.ts";
import { findWorkload } from "../../../lib/bench/workloads/registry.ts";
import { resolveImport } from "../../lint/layers.ts";
import { readable, sources, textOf } from "../../lint/repository.ts";

/** The parts that workloads share, which `mod.ts` offers. */
const SHARED = ["mod", "operations", "registry", "txn_generator", "workload"].map((name) =>
  `lib/bench/workloads/${name}.ts`
);

/** Returns the values that a source imports from modules that are not its own: `path name`. */
function importedValues(path: string): string[] {
  const found: string[] = [];
  const plugin: Deno.lint.Plugin = {
    name: "imports",
    rules: {
      imports: {
        create: () => ({
          ImportDeclaration({ importKind, source, specifiers }) {
            if (importKind === "type") return;
            const to = resolveImport(path, source.value);
            const isOwn = to.startsWith("lib/bench/workloads/") && !SHARED.includes(to);
            if (isOwn || /^lib\/protocol\/(?!mod)/.test(to)) return; // declarations of messages, which are published
            for (const specifier of specifiers) {
              const isValue = specifier.type === "ImportSpecifier" && specifier.importKind !== "type";
              if (isValue && "name" in specifier.imported) found.push(specifier.imported.name);
            }
          },
        }),
      },
    },
  };
  Deno.lint.runPlugin(plugin, path, textOf(path));
  return found;
}

Deno.test("built-in workloads use only what a workload file may import", { ignore: !readable }, () => {
  const files = sources("lib/bench/workloads/").filter((path) => !SHARED.includes(path));
  assert(files.length >= 8);
  const values = files.flatMap(importedValues);
  assert(values.includes("anyThread") && values.includes("checkerOf"));
  const names = new Set([...Object.keys(offered), ...Object.keys(protocol)]);
  // The number of keys is Elle's default, which a file writes as its own constant.
  assertEquals(values.filter((name) => !names.has(name) && name !== "KEY_COUNT"), []);
});

Deno.test("each of Maelstrom's workloads is in the registry, with all parts", () => {
  for (const name of WORKLOADS) {
    const { workload, source } = findWorkload(name) ?? {};
    assertEquals([workload?.name, source], [name, undefined]);
    assert((workload?.messages.length ?? 0) > 0 && (workload?.operations.length ?? 0) > 0);
  }
});
