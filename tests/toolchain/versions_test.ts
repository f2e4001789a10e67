/** Versions are written once: what repeats one is generated from it, or held to it here. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import importMapFile from "../../.make/std/import_map.json" with { type: "json" };
import { importMap, standIns } from "../../.make/std/write_import_map.ts";
import { readable } from "../lint/repository.ts";

const ROOT = new URL("../../", import.meta.url);
const textOf = (path: string) => Deno.readTextFileSync(new URL(path, ROOT));

/** A value of `.make/versions`. */
function version(name: string): string {
  const value = new RegExp(`^${name}=(.*)$`, "m").exec(textOf(".make/versions"))?.[1];
  assert(value !== undefined, `.make/versions has no ${name}`);
  return value;
}

Deno.test("the import map of the stand-ins is up to date with deno.json", {
  ignore: !readable,
}, () => {
  assertEquals(importMapFile, importMap(manifest.imports, standIns(new URL(".make/std/", ROOT))));
});

Deno.test("every import of deno.json has an exact version", () => {
  for (const [name, target] of Object.entries(manifest.imports)) {
    assert(/^(jsr|npm):(@[\w-]+\/)?[\w.-]+@\d+\.\d+\.\d+(\/.*)?$/.test(target), `${name}: ${target}`);
  }
});

Deno.test("the workflows test the oldest, npm's and the newest Deno, and release with the newest", {
  ignore: !readable,
}, () => {
  const ci = textOf(".github/workflows/ci.yml");
  assertStringIncludes(ci, `deno: ["${version("DENO_MIN")}", "${version("DENO_NPM")}", v2.x]`);
  const other = [...ci.matchAll(/deno-version: (?:"(.*?)"|(\S+)) \}/g)].map((match) => match[1] ?? match[2]);
  assertEquals(new Set(other), new Set(["${{ matrix.deno }}", "v2.x"]));
  const release = textOf(".github/workflows/release.yml");
  assertEquals(
    [...release.matchAll(/deno-version: (?:"(.*?)"|(\S+)) \}/g)].map((match) => match[1] ?? match[2]),
    ["v2.x"],
  );
});

Deno.test("the README names the oldest and the newest tested Deno", { ignore: !readable }, () => {
  const readme = textOf("README.md").replaceAll(/\s+/g, " ");
  assertStringIncludes(readme, `[Deno](https://deno.com) ${version("DENO_MIN")} or newer`);
  const tried = `${version("DENO_MIN")}, ${version("DENO_NPM")} and ${version("DENO_NEWEST")}`;
  assertStringIncludes(readme, `pass with Deno ${tried}`);
});

Deno.test("each `deno task` calls make", () => {
  const tasks = Object.entries(manifest.tasks);
  assertEquals(tasks.map(([name]) => name), ["fmt", "lint", "check", "test", "soak", "bench"]);
  for (const [name, { command }] of tasks) assertEquals(command, `make ${name}`);
});
