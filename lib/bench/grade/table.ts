/** Grades as a table of 80 columns: each figure with its upper bound. Tested by `tests/bench/grade/grade_test.ts`. */

import type { Challenge } from "./challenges.ts";
import type { Grade } from "./grade.ts";
import type { Style } from "../terminal/style.ts";
import { shortNumber } from "../format.ts";

/** Maximum number of node output lines shown with a reason. */
const QUOTED_LINES_MAX = 3;

const HEAD = row(["", "challenge", "", "msgs/op", "stable after, ms", "avail."]);

/** Meaning of the columns. */
const LEGEND = [
  "msgs/op: messages between nodes per operation; stable after: median/largest time",
  "until all nodes knew a value; avail.: fraction of operations that succeeded.",
  "<30: the figure must be below 30; =1: all operations must succeed.",
];

/** Returns the table's legend and header. */
export function tableHead(style: Style): string {
  return [...LEGEND, "", HEAD].map(style.dim).join("\n");
}

/** Returns a challenge's row and the reasons for its failure. */
export function tableRow(challenge: Challenge, grade: Grade, style: Style): string {
  const { bounds } = challenge;
  const latency = grade.stableLatencyMs;
  const msgsPerOp = grade.messagesPerOperation;
  const line = row([
    challenge.id,
    challenge.title,
    grade.passed ? "pass" : "FAIL",
    msgsPerOp === null ? "" : withBound(shortNumber(msgsPerOp), bounds.msgsPerOp),
    latency === null ? "" : withBound(
      `${latency.median}/${latency.longest}`,
      bounds.medianMs && `${bounds.medianMs}/${bounds.maxMs}`,
    ),
    grade.availability === null
      ? ""
      : `${shortNumber(grade.availability)}${bounds.total === true ? " =1" : ""}`,
  ]);
  const painted = grade.passed ? style.good(line) : style.bad(line);
  const reasons = [...new Set(grade.reasons.map(({ text }) => text))].flatMap(brief);
  const seen = [...grade.shortfalls.map((text) => `valid as on Maelstrom, but ${text}`), ...grade.faults];
  return [painted, ...[...reasons, ...seen.map(style.dim)].map((text) => `      ${text}`)].join("\n");
}

/** Returns a reason's first line and the last lines of the node's output, because a traceback ends with the error. */
function brief(reason: string): string[] {
  const [first = "", ...rest] = reason.split("\n").filter((line) => line.trim() !== "");
  const left = rest.length - QUOTED_LINES_MAX;
  return [first, ...(left > 0 ? ["    …"] : []), ...rest.slice(-QUOTED_LINES_MAX)];
}

/** Returns a figure with its upper bound. */
function withBound(value: string, bound: number | string | undefined): string {
  return bound === undefined ? value : `${value} <${bound}`;
}

function row(cells: readonly string[]): string {
  const widths = [2, 30, 4, 10, 20, 6];
  return cells.map((cell, i) => i < 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)).join(" ")
    .trimEnd();
}
