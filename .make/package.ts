/**
 * package.ts DIRECTORY: writes the library as an npm package of JavaScript modules, for Node and Bun. JSR makes the same of a
 * published version, with declarations of types; this one shows before that the library runs there.
 */

import { transformSync } from "amaro";
import manifest from "../deno.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url);
/** The entries that need nothing but the language. The others run nodes, which need Deno. */
const ENTRIES = ["./protocol", "./checkers", "./sim", "./workload"] as const;
const IMPORT = /(\bfrom\s*|\bimport\s*\(?\s*)"(\.\.?\/[^"]+)\.ts"/g;

/** Writes a module and all that it imports as JavaScript. */
function write(path: string, to: string, done: Set<string>): void {
  if (done.has(path)) return;
  done.add(path);
  const source = Deno.readTextFileSync(new URL(path, ROOT));
  const { code } = transformSync(source, { mode: "transform" });
  const target = `${to}/${path.replace(/\.ts$/, ".js")}`;
  Deno.mkdirSync(target.replace(/\/[^/]*$/, ""), { recursive: true });
  Deno.writeTextFileSync(target, code.replaceAll(IMPORT, '$1"$2.js"'));
  for (const [, , name] of code.matchAll(IMPORT)) {
    const imported = new URL(`${name}.ts`, new URL(path, ROOT)).pathname.slice(ROOT.pathname.length);
    write(imported, to, done);
  }
}

const [to] = Deno.args;
if (to === undefined) throw new Error("package.ts needs a directory to write to");
const done = new Set<string>();
const exported = ENTRIES.map((entry) => {
  const path = manifest.exports[entry].replace(/^\.\//, "");
  write(path, to, done);
  return [entry, `./${path.replace(/\.ts$/, ".js")}`] as const;
});
const { name, version, license } = manifest;
const description = { name, version, license, type: "module", exports: Object.fromEntries(exported) };
Deno.writeTextFileSync(`${to}/package.json`, `${JSON.stringify(description, undefined, 2)}\n`);
await Deno.stdout.write(new TextEncoder().encode(`charybdis: ${to}, ${done.size} modules\n`));
