/** Grades as a table of 80 columns. */

import type { Challenge } from "./challenges.ts";
import type { Grade } from "./grade.ts";
import { figure, type Style } from "../summary.ts";

const HEAD = row(["", "challenge", "verdict", "msgs/op", "bound", "median/max ms", "bound", "avail."]);

/** The table's head. */
export function tableHead(style: Style): string {
  return style.dim(HEAD);
}

/** A challenge's line, and what keeps it from passing. */
export function tableRow(challenge: Challenge, grade: Grade, style: Style): string {
  const { bounds } = challenge;
  const latency = grade["stable-latency-ms"];
  const line = row([
    challenge.id,
    challenge.title,
    grade.passed ? "pass" : "FAIL",
    grade["msgs-per-op"] === null ? "" : figure(grade["msgs-per-op"]),
    bounds.msgsPerOp === undefined ? "" : `<${bounds.msgsPerOp}`,
    latency === null ? "" : `${latency["0.5"]}/${latency["1"]}`,
    bounds.medianMs === undefined ? "" : `<${bounds.medianMs}/${bounds.maxMs}`,
    grade.availability === null ? "" : `${figure(grade.availability)}${bounds.total === true ? "=1" : ""}`,
  ]);
  const painted = grade.passed ? style.good(line) : style.bad(line);
  const reasons = [...new Set(grade.reasons)].map((reason) => `      ${reason.split("\n")[0]}`);
  return [painted, ...reasons].join("\n");
}

function row(cells: readonly string[]): string {
  const widths = [2, 31, 7, 7, 5, 14, 10, 7];
  return cells.map((cell, i) => i < 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)).join(" ")
    .trimEnd();
}
