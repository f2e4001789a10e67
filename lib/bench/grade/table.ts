/** Grades as a table of 80 columns: figures, each with the bound that it must stay under. */

import type { Challenge } from "./challenges.ts";
import type { Grade } from "./grade.ts";
import { figure, type Style } from "../summary.ts";

const HEAD = row(["", "challenge", "", "msgs/op", "stable after, ms", "avail."]);

/** The table's head. */
export function tableHead(style: Style): string {
  return style.dim(HEAD);
}

/** A challenge's line, and what keeps it from passing. */
export function tableRow(challenge: Challenge, grade: Grade, style: Style): string {
  const { bounds } = challenge;
  const latency = grade["stable-latency-ms"];
  const msgsPerOp = grade["msgs-per-op"];
  const line = row([
    challenge.id,
    challenge.title,
    grade.passed ? "pass" : "FAIL",
    msgsPerOp === null ? "" : beside(figure(msgsPerOp), bounds.msgsPerOp),
    latency === null
      ? ""
      : beside(`${latency["0.5"]}/${latency["1"]}`, bounds.medianMs && `${bounds.medianMs}/${bounds.maxMs}`),
    grade.availability === null ? "" : `${figure(grade.availability)}${bounds.total === true ? " =1" : ""}`,
  ]);
  const painted = grade.passed ? style.good(line) : style.bad(line);
  const reasons = [...new Set(grade.reasons)].map((reason) => `      ${reason.split("\n")[0]}`);
  return [painted, ...reasons].join("\n");
}

/** A figure, and the bound that it must stay under. */
function beside(value: string, bound: number | string | undefined): string {
  return bound === undefined ? value : `${value} <${bound}`;
}

function row(cells: readonly string[]): string {
  const widths = [2, 30, 4, 10, 20, 6];
  return cells.map((cell, i) => i < 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)).join(" ")
    .trimEnd();
}
