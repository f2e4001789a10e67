/** A copy of the repository in which one place is mutated at a time. */

const ROOT = new URL("../../", import.meta.url).pathname;

/** The files that are copied. Executables are not, because they were built from unchanged sources. */
const COPIED = [".make", "deno.json", "lib", "nodes", "tests"] as const;

/** Memory that a run may use, MB: a broken loop may never stop asking for more. */
const HEAP_MB_MAX = 1500;

/** The outcome of a run of the tests. `by` names the first failed test, or another cause. */
export type Outcome =
  | { readonly noticed: false; readonly ms: number }
  | { readonly noticed: true; readonly by: string; readonly ms: number };

/** The copy. It is removed when the scope of its `using` ends. */
export class Sandbox implements Disposable {
  readonly #directory: string;
  readonly #options: readonly string[];

  constructor() {
    this.#directory = Deno.makeTempDirSync({ prefix: "charybdis-mutation-" });
    for (const name of COPIED) copy(`${ROOT}${name}`, `${this.#directory}/${name}`);
    this.#options = [
      "test",
      "--quiet",
      "--no-check",
      "--allow-all",
      "--fail-fast",
      "--reporter=tap",
      `--v8-flags=--max-old-space-size=${HEAP_MB_MAX}`,
      ...importMap(),
    ];
  }

  /** Runs tests with the text of one file replaced, if `change` is given. After `limitMs` a run counts as one that hangs. */
  async run(
    tests: readonly string[],
    { limitMs, change }: {
      readonly limitMs: number;
      readonly change?: { readonly file: string; readonly text: string };
    },
  ): Promise<Outcome> {
    const path = `${this.#directory}/${change?.file}`;
    const right = change === undefined ? undefined : Deno.readTextFileSync(path);
    if (change !== undefined) Deno.writeTextFileSync(path, change.text);
    try {
      return await this.#test(tests, limitMs);
    } finally {
      if (right !== undefined) Deno.writeTextFileSync(path, right);
    }
  }

  async #test(tests: readonly string[], limitMs: number): Promise<Outcome> {
    const start = performance.now();
    const child = new Deno.Command(Deno.execPath(), {
      args: [...this.#options, ...tests],
      cwd: this.#directory,
      env: { NO_COLOR: "1", CHARYBDIS_SOAK: "0" },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, limitMs);
    const { success, stdout, stderr } = await child.output();
    clearTimeout(timer);
    const ms = performance.now() - start;
    if (success) return { noticed: false, ms };
    const decoder = new TextDecoder();
    const by = late
      ? `timed out after ${Math.round(limitMs / 1000)} s`
      : firstFailure(decoder.decode(stdout)) ?? firstError(decoder.decode(stderr));
    return { noticed: true, by, ms };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#directory, { recursive: true });
  }
}

/** Returns the first failed test of a TAP report, after its file; undefined if there is none. */
export function firstFailure(tap: string): string | undefined {
  let file = "";
  for (const line of tap.split("\n")) {
    const [, path] = /^# \.\/(\S+)$/.exec(line) ?? [];
    file = path ?? file;
    const [, name] = /^\s*not ok \d+ - (.*)$/.exec(line) ?? [];
    if (name !== undefined) return `${file}: ${name}`;
  }
  return undefined;
}

/** Returns the error that ended a run outside of any test, such as a module that threw, or exhausted memory. */
function firstError(stderr: string): string {
  const line = stderr.split("\n").find((each) => /error/i.test(each)) ?? "the run died";
  return `outside any test: ${line.trim()}`;
}

function copy(from: string, to: string): void {
  if (Deno.statSync(from).isFile) return Deno.copyFileSync(from, to);
  Deno.mkdirSync(to, { recursive: true });
  for (const { name } of Deno.readDirSync(from)) copy(`${from}/${name}`, `${to}/${name}`);
}

/** The import map of this command, if there is one. */
function importMap(): readonly string[] {
  return /\/\.make\/std\//.test(import.meta.resolve("@std/assert"))
    ? ["--import-map=.make/std/import_map.json"]
    : [];
}
