/** A machine of the tests' own: `.make/toolchain.sh` in an empty folder, and no programs on PATH but those that a test gives it. */

import { writeProgram } from "../program.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Programs that the script itself uses. */
const SYSTEM =
  "awk basename cat chmod cp cut df dirname env find grep head kill mkdir mv rm sed sha256sum shasum sleep sort timeout tr uname wc"
    .split(" ");

/** Versions as the tests have them, so that the project's own may move. */
const VERSIONS = {
  DENO_MIN: "2.7.8",
  DENO_NPM: "2.7.11",
  DENO_NEWEST: "2.9.6",
  DENO_BELOW: "3.0.0",
  DENO_BORROWED_BELOW: "2.9.0",
};

/** The outcome and output of a run. */
export interface Outcome {
  readonly code: number;
  /** Lines of stderr, without the `charybdis: ` that they begin with; `? ` before those that do not. */
  readonly said: readonly string[];
}

/** A Deno as far as the script can tell. */
export interface FakeDeno {
  readonly version: string;
  /** True if jsr.io answers. */
  readonly jsr?: boolean;
  /** True if the runtime for executables can be downloaded. */
  readonly runtime?: boolean;
}

/** The text of a program that answers as Deno does. */
export function fakeDeno({ version, jsr = true, runtime = true }: FakeDeno): string {
  return `#!/bin/sh
case $1 in
  --version) echo "deno ${version} (stable, release, x86_64-unknown-linux-gnu)" ;;
  cache) exit ${jsr ? 0 : 1} ;;
  compile) ${runtime ? `printf '#!/bin/sh\\nexit 0\\n' >"$5" && chmod +x "$5"` : "exit 1"} ;;
esac
`;
}

/** A `sleep` that notes for how long it was asked to sleep. 20 s pass within 0.1. */
export const NOTED_SLEEP =
  `#!/bin/sh\necho "$1" >>"$SANDBOX/slept"\n[ "$1" != 20 ] || set -- 0.1\nexec /bin/sleep "$@"\n`;

/** The text of an npm whose packages hold this Deno, and this file in place of a program that was compiled with Deno. */
export function fakeNpm(
  deno: string,
  { compiled = "", after }: {
    readonly compiled?: string;
    /** The installation ends after this many starts of {@linkcode NOTED_SLEEP} with that argument. */
    readonly after?: { readonly sleeps: number; readonly seconds: number };
  } = {},
): string {
  const { sleeps = 0, seconds = 0 } = after ?? {};
  return `#!/bin/sh
echo "$@" >>"$SANDBOX/npm.log"
: >>"$SANDBOX/slept"
until [ "$(grep -cx ${seconds} "$SANDBOX/slept")" -ge ${sleeps} ]; do /bin/sleep 0.05; done
for package; do :; done
modules=$3/node_modules/\${package%@*}
mkdir -p "$modules"
cat >"$modules/deno" <<'DENO'
${deno}DENO
chmod +x "$modules/deno"
printf '%s' '${compiled}' >"$modules/program"
`;
}

/** The text of an npm that fails with these words. */
export function failingNpm(words: string): string {
  return `#!/bin/sh
mkdir -p "$3/node_modules/half"
cat >&2 <<'WORDS'
${words}
WORDS
exit 1
`;
}

/** A folder with the script, and a `bin/` that is all of PATH. */
export class Sandbox {
  constructor(readonly folder: string, programs: Readonly<Record<string, string | Uint8Array>> = {}) {
    Deno.mkdirSync(`${folder}/bin`);
    Deno.mkdirSync(`${folder}/.make`);
    for (const path of [".make/toolchain.sh", ".make/versions", "deno.json"]) {
      Deno.copyFileSync(`${ROOT}${path}`, `${folder}/${path}`);
    }
    this.versions(VERSIONS);
    for (const name of SYSTEM) this.#link(name);
    for (const [name, text] of Object.entries(programs)) this.program(name, text);
  }

  /** Puts a program on PATH; returns where it is. */
  program(name: string, text: string | Uint8Array): string {
    const path = `${this.folder}/bin/${name}`;
    writeProgram(path, text);
    return path;
  }

  /** Changes values of `.make/versions`. */
  versions(values: Readonly<Record<string, string>>): void {
    const lines = Object.entries(values).map(([name, value]) => `${name}="${value}"\n`);
    Deno.writeTextFileSync(`${this.folder}/.make/versions`, lines.join(""), { append: true });
  }

  /** Runs `toolchain.sh find`. */
  find(environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return this.run("toolchain.sh", ["find"], environment);
  }

  /** Runs a script of `.make/`. */
  run(
    script: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> {
    return this.#output("/bin/sh", [`${this.folder}/.make/${script}`, ...args], environment);
  }

  /** Puts make and the Makefile there. */
  withMake(): void {
    Deno.copyFileSync(`${ROOT}Makefile`, `${this.folder}/Makefile`);
    for (const name of ["make", "sh"]) this.#link(name);
  }

  /** Runs make. */
  make(goals: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return this.#output(
      `${this.folder}/bin/make`,
      ["-C", this.folder, "--no-print-directory", ...goals],
      environment,
    );
  }

  /** Puts a program of the system on PATH, if there is one. */
  #link(name: string): void {
    const path = ["/usr/bin", "/bin"].map((at) => `${at}/${name}`).find((file) => exists(file));
    if (path !== undefined) Deno.symlinkSync(path, `${this.folder}/bin/${name}`);
  }

  async #output(
    program: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<Outcome> {
    const { code, stderr } = await new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: { PATH: `${this.folder}/bin`, HOME: this.folder, SANDBOX: this.folder, ...environment },
      stdout: "null",
      stderr: "piped",
    }).output();
    const lines = new TextDecoder().decode(stderr).split("\n").filter((line) => line !== "");
    return {
      code,
      said: lines.map((line) =>
        line.startsWith("charybdis: ") ? line.slice("charybdis: ".length) : `? ${line}`
      ),
    };
  }

  /** The value of a name in `.toolchain/env.mk`; undefined if there is no such file. */
  found(name: string): string | undefined {
    const path = `${this.folder}/.toolchain/env.mk`;
    if (!exists(path)) return undefined;
    return new RegExp(`^${name} := (.*)$`, "m").exec(Deno.readTextFileSync(path))?.[1];
  }

  /** Names in `.toolchain/`, without the log. */
  left(): string[] {
    return [...Deno.readDirSync(`${this.folder}/.toolchain`)].map(({ name }) => name).filter((name) =>
      name !== "log"
    )
      .sort();
  }

  /** The number of times that npm was asked to install something. */
  get installs(): number {
    const path = `${this.folder}/npm.log`;
    return exists(path) ? Deno.readTextFileSync(path).trim().split("\n").length : 0;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
