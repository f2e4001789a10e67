/** The library as others use it: the example repository with Deno, and as an npm package with Node. */

import { transformSync } from "amaro";
import { assertEquals, assertMatch } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { folderTest } from "../folder.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PROJECT = `${ROOT}tests/examples/project`;
const PERMISSIONS = ["run", "env"] as const;

/** Runs a program in a folder, and returns all that it printed. */
async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals(success, true, text);
  return text;
}

/** Returns the version of Node; undefined if it cannot run the package. */
function nodeVersion(): string | undefined {
  try {
    const { stdout } = new Deno.Command("node", { args: ["--version"], stdout: "piped" }).outputSync();
    const version = new TextDecoder().decode(stdout).trim();
    return Number(/^v(\d+)/.exec(version)?.[1]) >= 20 ? version : undefined;
  } catch {
    return undefined;
  }
}

folderTest("the example repository passes its tests with Deno", async (folder) => {
  for (const { name } of Deno.readDirSync(PROJECT)) {
    Deno.copyFileSync(`${PROJECT}/${name}`, `${folder}/${name}`);
  }
  // The published package is not reachable here: its entries are those of this repository.
  const imports = Object.fromEntries(
    Object.entries(manifest.exports).map(([entry, path]) => [
      `${manifest.name}${entry.slice(1)}`,
      new URL(path, `file://${ROOT}`).href,
    ]),
  );
  const own = JSON.parse(Deno.readTextFileSync(`${PROJECT}/deno.json`));
  Deno.writeTextFileSync(`${folder}/deno.json`, JSON.stringify({ ...own, imports }));
  const text = await run(Deno.execPath(), ["test", "--no-lock"], folder);
  assertMatch(text, /2 passed/);
}, { permissions: PERMISSIONS, slices: 2 });

folderTest("the example repository passes its tests with Node", async (folder) => {
  const library = `${folder}/node_modules/${manifest.name}`;
  Deno.mkdirSync(library, { recursive: true });
  const map = `--import-map=${ROOT}.make/std/import_map.json`;
  const script = ["run", "--quiet", "--no-check", "--allow-read", "--allow-write", "--allow-env", map];
  await run(Deno.execPath(), [...script, ".make/package.ts", library], ROOT);
  // Node runs TypeScript from version 22.18 on. The example is translated for earlier ones.
  for (const name of ["register", "register_test"]) {
    const { code } = transformSync(Deno.readTextFileSync(`${PROJECT}/${name}.ts`), { mode: "strip-only" });
    Deno.writeTextFileSync(`${folder}/${name}.mjs`, code.replaceAll("./register.ts", "./register.mjs"));
  }
  const text = await run("node", ["--test", "register_test.mjs"], folder);
  assertMatch(text, /pass 2\n/);
  // Every entry of the package loads.
  const load = Object.keys(JSON.parse(Deno.readTextFileSync(`${library}/package.json`)).exports)
    .map((entry) => `await import("${manifest.name}${entry.slice(1)}");`);
  Deno.writeTextFileSync(`${folder}/load.mjs`, load.join("\n"));
  await run("node", ["load.mjs"], folder);
}, { permissions: PERMISSIONS, slices: 2, ignore: nodeVersion() === undefined });
