/** Attacks on the sandbox. They need bubblewrap and Python. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { findSandbox } from "../../lib/bench/sandbox/sandbox.ts";
import { folderTest } from "../folder.ts";
import { writeProgram } from "../program.ts";
import { assertTook } from "../seeds.ts";
import { runBench, say } from "./bench_run.ts";
import { readGrades } from "../../lib/bench/grade/grades_file.ts";
import { zipOf } from "../bench/grade/archives.ts";
import { DEVOURERS, type EscapingProgram, HONEST, INTRUDER } from "./sandbox_programs.ts";

const mayRun = Deno.permissions.querySync({ name: "run" }).state === "granted" && Deno.build.os !== "windows";
const sandbox = mayRun ? await findSandbox() : undefined;
if (sandbox?.kind === "none") say(`attack: the sandbox is not tested, because ${sandbox.problem}`);
const ignore = sandbox?.kind !== "sandbox";

/** A folder that the user of sandboxed programs can enter. */
const OPEN_FOLDER = "/tmp";

/** Runs an attack for a second. Returns the node's log, the status and the results. */
async function attack(folder: string, { name, text }: EscapingProgram, args: readonly string[] = []) {
  const bin = `${folder}/own/node`;
  Deno.mkdirSync(`${folder}/own`, { recursive: true });
  Deno.chmodSync(folder, 0o755);
  writeProgram(bin, text);
  const store = `${folder}/store`;
  const line = ["test", "-w", "echo", "--bin", bin, "--node-count", "1", "--time-limit", "3", "--rate", "10"];
  const run = await runBench([...line, "--sandbox", "--store", store, "--", ...args]);
  assert(run.code < 3, `${name}: ${run.stdout}${run.stderr}`);
  const log = Deno.readTextFileSync(`${store}/latest/node-logs/n0.log`);
  const results = JSON.parse(Deno.readTextFileSync(`${store}/latest/results.json`));
  assertEquals(log.match(/^ESCAPED.*$/gm), null, `${name}: ${log}`);
  assertMatch(log, /^done$/m, `${name}: ${log}`);
  assertEquals(run.orphans, 0, name);
  return { run, log, results };
}

folderTest("a sandboxed program reads, writes, signals and reaches nothing outside", async (folder) => {
  Deno.mkdirSync(`${folder}/neighbor`);
  Deno.writeTextFileSync(`${folder}/neighbor/echo`, "solution");
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = server.addr;
  const paths = [`${folder}/neighbor/echo`, `${folder}/neighbor`, `${folder}/store`, folder, Deno.cwd()];
  const { run, log, results } = await attack(folder, INTRUDER, [...paths, String(port)]);
  assertEquals([run.code, results.valid], [0, true], `${run.stdout}\n${log}`);
  const remarks: readonly { readonly kind: string }[] = results.remarks ?? [];
  assertEquals(remarks.map(({ kind }) => kind), ["network-server"]);
}, { permissions: ["run"], ignore, parent: OPEN_FOLDER });

for (const program of DEVOURERS) {
  folderTest(`a sandbox bounds ${program.name}`, async (folder) => {
    const { run, log, results } = await attack(folder, program);
    const remarks: readonly { readonly kind: string }[] = results.remarks ?? [];
    const isCrowded = remarks.some(({ kind }) => kind === "process-limit");
    assertEquals(isCrowded, program.name === "a fork bomb", program.name);
    assert(run.memoryMb < 1000, `${run.memoryMb} MB`);
    assertTook(run.seconds, { lessThan: 15, what: program.name });
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", "grep -ls 'sleep.9876[5]' /proc/[0-9]*/cmdline | wc -l"],
    }).output();
    assertEquals(new TextDecoder().decode(stdout).trim(), "0", log);
  }, { permissions: ["run"], ignore, parent: OPEN_FOLDER });
}

/** Builds that use up the disk, hide a link to the outside, or write to a neighbor. The last one fails to, and goes on. */
const BUILDS = {
  bob: "dd if=/dev/zero of=big bs=1M count=20000",
  bea: "ln -s /etc/passwd echo",
  ben: "echo x >/source/../al/echo; echo x >../al/echo; rm -rf /tmp/* /source; true",
} as const;

folderTest(
  "a class with hostile submissions is graded to its end, and what they tried is named",
  async (folder) => {
    Deno.chmodSync(folder, 0o755);
    const submit = (student: string, files: Readonly<Record<string, string>>) => {
      Deno.mkdirSync(`${folder}/class/${student}`, { recursive: true });
      for (const [name, text] of Object.entries(files)) {
        Deno.writeTextFileSync(
          `${folder}/class/${student}/${name}`,
          text,
        );
      }
    };
    submit("al", { echo: HONEST.text });
    const paths = ["class/al/echo", "class", "out", "out/store", "."].map((path) => `${folder}/${path}`);
    submit("eve", {
      "echo": INTRUDER.text,
      "charybdis.json": JSON.stringify({ arguments: { "short": [...paths, "9"].join(" ") } }),
    });
    for (const [student, script] of Object.entries(BUILDS)) {
      submit(student, {
        "echo.py": HONEST.text,
        "build.sh": script,
      });
    }
    Deno.writeFileSync(`${folder}/class/zed.zip`, await zipOf([{ path: "../al/echo", text: "x" }]));
    const line = "-w echo --node-count 1 --time-limit 4 --rate 10";
    Deno.writeTextFileSync(
      `${folder}/grading.json`,
      JSON.stringify({ challenges: { short: { lines: [line] } } }),
    );
    const args = [
      "--submissions",
      `${folder}/class`,
      "--out",
      `${folder}/out`,
      "--grading",
      `${folder}/grading.json`,
    ];
    const build = ["--build", "[ ! -f build.sh ] || sh build.sh", "--keep-runs"];
    const run = await runBench(["grade", ...args, ...build]);
    const results = readGrades(`${folder}/out/grades.jsonl`)?.results ?? [];
    const told = JSON.stringify(results, undefined, 1);
    assertEquals([run.code, run.orphans], [2, 0], run.stderr);
    const points = results.map(({ student, points, problem }) => [student, points, problem !== ""]);
    assertEquals(points, [
      ["al", 1, false],
      ["bea", 0, true],
      ["ben", 1, false],
      ["bob", 0, true],
      ["eve", 1, false],
      ["zed", 0, true],
    ], told);
    const log = Deno.readTextFileSync(`${folder}/out/store/eve/echo/latest/node-logs/n0.log`);
    assertEquals([log.match(/^ESCAPED.*$/gm), /^done$/m.test(log)], [null, true], log);
    assertEquals(results[4]?.challenges[0]?.contained.length, 1, told);
    assertEquals(Deno.readTextFileSync(`${folder}/class/al/echo`), HONEST.text);
  },
  { permissions: ["run"], ignore, parent: OPEN_FOLDER },
);

folderTest(
  "a program in a folder that its user cannot enter is refused, with that folder",
  async (folder) => {
    Deno.chmodSync(folder, 0o700);
    Deno.writeTextFileSync(`${folder}/node`, "#!/bin/sh\n", { mode: 0o755 });
    const line = ["test", "-w", "echo", "--bin", `${folder}/node`, "--node-count", "1", "--time-limit", "1"];
    const { code, stderr } = await runBench([...line, "--sandbox", "--store", `${folder}/store`]);
    assertEquals(code, 255);
    assertStringIncludes(stderr, `cannot reach ${folder}`);
  },
  { permissions: ["run"], ignore: ignore || Deno.uid() !== 0, parent: OPEN_FOLDER },
);
