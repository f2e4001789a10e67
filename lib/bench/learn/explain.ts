/** What came of an attempt, in plain words. */

import { isObject } from "../../protocol/schema.ts";
import type { Challenge } from "../grade/challenges.ts";
import type { Grade } from "../grade/grade.ts";
import { describeFaults } from "../nemesis/fault_effects.ts";
import { findingLines, indented } from "../findings/finding_lines.ts";
import { findingsOf } from "../findings/findings.ts";
import { plural } from "../format.ts";
import { runParts, type RunRecord } from "../store/run_record.ts";
import { figure } from "../terminal/summary.ts";
import type { Swept } from "./variations.ts";

export { indented } from "../findings/finding_lines.ts";

/** Findings that change no verdict, and often say why there is none. */
const TOLD_BESIDE: ReadonlySet<string> = new Set(["client-errors", "refused-lines"]);
/** The number of findings that are told. */
const FINDINGS_MAX = 3;
/** The number of lines of a node's own output that are quoted: the last ones. */
const QUOTED_LINES_MAX = 12;
/** The number of characters of a line that are shown; the end is kept, because it often says what is wrong. */
const LINE_MAX = 400;

/** What was measured, a line each, with the bounds; figures stand for the first run, and only if that was valid. */
export function figureLines({ bounds }: Challenge, grade: Grade, record: RunRecord | undefined): string[] {
  const stats = record?.result["stats"];
  const counts = isObject(stats) && typeof stats["count"] === "number"
    ? [
      `${plural(stats["count"], "operation")}: ${stats["ok-count"]} ok, ${stats["fail-count"]} failed, ${
        stats["info-count"]
      } indeterminate`,
    ]
    : [];
  const [first] = grade.runs;
  if (first?.valid !== true || record === undefined) return counts;
  const which = grade.runs.length > 1 ? "without faults: " : "";
  const bound = (value: number | undefined) => value === undefined ? "" : ` (to be under ${value})`;
  const perOp = grade["msgs-per-op"];
  if (perOp !== null && perOp > 0) {
    counts.push(`${which}${figure(perOp)} messages for each operation${bound(bounds.msgsPerOp)}`);
  }
  const latency = grade["stable-latency-ms"];
  if (latency !== null) {
    const { "0.5": median, "1": most } = latency;
    counts.push(
      `${which}known everywhere after ${median} ms in the median${
        bound(bounds.medianMs)
      }, ${most} ms at most${bound(bounds.maxMs)}`,
    );
  }
  return [...counts, ...describeFaults(grade.runs[0]?.faults ?? [])];
}

/** What further seeds showed, a line for each line of the challenge. */
export function sweptLines(swept: readonly Swept[]): string[] {
  return swept.flatMap(({ counted, spared, failure }) => {
    const odd = spared === 0
      ? ""
      : `; ${plural(spared, "seed")} did not count, because a fault changed nothing there`;
    if (failure !== undefined) {
      return [`seed ${failure.job.seed} fails`];
    }
    return [`${plural(counted, "other seed")} passed, too${odd}`];
  });
}

/** The smallest failing run, under a heading. */
export function storyLines(story: readonly string[]): string[] {
  return story.length === 0
    ? []
    : ["  The smallest run that shows it:", ...story.map((line) => `    ${line}`), ""];
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
  if (error !== undefined) {
    paragraphs.push(quoted(error.split("\n").filter((line) => !isOurs(line)).map(clip)));
  } else if (record !== undefined) {
    const all = findingsOf(record.result, record.history, runParts(record));
    paragraphs.push(caveats(record));
    const grave = all.filter(({ weight }) => weight !== "informs");
    // That the check came to no end says nothing where something is wrong.
    const findings = grave.some(({ weight }) => weight === "invalid")
      ? grave.filter(({ weight }) => weight === "invalid")
      : grave;
    for (const finding of findings.slice(0, FINDINGS_MAX)) {
      paragraphs.push(findingLines(finding, { explained: true }));
    }
    if (findings.length > FINDINGS_MAX) {
      paragraphs.push([`And ${plural(findings.length - FINDINGS_MAX, "more kind")}.`]);
    }
    const bounds = grade.reasons.filter((reason) => !/^(invalid|no verdict)/.test(reason));
    const isTold = findings.length > 0 || bounds.length > 0 || caveats(record).length > 0;
    const told = isTold ? bounds : grade.reasons;
    paragraphs.push(...told.map((reason) => [sentence(reason)]));
    if (grade.shortfalls.length > 0) {
      paragraphs.push([
        ...grade.shortfalls.map(sentence),
        "  Maelstrom does not count this, so that such a run is valid there. It does not solve the exercise.",
      ]);
    }
    if (grade.valid !== true) {
      paragraphs.push(
        ...all.filter(({ weight, name }) => weight === "informs" && TOLD_BESIDE.has(name))
          .map((finding) => findingLines(finding)),
        thrown(record.logs, source),
      );
    }
  }
  paragraphs.push(strangers(source));
  return paragraphs.filter((lines) => lines.length > 0).flatMap((lines) => [
    ...lines.flatMap((line) => line.startsWith(QUOTE) ? [`  ${line}`] : indented(line)),
    "",
  ]);
}

/** Why nothing was proven, a sentence each. */
function caveats({ result }: RunRecord): string[] {
  const { caveats } = result;
  if (!Array.isArray(caveats) || result["valid"] === true) return [];
  return caveats.filter(isObject).map(({ text }) => String(text));
}

/** The indentation of what a node wrote: such lines are not wrapped. */
const QUOTE = "    ";

/** Keeps the first line of a text, and the last lines of what it quotes. */
function quoted(lines: readonly string[]): string[] {
  const left = lines.length - QUOTED_LINES_MAX;
  return left <= 1 ? [...lines] : [...lines.slice(0, 1), `${QUOTE}…`, ...lines.slice(left)];
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

/** Cuts the middle out of a long text: a traceback's last line and a wrong field's name stand at the end. */
function clip(text: string): string {
  if (text.length <= LINE_MAX) return text;
  const half = LINE_MAX / 2;
  return `${text.slice(0, half)} … ${text.slice(-half)}`;
}
