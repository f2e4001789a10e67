/** What came of an attempt, in plain words. */

import type { Event, History } from "../../checkers/history.ts";
import { NEMESIS } from "../../checkers/history.ts";
import { isObject, show } from "../../protocol/schema.ts";
import { wrap } from "../../runtime/settings.ts";
import type { Challenge } from "../grade/challenges.ts";
import type { Grade } from "../grade/grade.ts";
import { type Finding, findingsOf } from "../report/findings.ts";
import type { RunRecord } from "../report/run_record.ts";
import { figure } from "../summary.ts";

const WIDTH = 80;
/** How many findings are told, and how many different answers that clients got. */
const FINDINGS_MAX = 3;
const ANSWERS_MAX = 3;
const LINE_MAX = 300;

/** What was measured, a line each, with the bounds. */
export function figureLines({ bounds }: Challenge, grade: Grade, record: RunRecord | undefined): string[] {
  const stats = record?.result["stats"];
  const latency = grade["stable-latency-ms"];
  const perOp = grade["msgs-per-op"];
  const bound = (value: number | undefined, unit = "") =>
    value === undefined ? "" : ` (to be under ${value}${unit})`;
  return [
    ...(isObject(stats) && typeof stats["count"] === "number"
      ? [
        `${stats["count"]} operations: ${stats["ok-count"]} ok, ${stats["fail-count"]} failed, ${
          stats["info-count"]
        } in doubt`,
      ]
      : []),
    ...(perOp === null || perOp === 0
      ? []
      : [`${figure(perOp)} messages for each operation${bound(bounds.msgsPerOp)}`]),
    ...(latency === null ? [] : [
      `known everywhere after ${latency["0.5"]} ms in the median${bound(bounds.medianMs)}, ${
        latency["1"]
      } ms at most${bound(bounds.maxMs)}`,
    ]),
  ];
}

/** Why an attempt did not pass, in paragraphs that are wrapped and indented. */
export function explanation(
  { grade, error, record, source }: {
    readonly grade: Grade;
    /** Why nothing could be judged. */
    readonly error: string | undefined;
    readonly record: RunRecord | undefined;
    /** The attempt's text, where it is a module. */
    readonly source: string | undefined;
  },
): string[] {
  const paragraphs: string[][] = [];
  if (error !== undefined) paragraphs.push(error.split("\n").filter((line) => !isOurs(line)).map(clip));
  else if (record !== undefined) {
    const findings = findingsOf(record.result, record.history).filter(({ weight }) => weight !== "informs");
    for (const finding of findings.slice(0, FINDINGS_MAX)) paragraphs.push(told(finding));
    if (findings.length > FINDINGS_MAX) {
      paragraphs.push([`And ${findings.length - FINDINGS_MAX} more kinds.`]);
    }
    if (findings.length === 0) paragraphs.push(...grade.reasons.map((reason) => [sentence(reason)]));
    if (grade.valid !== true) {
      paragraphs.push(answers(record.history), thrown(record.logs, source));
    }
  }
  paragraphs.push(strangers(source));
  return paragraphs.filter((lines) => lines.length > 0).flatMap((lines) => [
    ...lines.flatMap((line) => indented(line)),
    "",
  ]);
}

function told({ words, count, cases }: Finding): string[] {
  const [first] = cases;
  return [
    `${words.title}${count > 1 ? `, ${count} times` : ""}.`,
    `  ${words.what}`,
    ...(first?.sentences.slice(0, 3).map((each) => `  For example: ${clip(each)}`) ?? []),
    `  Often: ${words.cause}`,
  ];
}

/** What clients were answered in place of what they asked for, most frequent first. */
function answers(history: History): string[] {
  const counts = new Map<string, number>();
  for (const event of history) {
    const answer = answerOf(event);
    if (answer !== undefined) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const lines = sorted.slice(0, ANSWERS_MAX).map(([answer, count]) => `  ${count} times: ${clip(answer)}`);
  return lines.length === 0 ? [] : ["Clients were answered:", ...lines];
}

function answerOf({ process, type, error, f }: Event): string | undefined {
  if (process === NEMESIS || (type !== "fail" && type !== "info") || error === undefined) return undefined;
  if (error === "net-timeout") return `nothing, until they gave up (${f})`;
  return Array.isArray(error)
    ? error.map((part) => typeof part === "string" ? part : show(part)).join(": ")
    : show(error);
}

/** What the first node logged of a handler that threw, and where in the learner's file that was. */
function thrown(logs: RunRecord["logs"], source: string | undefined): string[] {
  for (const [node, text] of logs) {
    const lines = text.split("\n");
    const at = lines.findIndex((line) => /handler of \S+ failed: /.test(line));
    const line = lines[at];
    if (line === undefined) continue;
    const frame = source === undefined
      ? undefined
      : lines.slice(at + 1).find((each) => !isOurs(each) && /^\s+at /.test(each));
    const place = /:(\d+):(\d+)\)?$/.exec(frame ?? "");
    const where = place === null ? "" : ` (line ${place[1]}, column ${place[2]})`;
    return [`The log of ${node} says:`, `  ${clip(line.replace(/^[\d.]+ /, ""))}${where}`];
  }
  return [];
}

/** A line of a stack that is the runtime's or the bench's, not the learner's. */
function isOurs(line: string): boolean {
  return /^\s+at .*\/lib\/(bench|runtime|sim|protocol)\//.test(line) || /^\s+at (async )?ext:/.test(line);
}

/** What a node cannot use in virtual time, and what is there instead. */
const INSTEAD: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(setTimeout|setInterval)\b/, "use node.after or node.every"],
  [/\b(Date|performance)\b/, "use node.now()"],
  [/\b(Math\.random|crypto)\b/, "use node.random"],
  [/\bconsole\b/, "use node.log: stdout belongs to messages"],
  [/\b(fetch|Deno\.(?!args))/, "a node has messages and node.storage alone"],
];

function strangers(source: string | undefined): string[] {
  if (source === undefined) return [];
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, "");
  const found = INSTEAD.flatMap(([pattern, instead]) => {
    const [name] = pattern.exec(code) ?? [];
    return name === undefined ? [] : [`  ${name}: ${instead}.`];
  });
  return found.length === 0 ? [] : ["Your file uses what does not work in virtual time:", ...found];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function clip(text: string): string {
  return text.length > LINE_MAX ? `${text.slice(0, LINE_MAX - 1)}…` : text;
}

/** Wraps a line; its own indentation is kept on every line that comes of it. */
export function indented(line: string, by = 2): string[] {
  const own = /^ */.exec(line)?.[0].length ?? 0;
  const space = " ".repeat(by + own);
  return wrap(line.slice(own), WIDTH - by - own).map((each) => `${space}${each}`);
}
