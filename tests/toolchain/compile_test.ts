/** `.make/compile.sh`: an executable is there under its name when it is whole, and not before. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { folderTest } from "../folder.ts";
import { writeProgram } from "../program.ts";
import { type Outcome, Sandbox } from "./sandbox.ts";

const ENOUGH = "#!/bin/sh\necho Filesystem 1024-blocks Used Available\necho disk 9000000 0 9000000 0% /\n";

/** A Deno whose `compile` writes this program, in two parts. */
function compiler(program: string): string {
  return `#!/bin/sh
[ "$1" = bundle ] || [ "$1" = compile ] || { echo '{ "local": "'"$PWD"'/nodes/echo.ts" }'; exit 0; }
command=$1
while [ "$1" != --output ]; do shift; done
[ "$command" = compile ] || { echo joined >"$2"; echo map >"$2.map"; exit 0; }
printf '#!/bin/sh\\n' >"$2" && chmod +x "$2"
sleep 0.3
printf '%s\\n' '${program}' >>"$2"
`;
}

/** A folder in which `compile.sh bin/echo nodes/echo.ts` uses that compiler. */
function workshop(folder: string, deno: string, df: string): Sandbox {
  const sandbox = new Sandbox(folder, { df });
  const root = new URL("../../", import.meta.url).pathname;
  for (const name of ["compile.sh", "permissions"]) {
    Deno.copyFileSync(`${root}.make/${name}`, `${folder}/.make/${name}`);
  }
  Deno.mkdirSync(`${folder}/.toolchain`);
  // The compiler is not a program of PATH, so that it does not lie among what is built.
  writeProgram(`${folder}/deno`, deno);
  Deno.writeTextFileSync(
    `${folder}/.toolchain/env.mk`,
    `DENO := ${folder}/deno\nIMPORT_MAP := \nDENORT := \n`,
  );
  return sandbox;
}

/** Names in `built/`. */
const built = (folder: string) => [...Deno.readDirSync(`${folder}/built`)].map(({ name }) => name);

const compile = (sandbox: Sandbox): Promise<Outcome> =>
  sandbox.run("compile.sh", ["built/echo", "nodes/echo.ts"]);

const compileTest = (name: string, run: (folder: string) => Promise<void>) =>
  folderTest(name, async (folder) => {
    Deno.mkdirSync(`${folder}/built`);
    await run(folder);
  }, { permissions: ["run", "env"] });

compileTest("two concurrent makes of one executable both get a complete file", async (folder) => {
  const sandbox = workshop(folder, compiler("exit 0"), ENOUGH);
  const outcomes = await Promise.all([compile(sandbox), compile(sandbox)]);
  assertEquals(outcomes.map(({ code, said }) => ({ code, said })), [{ code: 0, said: [] }, {
    code: 0,
    said: [],
  }]);
  assertEquals(built(folder), ["echo"]);
  assertEquals(Deno.readTextFileSync(`${folder}/built/echo`), "#!/bin/sh\nexit 0\n");
  assertEquals([...Deno.readDirSync(`${folder}/.toolchain/deps`)].map(({ name }) => name), ["echo.d"]);
});

compileTest("an executable that does not start is deleted", async (folder) => {
  const { code, said } = await compile(workshop(folder, compiler("exit 3"), ENOUGH));
  assertEquals([code, said], [1, ["echo was compiled but does not start"]]);
  assertEquals(built(folder), []);
});

compileTest("an option that V8 does not know is left out", async (folder) => {
  const picky = compiler("exit 0").replace(
    "#!/bin/sh\n",
    `#!/bin/sh
case "$1 $2" in "eval --v8-flags=--unknown") exit 1 ;; "eval "*) exit 0 ;; esac
[ "$1" != compile ] || printf '%s\\n' "$@" >"$(dirname "$0")/given"
`,
  );
  const sandbox = workshop(folder, picky, ENOUGH);
  const given = async (flags: string): Promise<string[]> => {
    Deno.writeTextFileSync(`${folder}/.make/permissions`, `echo: ${flags}\n`);
    assertEquals((await compile(sandbox)).code, 0);
    return Deno.readTextFileSync(`${folder}/given`).split("\n").filter((each) => /v8|allow/.test(each));
  };
  assertEquals(await given("--v8-flags=--old=1,--unknown,--new --allow-read"), [
    "--v8-flags=--old=1,--new",
    "--allow-read",
  ]);
  assertEquals(await given("--v8-flags=--unknown --allow-read"), ["--allow-read"]);
  assertEquals(await given("--allow-read"), ["--allow-read"]);
});

compileTest(
  "a node is compiled from one file if there is a bundler, else from its modules",
  async (folder) => {
    const noting = (bundler: string) =>
      compiler("exit 0").replace(
        "#!/bin/sh\n",
        `#!/bin/sh
case $1 in
  bundle) ${bundler} ;;
  compile) printf '%s\\n' "$@" >"$(dirname "$0")/given" ;;
esac
`,
      );
    const sandbox = workshop(folder, noting("exit 1"), ENOUGH);
    const given = async (remarks: readonly string[]): Promise<string[]> => {
      const { code, said } = await compile(sandbox);
      assertEquals([code, said], [0, remarks]);
      return Deno.readTextFileSync(`${folder}/given`).trim().split("\n");
    };
    const modules = await given(["deno bundle failed, so built/echo will start a little more slowly"]);
    assertEquals(modules.at(-1), "nodes/echo.ts");
    writeProgram(`${folder}/deno`, noting(":"));
    const joined = await given([]);
    assertEquals(joined.at(-1), ".toolchain/joined/echo.js");
    assertEquals(joined[joined.indexOf("--include") + 1], ".toolchain/joined/echo.js.map");
    assertEquals(Deno.readTextFileSync(`${folder}/.toolchain/joined/echo.js`), "joined\n");
    const left = [...Deno.readDirSync(`${folder}/.toolchain`)].map(({ name }) => name).sort();
    assertEquals(left, ["deps", "env.mk", "joined"]);
  },
);

compileTest("a node whose types are wrong is not compiled", async (folder) => {
  const strict = compiler("exit 0").replace("#!/bin/sh\n", '#!/bin/sh\n[ "$1" != check ] || exit 1\n');
  const { code } = await compile(workshop(folder, strict, ENOUGH));
  assertEquals([code, built(folder)], [1, []]);
});

compileTest("a disk too full for an executable is reported before compilation", async (folder) => {
  const { code, said } = await compile(
    workshop(folder, compiler("exit 0"), ENOUGH.replaceAll("9000000", "90000")),
  );
  assertEquals(code, 1);
  assertStringIncludes(
    said[0] ?? "",
    "cannot build built/echo: that needs 250 MB temporarily, and the disk has 87 MB left.",
  );
  assertEquals(built(folder), []);
});
