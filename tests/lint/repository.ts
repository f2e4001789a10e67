/** The repository as its tests see it: its files and their imports. */

import type { Import } from "./layer_table.ts";
import { resolveImport, visitImports } from "./layers.ts";

const ROOT = new URL("../../", import.meta.url);

/** Folders that hold no sources of this project. */
const LEFT_OUT = new Set([".git/", ".toolchain/", "bin/", "store/", "dist/", "node_modules/"]);

/** True if the tests that read the repository can run. */
export const readable = Deno.permissions.querySync({ name: "read" }).state === "granted";

/** The entries of the top level: names, folders with a slash at the end. */
export function topLevel(): string[] {
  return Array.from(Deno.readDirSync(ROOT), (entry) => entry.isDirectory ? `${entry.name}/` : entry.name);
}

/** The paths of all sources under a folder (`""` for all), relative to the repository, sorted. */
export function sources(folder = "", { ext = ".ts" } = {}): string[] {
  const paths: string[] = [];
  for (const entry of Deno.readDirSync(new URL(folder || ".", ROOT))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory && !LEFT_OUT.has(`${path}/`)) paths.push(...sources(`${path}/`, { ext }));
    else if (entry.isFile && path.endsWith(ext)) paths.push(path);
  }
  return paths.sort();
}

/** The text of a file, by its path in the repository. */
export function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** An import, and when it is loaded. */
export interface FoundImport extends Import {
  /** True if the module is loaded when the code asks for it. */
  readonly isDynamic: boolean;
}

/** Returns the imports of a source, as the parser sees them. */
export function importsOf(from: string, source: string): FoundImport[] {
  const found: FoundImport[] = [];
  const collect: Deno.lint.Plugin = {
    name: "graph",
    rules: {
      collect: {
        create: () =>
          visitImports((node, specifier, { typeOnly }) => {
            const isDynamic = node.type === "ImportExpression";
            found.push({ from, to: resolveImport(from, specifier), typeOnly, isDynamic });
          }),
      },
    },
  };
  Deno.lint.runPlugin(collect, from, source);
  return found;
}

let graph: readonly FoundImport[] | undefined;

/** Every import of every source. Parsed once for all tests of a file. */
export function importGraph(): readonly FoundImport[] {
  return graph ??= sources().flatMap((path) => importsOf(path, textOf(path)));
}

/** The modules that are loaded before the code of a module runs, that module included. */
export function loadedWith(start: string): ReadonlySet<string> {
  const loaded = new Set([start]);
  for (const module of loaded) {
    for (const { from, to, typeOnly, isDynamic } of importGraph()) {
      if (from === module && !typeOnly && !isDynamic) loaded.add(to);
    }
  }
  return loaded;
}
