/** Grades in the formats of other programs: CSV, JUnit, Markdown, Gradescope. Tested by `tests/bench/grade/outputs_test.ts`. */

import { plural } from "../../format.ts";
import { type ChallengeResult, nameOf, type StudentResult } from "../student_result.ts";
import { classFigures } from "./class_figures.ts";

/** Returns the grades as CSV: a line per student, with the points of each challenge. */
export function gradesCsv(results: readonly StudentResult[]): string {
  const ids = classFigures(results).map(({ id }) => id);
  const rows = results.map(({ student, points, pointsMax, seconds, problem, challenges }) => {
    const byId = new Map(challenges.map((each) => [each.id, each.points]));
    return [student, points, pointsMax, ...ids.map((id) => byId.get(id) ?? 0), seconds, problem];
  });
  const head = ["student", "points", "max", ...ids, "seconds", "problem"];
  return [head, ...rows].map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

/** Quotes a cell. A text that a spreadsheet would compute gets an apostrophe, because students choose their file names. */
function csvCell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Returns the grades as JUnit's XML: a suite per student, a case per challenge. */
export function gradesJunit(results: readonly StudentResult[]): string {
  const suites = results.map(({ student, seconds, problem, challenges }) => {
    const failures = challenges.filter(({ passed }) => !passed).length;
    const attributes = `name="${xml(student)}" tests="${challenges.length}" failures="${failures}" errors="${
      problem === "" ? 0 : 1
    }" time="${seconds}"`;
    const error = problem === ""
      ? []
      : [`<testcase name="submission"><error message="${xml(problem)}"/></testcase>`];
    return [
      `<testsuite ${attributes}>`,
      ...error,
      ...challenges.map((each) => testCase(student, each)),
      "</testsuite>",
    ];
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...suites.flat(), "</testsuites>", ""]
    .join("\n");
}

function testCase(student: string, challenge: ChallengeResult): string {
  const { passed, cause, reasons, runs } = challenge;
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0).toFixed(1);
  const head = `<testcase classname="${xml(student)}" name="${xml(nameOf(challenge))}" time="${seconds}"`;
  if (passed) return `${head}/>`;
  return `${head}><failure message="${xml(cause)}">${xml(reasons.join("\n"))}</failure></testcase>`;
}

/** Escapes a text for XML, without the characters that XML cannot contain. */
function xml(text: string): string {
  const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? "")
    // deno-lint-ignore no-control-regex -- XML has no control characters
    .replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
}

/** Returns the grades as a table in Markdown, with the challenges that failed most. */
export function gradesMarkdown(results: readonly StudentResult[]): string {
  const figures = classFigures(results);
  const rows = results.map(({ student, points, pointsMax, problem, challenges }) => {
    const byId = new Map(challenges.map((each) => [each.id, each]));
    const cells = figures.map(({ id }) => {
      const each = byId.get(id);
      return each === undefined ? "" : each.passed ? "✓" : each.points > 0 ? `✗ ${each.points}` : "✗";
    });
    return [student, `${points}/${pointsMax}`, ...cells, problem.split("\n")[0] ?? ""];
  });
  const line = (cells: readonly string[]) => `| ${cells.map(markdownCell).join(" | ")} |`;
  const head = ["student", "points", ...figures.map(({ id }) => id), "problem"];
  return [
    "# Grades",
    "",
    line(head),
    line(head.map(() => "---")),
    ...rows.map(line),
    "",
    ...failedMost(figures).flatMap(({ passed, tried, failures, ...challenge }) => [
      `- ${nameOf(challenge)}: ${passed} of ${plural(tried, "submission")} passed.${
        failures[0] === undefined ? "" : ` Most often: ${markdownText(failures[0][0])} (${failures[0][1]}).`
      }`,
    ]),
    "",
  ].join("\n");
}

/** Returns the challenges that failed at all, those with most failures first. */
export function failedMost<T extends { readonly passed: number; readonly tried: number }>(
  figures: readonly T[],
): readonly T[] {
  const failures = ({ passed, tried }: T) => tried - passed;
  return figures.filter((each) => failures(each) > 0).toSorted((a, b) => failures(b) - failures(a));
}

function markdownCell(text: string): string {
  return text === "---" ? text : markdownText(text);
}

function markdownText(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|#]/g, (character) => `\\${character}`).replaceAll(/\s+/g, " ");
}

/** Returns a student's result in the format of Gradescope's results.json. */
export function gradescopeResults({ points, problem, seconds, challenges }: StudentResult): string {
  const tests = challenges.map(({ id, title, passed, points, pointsMax, cause, reasons }) => ({
    number: id,
    name: title,
    score: points,
    max_score: pointsMax,
    status: passed ? "passed" : "failed",
    output: passed ? "" : [cause, ...reasons.filter((reason) => reason !== cause)].join("\n"),
    visibility: "visible",
  }));
  const output = problem === "" ? "" : `The submission could not be graded: ${problem}`;
  const result = { score: points, execution_time: seconds, output, visibility: "visible", tests };
  return `${JSON.stringify(result, undefined, 1)}\n`;
}
