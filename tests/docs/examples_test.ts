/** The documentation of the library: every export is documented, and every example holds. */

import { assert, assertEquals } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { nodeTemplate, workloadTemplate } from "../../lib/bench/cli/new_templates.ts";
import { LESSONS } from "../../lib/bench/learn/lessons/mod.ts";
import { isObject } from "../../lib/protocol/schema.ts";
import { isInSlice } from "../seeds.ts";
import { examplesIn } from "./examples.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const permitted = (["read", "write", "run", "env"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);
/** The pages of the parts that others use alone. */
const LIBRARY_PAGES = ["lib/sim/README.md", "lib/checkers/README.md", "lib/bench/workloads/README.md"];
const ENTRY_POINTS = Object.values(manifest.exports);

/** Every source below a folder, and its files by name. */
function sources(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}${folder}`)].flatMap(({ name, isDirectory }) =>
    isDirectory ? sources(`${folder}/${name}`) : name.endsWith(".ts") ? [`${folder}/${name}`] : []
  ).sort();
}

function topLevel(end: string): string[] {
  return [...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) => name.endsWith(end)).sort();
}

const documented = permitted
  ? ["lib/checkers", "lib/protocol", "lib/runtime", "lib/sim", "lib/bench/workloads"].flatMap(sources)
  : [];
const examples = [
  ...(permitted ? ["lib/mod.ts", ...documented] : []).flatMap((path) =>
    examplesIn(Deno.readTextFileSync(`${ROOT}${path}`), { path, comments: true })
  ),
  ...(permitted ? [...topLevel(".md"), ...LIBRARY_PAGES] : []).flatMap((path) =>
    examplesIn(Deno.readTextFileSync(`${ROOT}${path}`), { path, comments: false })
  ),
];

/** Runs a subcommand of this very Deno. */
async function deno(...args: readonly string[]): Promise<{ success: boolean; said: string; stdout: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stdout);
  return { success, stdout: text, said: text + new TextDecoder().decode(stderr) };
}

/** The import map that the repository is built with. */
function importMap(): readonly string[] {
  try {
    const text = Deno.readTextFileSync(`${ROOT}.toolchain/env.mk`);
    return /^IMPORT_MAP := (\S+)$/m.exec(text)?.slice(1) ?? [];
  } catch {
    return []; // built by hand, with the registries that deno.json names
  }
}

Deno.test("every export is documented, and refers to exported types only", {
  ignore: !permitted,
}, async () => {
  const { success, said } = await deno("doc", "--lint", ...importMap(), ...ENTRY_POINTS);
  assert(success, said);
});

Deno.test(
  "the public types of the library are explicit, so it can be published",
  { ignore: !permitted || !isInSlice(1, 4) },
  async () => {
    const { success, said } = await deno("publish", "--dry-run", "--allow-dirty", "--no-check");
    assert(success, said);
  },
);

Deno.test(
  "every exported function and class has an example",
  { ignore: !permitted || !isInSlice(2, 4) },
  async () => {
    const { success, stdout, said } = await deno("doc", "--quiet", "--json", ...importMap(), ...ENTRY_POINTS);
    assert(success, said);
    const without: string[] = [];
    let seen = 0;
    JSON.parse(stdout, (_, value: unknown) => {
      for (const { name, example } of callables(value)) {
        seen++;
        if (!example) without.push(name);
      }
      return value;
    });
    assert(seen > 40, `only ${seen} functions and classes were found`);
    assertEquals(without, []);
  },
);

/** The functions and classes that a symbol of `deno doc --json` declares. */
function callables(symbol: unknown): Array<{ readonly name: string; readonly example: boolean }> {
  if (!isObject(symbol) || !Array.isArray(symbol["declarations"])) return [];
  return symbol["declarations"].filter(isObject).filter(({ kind }) => kind === "function" || kind === "class")
    .map(({ jsDoc }) => ({
      name: String(symbol["name"]),
      example: JSON.stringify(jsDoc ?? {}).includes('"kind":"example"'),
    }));
}

Deno.test("examples and the starter files of lessons pass the type check", {
  ignore: !permitted || !isInSlice(3, 4),
}, async () => {
  const directory = Deno.makeTempDirSync();
  try {
    const files = [
      ...examples.map(({ code }) => code),
      ...LESSONS.map(({ template }) => template),
      workloadTemplate("w"),
      nodeTemplate("w"),
    ].map(
      (code, i) => {
        const file = `${directory}/${i}.ts`;
        Deno.writeTextFileSync(file, code);
        return file;
      },
    );
    const { success, said } = await deno("check", "--quiet", ...importMap(), ...files);
    const named = said.replaceAll(
      /file:\S+\/(\d+)\.ts/g,
      (at, i: string) => examples[Number(i)]?.place ?? at,
    );
    assert(success, named);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

for (const { place, code } of examples) {
  Deno.test(`the example at ${place} holds`, async () => {
    const directory = Deno.makeTempDirSync();
    try {
      Deno.writeTextFileSync(`${directory}/example.ts`, code);
      await import(`file://${directory}/example.ts`);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  });
}

Deno.test("examples are found with their place, in comments and in Markdown", () => {
  const comment = "/**\n * Adds.\n *\n * ```ts\n * add(1);\n *\n *   add(2);\n * ```\n */\n";
  assertEquals(examplesIn(comment, { path: "a.ts", comments: true }), [
    { place: "a.ts:4", code: "add(1);\n\n  add(2);\n" },
  ]);
  const markdown = "```sh\nmake\n```\n\n```ts\nadd(1);\n```\n";
  assertEquals(examplesIn(markdown, { path: "b.md", comments: false }), [{
    place: "b.md:5",
    code: "add(1);\n",
  }]);
});
