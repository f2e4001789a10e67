/**
 * Compares the grades of a class with those that it deserves, and shows where the time went.
 *
 *     deno run -A tests/bench/grade/check_class.ts GRADES CLASS.expected.json
 */

import { readGrades } from "../../../lib/bench/grade/grades_file.ts";
import type { Expected } from "./make_class.ts";

const [out = "grades", expectedPath = "class.expected.json"] = Deno.args;
const expected: Expected = JSON.parse(Deno.readTextFileSync(expectedPath));
const results = readGrades(`${out}/grades.jsonl`)?.results ?? [];
const lines: string[] = [];
let compared = 0;
let wrong = 0;
for (const { student, problem, challenges } of results) {
  const deserved = expected[student];
  if (deserved === undefined || (deserved === null) !== (problem !== "")) {
    wrong++;
    lines.push(`${student}: ${problem === "" ? "graded" : `refused: ${problem}`}`);
  }
  for (const { id, passed, reasons } of challenges) {
    const wanted = deserved?.[id] ?? null;
    if (wanted === null) continue;
    compared++;
    if (wanted === passed) continue;
    wrong++;
    lines.push(`${student} ${id}: ${passed ? "passed" : `failed: ${reasons[0]}`}`);
  }
}
const seconds = results.map((each) => each.seconds).sort((a, b) => a - b);
const sum = seconds.reduce((a, b) => a + b, 0);
lines.push(
  `${results.length} submissions, ${compared} grades compared, ${wrong} differ`,
  `${sum.toFixed(0)} s: median ${seconds[Math.floor(seconds.length / 2)]} s, at most ${
    seconds.at(-1)
  } s per submission`,
);
const byKind = Map.groupBy(results, ({ student }) => student.replace(/^s\d+-/, ""));
for (const [kind, all] of byKind) {
  lines.push(
    `  ${kind}: ${all.length}, ${(all.reduce((a, b) => a + b.seconds, 0) / all.length).toFixed(1)} s each`,
  );
}
Deno.stdout.writeSync(new TextEncoder().encode(`${lines.join("\n")}\n`));
