/** A copy of the project whose sentences are all the same text, and whose tests do not compare sentences. */

import { sources, textOf } from "../lint/repository.ts";
import { watchedNames, withoutSentences } from "./sentences.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const COPIED = [".make", "Makefile", "README.md", "deno.json", "lib", "nodes", "tests"] as const;
/** A folder whose texts are programs and commands in other languages. */
const PROGRAMS = "lib/bench/learn/starters";
const STRICT = "@std/assert-strict";
const LENIENT = "tests/texts/lenient_assert.ts";

/** The number of tests that ran, and the report of each that failed. */
export interface TestReport {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly output: string;
}

/** The copy. It is removed when the scope of its `using` ends. */
export class TextlessCopy implements Disposable {
  readonly directory: string = Deno.makeTempDirSync({ prefix: "charybdis-textless-" });
  /** The number of sentences that were replaced. */
  readonly sentences: number;

  constructor() {
    for (const name of COPIED) copy(`${ROOT}${name}`, `${this.directory}/${name}`);
    const names = new Set(
      [...sources("lib/"), ...sources("nodes/")].flatMap((path) => watchedNames(textOf(path))),
    );
    this.sentences = this.#maskFolder("lib", names) + this.#maskFolder("nodes", names);
    this.#edit(LENIENT, (text) => text.replaceAll('"@std/assert"', JSON.stringify(STRICT)));
    this.#edit("deno.json", (text) => mapped(text, `./${LENIENT}`));
    this.#edit(".make/std/import_map.json", (text) => mapped(text, `../../${LENIENT}`));
  }

  /** Compiles the executables that the tests run. Returns the output if that fails. */
  async build(names: readonly string[]): Promise<string | undefined> {
    Deno.mkdirSync(`${this.directory}/.toolchain`);
    Deno.copyFileSync(`${ROOT}.toolchain/env.mk`, `${this.directory}/.toolchain/env.mk`);
    for (const name of names) {
      const source = name === "charybdis" ? "lib/bench/main.ts" : `nodes/${name.replaceAll("-", "_")}.ts`;
      const { success, text } = await this.#run("sh", [".make/compile.sh", `bin/${name}`, source]);
      if (!success) return text;
    }
    return undefined;
  }

  /** Runs tests of the copy, except those in the files that `ignored` names. */
  async test(paths: readonly string[], ignored: readonly string[]): Promise<TestReport> {
    const { text } = await this.#run(Deno.execPath(), [
      "test",
      "--no-check",
      "--allow-all",
      ...importMap(),
      ...ignored.length === 0 ? [] : [`--ignore=${ignored.join(",")}`],
      ...paths,
    ]);
    const [, passed = "0"] = /^(?:ok|FAILED) \| (\d+) passed/m.exec(text) ?? [];
    const [, failures = ""] = text.split(/^ FAILURES $/m);
    const failed = failures.trim().split("\n").filter((line) => / => /.test(line));
    if (passed === "0" && failed.length === 0) failed.push(`no test ran: ${text.slice(-2000)}`);
    return { passed: Number(passed), failed, output: text };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.directory, { recursive: true });
  }

  async #run(command: string, args: readonly string[]): Promise<{ success: boolean; text: string }> {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args: [...args],
      cwd: this.directory,
      env: {
        NO_COLOR: "1",
        NO_CHECK: "--no-check",
        CHARYBDIS_SOAK: "0",
        DENO_DIR: Deno.env.get("DENO_DIR") ?? `${ROOT}.toolchain/cache`,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decoder = new TextDecoder();
    return { success, text: decoder.decode(stdout) + decoder.decode(stderr) };
  }

  #maskFolder(folder: string, names: ReadonlySet<string>): number {
    let count = 0;
    for (const { name, isDirectory } of Deno.readDirSync(`${this.directory}/${folder}`)) {
      const path = `${folder}/${name}`;
      if (path === PROGRAMS) continue;
      if (isDirectory) count += this.#maskFolder(path, names);
      else if (name.endsWith(".ts")) {
        this.#edit(path, (source) => {
          const { text, sentences } = withoutSentences(source, names);
          count += sentences;
          return text;
        });
      }
    }
    return count;
  }

  #edit(path: string, change: (text: string) => string): void {
    const file = `${this.directory}/${path}`;
    Deno.writeTextFileSync(file, change(Deno.readTextFileSync(file)));
  }
}

/** Returns an import map in which `@std/assert` is the lenient module. */
function mapped(json: string, lenient: string): string {
  const map = JSON.parse(json);
  return JSON.stringify({
    ...map,
    imports: { ...map.imports, [STRICT]: map.imports["@std/assert"], "@std/assert": lenient },
  });
}

function copy(from: string, to: string): void {
  if (Deno.statSync(from).isFile) return Deno.copyFileSync(from, to);
  Deno.mkdirSync(to, { recursive: true });
  for (const { name } of Deno.readDirSync(from)) copy(`${from}/${name}`, `${to}/${name}`);
}

/** The import map that this process was started with, if any. */
function importMap(): readonly string[] {
  return /\/\.make\/std\//.test(import.meta.resolve("@std/assert"))
    ? ["--import-map=.make/std/import_map.json"]
    : [];
}
