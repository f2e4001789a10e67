/** The grading of a class, with real processes. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { durationText, parseDuration } from "../../../lib/bench/grade/duration.ts";
import { readGrades } from "../../../lib/bench/grade/grades_file.ts";
import { seedOf } from "../../../lib/bench/grade/seeds.ts";
import type { StudentResult } from "../../../lib/bench/grade/student_result.ts";
import { folderTest } from "../../folder.ts";
import { runBench } from "../../attack/bench_run.ts";

/** Answers init and echo, from /bin/sh. */
const ECHO = `#!/bin/sh
field() { printf "%s" "$1" | sed -n "s/.*\\"$2\\":\\"\\{0,1\\}\\([^,}\\"]*\\).*/\\1/p"; }
while read -r line; do
  src=$(field "$line" src) dest=$(field "$line" dest) id=$(field "$line" msg_id)
  case $line in
  *\\"init\\"*) body="\\"type\\":\\"init_ok\\"" ;;
  *) body="\\"type\\":\\"echo_ok\\",\\"echo\\":\\"$(field "$line" echo)\\"" ;;
  esac
  printf '{"src":"%s","dest":"%s","body":{%s,"in_reply_to":%s}}\\n' "$dest" "$src" "$body" "$id"
done
`;

const GRADING = JSON.stringify({
  secret: "spring",
  challenges: { short: { points: 3, lines: ["-w echo --node-count 1 --time-limit 0.5 --rate 5"] } },
});

/** Writes a class of four: one passes, one answers wrongly, one has no program, and one leads outside. */
function writeClass(folder: string): void {
  for (const student of ["al", "bo", "cy", "di"]) {
    Deno.mkdirSync(`${folder}/class/${student}`, { recursive: true });
  }
  Deno.writeTextFileSync(`${folder}/class/al/echo.sh`, ECHO);
  Deno.writeTextFileSync(`${folder}/class/bo/echo`, ECHO.replace("echo_ok", "wrong_ok"));
  Deno.symlinkSync("/bin/sh", `${folder}/class/di/echo`);
  Deno.writeTextFileSync(`${folder}/grading.json`, GRADING);
}

function argumentsOf(folder: string, out: string): readonly string[] {
  const input = ["--submissions", `${folder}/class`, "--grading", `${folder}/grading.json`];
  return ["grade", ...input, "--no-sandbox", "--out", `${folder}/${out}`];
}

async function grade(folder: string, out: string, ...more: readonly string[]) {
  return await runBench([...argumentsOf(folder, out), ...more]);
}

/** Returns what does not depend on time. */
function essence({ student, points, problem, challenges }: StudentResult) {
  return [
    student,
    points,
    problem !== "",
    challenges.map(({ passed, runs }) => [passed, runs.map(({ seed }) => seed)]),
  ];
}

folderTest("a class is graded, taken up again, and graded alike in shards", async (folder) => {
  writeClass(folder);
  const whole = await grade(folder, "out");
  assertEquals([whole.code, whole.orphans], [2, 0], whole.stderr);
  const results = readGrades(`${folder}/out/grades.jsonl`)?.results ?? [];
  const seed = (student: string) => seedOf("spring", { student, line: lineOf(results), repetition: 0 });
  assertEquals(results.map(essence), [
    ["al", 3, false, [[true, [seed("al")]]]],
    ["bo", 0, false, [[false, [seed("bo")]]]],
    ["cy", 0, false, [[false, [null]]]],
    ["di", 0, true, []],
  ]);
  for (
    const file of ["grades.csv", "grades.xml", "grades.md", "index.html", "students/bo/challenge-short.html"]
  ) {
    assert(Deno.statSync(`${folder}/out/${file}`).size > 0, file);
  }
  assertStringIncludes(Deno.readTextFileSync(`${folder}/out/students/bo/index.html`), "<svg");
  assertEquals((await grade(folder, "out")).code, 254, "grades are not overwritten");

  const lines = Deno.readTextFileSync(`${folder}/out/grades.jsonl`).split("\n");
  Deno.writeTextFileSync(`${folder}/out/grades.jsonl`, `${lines.slice(0, 3).join("\n")}\n{"student":`);
  const again = await grade(folder, "out", "--resume");
  assertEquals(again.code, 2, again.stderr);
  assertEquals(again.stdout.match(/^(al|bo|cy|di) /gm), ["cy ", "di "]);
  assertEquals(readGrades(`${folder}/out/grades.jsonl`)?.results.map(essence), results.map(essence));
  assertEquals((await grade(folder, "out", "--resume", "--secret", "other")).code, 254);

  for (const index of [1, 2]) {
    assertEquals((await grade(folder, `s${index}`, "--shard", `${index}/2`)).code, index === 1 ? 1 : 2);
  }
  const merge = (...folders: readonly string[]) =>
    runBench(["merge", ...folders.map((name) => `${folder}/${name}`), "--out", `${folder}/joined`]);
  assertEquals((await merge("s1", "s2")).code, 2);
  const csv = (name: string) =>
    Deno.readTextFileSync(`${folder}/${name}/grades.csv`).replaceAll(/\d+\.?\d*,(?="|\r)|\d+\.?\d*,$/gm, "");
  assertEquals(csv("joined"), csv("out"));
  assert(Deno.statSync(`${folder}/joined/students/bo/challenge-short.html`).size > 0);
  assertStringIncludes((await merge("s1")).stdout, "2");
}, { permissions: ["run"], slices: 2 });

function isWritten(path: string): boolean {
  try {
    return Deno.statSync(path).size > 0;
  } catch {
    return false;
  }
}

folderTest(
  "a signal ends a grading without orphans, and the student in progress has no grade",
  async (folder) => {
    writeClass(folder);
    const long = GRADING.replace("--time-limit 0.5", "--time-limit 60");
    Deno.writeTextFileSync(`${folder}/grading.json`, long);
    // As soon as there are grades, and in the middle of a run.
    for (const afterMs of [0, 1500]) {
      const grades = `${folder}/${afterMs}/grades.jsonl`;
      const reached = () => isWritten(grades);
      const run = await runBench(argumentsOf(folder, String(afterMs)), {
        signal: { name: "SIGINT", afterMs, reached },
      });
      assertEquals([run.code, run.orphans, readGrades(grades)?.results], [130, 0, []]);
      assertStringIncludes(Deno.readTextFileSync(`${folder}/${afterMs}/index.html`), "al, bo, cy, di");
    }
  },
  { permissions: ["run"], slices: 2 },
);

folderTest("without a sandbox, a class is graded only on request", async (folder) => {
  writeClass(folder);
  const args = argumentsOf(folder, "out").filter((arg) => arg !== "--no-sandbox");
  const run = await runBench(args, { env: { PATH: "/none" } });
  assertEquals(run.code, 255);
  assertStringIncludes(run.stderr, "--no-sandbox");
}, { permissions: ["run"] });

folderTest("a submission whose time is used up starts no further line", async (folder) => {
  writeClass(folder);
  const { code } = await grade(folder, "out", "--budget", "0.001s");
  const [al] = readGrades(`${folder}/out/grades.jsonl`)?.results ?? [];
  assertEquals([code, al?.points, al?.challenges[0]?.runs[0]?.seed], [2, 0, null]);
}, { permissions: ["run"] });

function lineOf(results: readonly StudentResult[]): readonly string[] {
  return results[0]?.challenges[0]?.runs[0]?.arguments ?? [];
}

Deno.test("seeds differ between students, lines and repetitions, and depend on the secret alone", () => {
  const seed = (secret: string, student: string, repetition: number) =>
    seedOf(secret, { student, line: ["-w"], repetition });
  const all = [seed("a", "al", 0), seed("b", "al", 0), seed("a", "bo", 0), seed("a", "al", 1)];
  assertEquals(new Set(all).size, 4);
  assert(all.every((each) => Number.isSafeInteger(each) && each >= 0));
  assertEquals(seed("a", "al", 0), all[0]);
});

Deno.test("durations are read and written with their unit", () => {
  assertEquals(["90s", "8m", "1.5h", "8", "0m"].map(parseDuration), [90, 480, 5400, undefined, undefined]);
  assertEquals([48.2, 92, 480, 7500].map(durationText), ["48 s", "1 min 32 s", "8 min", "2 h 5 min"]);
});
