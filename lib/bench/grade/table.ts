/** Grades as a table of 80 columns: figures, each with the bound that it must stay under. */

import type { Challenge } from "./challenges.ts";
import type { Grade } from "./grade.ts";
import { figure, type Style } from "../terminal/summary.ts";

/** The number of lines of a node's output that are shown with a reason. */
const QUOTED_LINES_MAX = 3;

const HEAD = row(["", "challenge", "", "msgs/op", "stable after, ms", "avail."]);

/** The meaning of the columns. */
const LEGEND = [
  "msgs/op: messages between nodes per operation; stable after: median/largest time",
  "until all nodes knew a value; avail.: part of the operations that succeeded.",
  "<30 means that less than 30 is asked, =1 that all must succeed.",
];

/** The table's legend and head. */
export function tableHead(style: Style): string {
  return [...LEGEND, "", HEAD].map(style.dim).join("\n");
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
  const reasons = [...new Set(grade.reasons)].flatMap(brief);
  const seen = [...grade.shortfalls.map((text) => `valid as on Maelstrom, but ${text}`), ...grade.faults];
  return [painted, ...[...reasons, ...seen.map(style.dim)].map((text) => `      ${text}`)].join("\n");
}

/** Returns a reason's first line and the last ones of what a node wrote: there its traceback names the mistake. */
function brief(reason: string): string[] {
  const [first = "", ...rest] = reason.split("\n").filter((line) => line.trim() !== "");
  const left = rest.length - QUOTED_LINES_MAX;
  return [first, ...(left > 0 ? ["    …"] : []), ...rest.slice(-QUOTED_LINES_MAX)];
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
