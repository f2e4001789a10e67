/** `charybdis learn` as a learner uses it: the compiled executable, in an empty folder. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { learnCommand } from "../../../lib/bench/cli/learn.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";
import { folderTest } from "../../folder.ts";
import { writeProgram } from "../../program.ts";

const BIN = new URL("../../../bin/charybdis", import.meta.url).pathname;

/** Runs `charybdis learn …` in a folder, with an empty environment. */
async function learn(directory: string, ...args: readonly string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(BIN, {
    args: ["learn", ...args],
    cwd: directory,
    clearEnv: true,
    env: { PATH: `${directory}/path` },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  return { code, said: [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("") };
}

folderTest("a solved exercise leads to the next one", async (directory) => {
  const begin = await learn(directory);
  assertStringIncludes(begin.said, "> 1   Echo");
  assertStringIncludes(begin.said, "charybdis learn start 1");
  assertEquals([...Deno.readDirSync(directory)], []);

  const early = await learn(directory, "check");
  assertEquals(early.code, 254);
  assertStringIncludes(early.said, `file not found: learn/echo.ts. Run ${BIN} learn start 1`);

  const started = await learn(directory, "start");
  assertEquals(started.code, 0, started.said);
  assertStringIncludes(
    started.said,
    '{"src":"c1","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1"',
  );
  assertStringIncludes(started.said, '"body":{"type":"echo_ok","in_reply_to":1,"echo":');

  const wrong = await learn(directory, "check", "--open");
  assertEquals(wrong.code, 1, wrong.said);
  assertStringIncludes(wrong.said, "found no browser");
  assertStringIncludes(wrong.said, "Wrong echoes");
  const [page = ""] = /learn\/\S+report\.html/.exec(wrong.said) ?? [];
  assert(Deno.statSync(`${directory}/${page}`).size > 1000, "the page that is pointed to is there");

  const [first, second] = [await learn(directory, "hint"), await learn(directory, "hint")];
  assertStringIncludes(first.said, "2 more");
  assertStringIncludes(second.said, "1 more");

  // The template has types, and the executable has no compiler.
  const file = `${directory}/learn/echo.ts`;
  const text = Deno.readTextFileSync(file);
  Deno.writeTextFileSync(
    file,
    text.replace(/\(body\) => .*/, "(body: { readonly echo: unknown }) => ({ echo: body.echo as string }));"),
  );
  const right = await learn(directory, "check");
  assertEquals(right.code, 0, right.said);
  assertStringIncludes(right.said, "1  Echo: passed, at attempt 2.");
  assertStringIncludes(right.said, "60 operations: 60 ok");
  assertStringIncludes(right.said, "other seeds also passed");
  const [shown = ""] = /learn\/\S+report\.html/.exec(right.said) ?? [];
  assert(Deno.statSync(`${directory}/${shown}`).size > 1000, "a passing run has a page, too");
  assertStringIncludes(right.said, "charybdis learn start 2");

  const later = await learn(directory);
  assertStringIncludes(later.said, "1   Echo                            passed, 2 attempts, 2 hints");
  assertStringIncludes(later.said, "> 2   Unique ids");

  Deno.writeTextFileSync(file, `${Deno.readTextFileSync(file)}// changed\n`);
  assertStringIncludes((await learn(directory)).said, "passed before the last change");
  Deno.writeTextFileSync(file, text);
  await learn(directory, "check", "1");
  assertStringIncludes(
    (await learn(directory)).said,
    "> 1   Echo                            started, 3 attempts, 2 hints",
  );
}, { permissions: ["run"], slices: 4 });

folderTest("the learner's file is never overwritten", async (directory) => {
  Deno.mkdirSync(`${directory}/mine`);
  Deno.writeTextFileSync(`${directory}/mine/kafka.ts`, "// mine\n");
  const { said } = await learn(directory, "start", "5b", "--dir", "mine/");
  assertStringIncludes(said, "mine/kafka.ts exists already and is unchanged");
  assertEquals(Deno.readTextFileSync(`${directory}/mine/kafka.ts`), "// mine\n");
  assertStringIncludes(said, "charybdis learn check 5b --dir mine");
}, { permissions: ["run"], slices: 4 });

folderTest("a syntax error is shown with its place in the learner's file", async (directory) => {
  await learn(directory, "start", "1");
  Deno.writeTextFileSync(
    `${directory}/learn/echo.ts`,
    "export function echo(node: Node): void {\n  const x: = 1;\n}\n",
  );
  const { code, said } = await learn(directory, "check", "1");
  assertEquals(code, 1);
  assertStringIncludes(said, "cannot load learn/echo.ts: line 2, column 12");
}, { permissions: ["run"], slices: 4 });

folderTest("an interrupted attempt has no verdict and is not recorded", async (directory) => {
  await learn(directory, "start", "1");
  const child = new Deno.Command(BIN, {
    args: ["learn", "check", "1", "--bin", BIN.replace(/charybdis$/, "echo")],
    cwd: directory,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  while (!hasStarted(`${directory}/learn/store/latest/history.jsonl`)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGINT");
  const { code, stdout } = await output;
  const said = new TextDecoder().decode(stdout);
  assertEquals(code, 130, said);
  assertStringIncludes(said, "Interrupted by SIGINT: the attempt is not recorded.");
  assertStringIncludes((await learn(directory)).said, "> 1   Echo\n");
}, { permissions: ["run"], slices: 4 });

function hasStarted(history: string): boolean {
  try {
    return Deno.statSync(history).size > 0;
  } catch {
    return false;
  }
}

folderTest("the last line of a traceback is shown in full", async (directory) => {
  await learn(directory, "start", "1");
  const node = `${directory}/node.sh`;
  const frames = Array.from({ length: 30 }, (_, i) => `echo '  File "node.py", line ${i}, in f' >&2`);
  const last = "NameError: name 'colour' is not defined, and this line is longer than eighty characters are";
  writeProgram(node, ["#!/bin/sh", ...frames, `echo "${last}" >&2`, "exit 1", ""].join("\n"));
  const { code, said } = await learn(directory, "check", "1", "--bin", node);
  assertEquals(code, 1, said);
  assertStringIncludes(said, `    ${last}\n`);
}, { permissions: ["run"], slices: 4 });

folderTest(
  "`learn solution` needs the executable only, and prints a program that passes",
  async (directory) => {
    const bench = new URL("../../../bin/charybdis", import.meta.url).pathname;
    const { code, stdout } = await new Deno.Command(bench, { args: ["learn", "solution", "1"] }).output();
    assertEquals(code, 0);
    Deno.mkdirSync(`${directory}/learn`);
    Deno.writeFileSync(`${directory}/learn/echo.ts`, stdout);
    const checked = await learn(directory, "check", "1");
    assertEquals(checked.code, 0, checked.said);
  },
  { permissions: ["run"], slices: 4 },
);

folderTest("a mistyped id or word is refused with the nearest one", async (directory) => {
  for (
    const [args, expected] of [
      [["strat"], "unknown step of learn strat: did you mean start?"],
      [["start", "3"], "exercise 3 has parts: 3a, 3b, 3c, 3d, 3e"],
      [["check", "1", "2"], "learn check takes one exercise, but got 1, 2"],
      [["check", "1", "--bin", "./none"], "the file does not exist"],
    ] as const
  ) {
    await assertRejects(() => learnCommand([...args, "--dir", directory]), ArgumentError, expected);
  }
}, { permissions: ["run"], slices: 4 });

folderTest(
  "start --lang writes an executable script, and later steps keep the language",
  async (directory) => {
    const started = await learn(directory, "start", "1", "--lang", "python");
    assertEquals(started.code, 0, started.said);
    assertStringIncludes(started.said, "charybdis learn check 1 --bin learn/echo.py");
    assertEquals((Deno.statSync(`${directory}/learn/echo.py`).mode ?? 0) & 0o111, 0o111);
    const unknown = await learn(directory, "start", "1", "--lang", "pyton");
    assertEquals(unknown.code, 254);
    assertStringIncludes(unknown.said, "unknown language pyton: did you mean python?");

    writeProgram(`${directory}/learn/echo.py`, "#!/bin/sh\nexit 3\n");
    const checked = await learn(directory, "check", "1");
    assertEquals(checked.code, 1, checked.said);
    assertStringIncludes(checked.said, "status 3");

    // The next exercise is in the same language, unless another one is given.
    assertStringIncludes((await learn(directory)).said, "Next: edit learn/echo.py, then");
    await learn(directory, "start", "2");
    assert(Deno.statSync(`${directory}/learn/unique_ids.py`).isFile);
    const unbuilt = await learn(directory, "start", "4", "--lang", "go");
    assertStringIncludes(unbuilt.said, `${BIN} learn check 4 --bin learn/g_counter-go/node`);
    assertStringIncludes(
      (await learn(directory, "check", "4")).said,
      "file not found: learn/g_counter-go/node. Run (cd learn && cd g_counter-go && go build -o node .)",
    );
    await learn(directory, "start", "2", "--lang", "ts");
    assert(Deno.statSync(`${directory}/learn/unique_ids.ts`).isFile);
  },
  { permissions: ["run"], slices: 4 },
);

folderTest("a failed check opens the page of its smallest failing run", async (directory) => {
  await learn(directory, "start", "1");
  Deno.mkdirSync(`${directory}/path`);
  writeProgram(`${directory}/path/xdg-open`, '#!/bin/sh\nprintf %s "$1" >opened\n');
  const { said } = await learn(directory, "check", "1", "--open");
  const page = Deno.readTextFileSync(`${directory}/opened`);
  assertStringIncludes(said, `Report of the run: ${page}`);
  assert(Deno.statSync(`${directory}/${page}`).size > 1000);
  assert(Deno.statSync(`${directory}/${page.replace("report.html", "case.json")}`).isFile);
}, { permissions: ["run"], slices: 4, ignore: Deno.build.os !== "linux" });
