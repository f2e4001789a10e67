/** Explains the outcome of an attempt in plain words. Tested by `tests/bench/learn/attempt_test.ts`. */

import { isHandlerFailure } from "../../runtime/handler_failure.ts";
import { findApis } from "../cluster/module/unsupported_apis.ts";
import type { Challenge } from "../grade/challenges.ts";
import type { Grade } from "../grade/grade.ts";
import { describeFaults } from "../nemesis/fault_effects.ts";
import { findingLines, indented } from "../findings/finding_lines.ts";
import { findingsOf } from "../findings/findings.ts";
import { plural, shortNumber } from "../format.ts";
import { parseResult } from "../store/parse_result.ts";
import { runParts, type RunRecord } from "../store/run_record.ts";
import type { Fix } from "./lesson.ts";
import type { VariationResult } from "./variations.ts";

export { indented } from "../findings/finding_lines.ts";

/** Maximum number of findings shown. */
const FINDINGS_MAX = 3;
/** Maximum number of quoted lines of a node's output, counted from the end. */
const QUOTED_LINES_MAX = 12;
/** Maximum number of characters shown of a line. Keeps the end, because it often states the problem. */
const LINE_MAX = 400;

/** Returns the measured figures with their bounds, one per line. Figures come from the first run, if it was valid. */
export function figureLines({ bounds }: Challenge, grade: Grade, record: RunRecord | undefined): string[] {
  const { count, okCount, failCount, infoCount } = parseResult(record?.result).stats;
  const counts = count === undefined
    ? []
    : [`${plural(count, "operation")}: ${okCount} ok, ${failCount} failed, ${infoCount} indeterminate`];
  const [first] = grade.runs;
  if (first?.valid !== true || record === undefined) return counts;
  const which = grade.runs.length > 1 ? "without faults: " : "";
  const bound = (value: number | undefined) => value === undefined ? "" : ` (must be under ${value})`;
  const perOp = grade.messagesPerOperation;
  if (perOp !== null && perOp > 0) {
    counts.push(`${which}${shortNumber(perOp)} messages per operation${bound(bounds.msgsPerOp)}`);
  }
  const latency = grade.stableLatencyMs;
  if (latency !== null) {
    const { median, longest: most } = latency;
    counts.push(
      `${which}known everywhere after ${median} ms in the median${
        bound(bounds.medianMs)
      }, ${most} ms at most${bound(bounds.maxMs)}`,
    );
  }
  return [...counts, ...describeFaults(grade.runs[0]?.faults ?? [])];
}

/** Returns the outcome of further seeds, with one line for each test of the challenge. */
export function sweptLines(swept: readonly VariationResult[]): string[] {
  return swept.flatMap(({ counted, spared, failure }) => {
    const odd = spared === 0
      ? ""
      : `; ${plural(spared, "seed")} did not count, because a fault had no effect`;
    if (failure !== undefined) {
      return [`seed ${failure.job.seed} fails`];
    }
    return [`${plural(counted, "other seed")} also passed${odd}`];
  });
}

/** Returns the smallest failing run under a heading. */
export function storyLines(story: readonly string[]): string[] {
  return story.length === 0
    ? []
    : ["  The smallest run that fails in the same manner:", ...story.map((line) => `    ${line}`), ""];
}

/** Returns the correction of a planted mistake: the reason, then the lines to remove and to insert. */
export function fixLines({ changes, reason }: Fix): string[] {
  const marked = (text: string, mark: string) =>
    text.replace(/\n$/, "").split("\n").map((line) => `${mark} ${line}`);
  return [
    ...indented(reason),
    ...changes.flatMap(([before, after]) => ["", ...marked(before, "-"), ...marked(after, "+")]),
  ];
}

/** Returns why an attempt did not pass, in wrapped and indented paragraphs. */
export function explanation(
  { grade, error, record, source }: {
    readonly grade: Grade;
    /** Reason why no verdict was possible. */
    readonly error: string | undefined;
    readonly record: RunRecord | undefined;
    /** Source text of the attempt, if it is a module. */
    readonly source: string | undefined;
  },
): string[] {
  const paragraphs: string[][] = [];
  if (error !== undefined) {
    paragraphs.push(quoted(error.split("\n").filter((line) => !isFrameworkFrame(line)).map(clip)));
  } else if (record !== undefined) {
    const all = findingsOf(record.result, record.history, runParts(record));
    paragraphs.push(caveats(record));
    // First, because what follows is often due to output that was refused.
    const alsoShown = (name: string) =>
      all.filter((finding) => grade.valid !== true && finding.severity === "info" && finding.name === name)
        .map((finding) => findingLines(finding));
    paragraphs.push(...alsoShown("refused-lines"));
    const severe = all.filter(({ severity }) => severity !== "info");
    // An unfinished check adds nothing if anomalies were found.
    const findings = severe.some(({ severity }) => severity === "invalid")
      ? severe.filter(({ severity }) => severity === "invalid")
      : severe;
    for (const finding of findings.slice(0, FINDINGS_MAX)) {
      paragraphs.push(findingLines(finding, { explained: true }));
    }
    if (findings.length > FINDINGS_MAX) {
      paragraphs.push([`And ${plural(findings.length - FINDINGS_MAX, "more kind")}.`]);
    }
    const bounds = grade.reasons.filter(({ kind }) => kind !== "verdict");
    const isShown = findings.length > 0 || bounds.length > 0 || caveats(record).length > 0;
    const told = isShown ? bounds : grade.reasons;
    paragraphs.push(...told.map(({ text }) => [sentence(text)]));
    if (grade.shortfalls.length > 0) {
      paragraphs.push([
        ...grade.shortfalls.map(sentence),
        "  Maelstrom does not count this, so the run is valid there. It does not solve the exercise.",
      ]);
    }
    if (grade.valid !== true) {
      paragraphs.push(...alsoShown("client-errors"), thrown(record.logs, source));
    }
  }
  paragraphs.push(unsupportedApis(source));
  return paragraphs.filter((lines) => lines.length > 0).flatMap((lines) => [
    ...lines.flatMap((line) => line.startsWith(QUOTE) ? [`  ${line}`] : indented(line)),
    "",
  ]);
}

/** Returns why the runs prove nothing, one sentence each. */
function caveats({ result }: RunRecord): string[] {
  const { caveats, valid } = parseResult(result);
  return valid === true ? [] : caveats.map(({ text }) => text);
}

/** Indentation of node output. Such lines are not wrapped. */
const QUOTE = "    ";

/** Keeps the first line of a text, and the last lines of its quotation. */
function quoted(lines: readonly string[]): string[] {
  const left = lines.length - QUOTED_LINES_MAX;
  return left <= 1 ? [...lines] : [...lines.slice(0, 1), `${QUOTE}…`, ...lines.slice(left)];
}

/** Returns the first node's log of a handler that threw, with the place in the learner's file. */
function thrown(logs: RunRecord["logs"], source: string | undefined): string[] {
  for (const [node, text] of logs) {
    const lines = text.split("\n");
    const at = lines.findIndex(isHandlerFailure);
    const line = lines[at];
    if (line === undefined) continue;
    const frame = source === undefined
      ? undefined
      : lines.slice(at + 1).find((each) => !isFrameworkFrame(each) && /^\s+at /.test(each));
    const place = /:(\d+):(\d+)\)?$/.exec(frame ?? "");
    const where = place === null ? "" : ` (line ${place[1]}, column ${place[2]})`;
    return [`The log of ${node} says:`, `  ${clip(line.replace(/^[\d.]+ /, ""))}${where}`];
  }
  return [];
}

/** True if a line of a stack belongs to the runtime or the bench, not to the learner. */
function isFrameworkFrame(line: string): boolean {
  return /^\s+at .*\/lib\/(bench|runtime|sim|protocol)\//.test(line) || /^\s+at (async )?ext:/.test(line);
}

/** Returns the uses of APIs that a node cannot use in virtual time, with replacements. */
function unsupportedApis(source: string | undefined): string[] {
  const found = findApis(source ?? "", "unsupported").map(({ name, instead }) => `  ${name}: ${instead}.`);
  return found.length === 0 ? [] : ["Your file uses APIs that do not work in virtual time:", ...found];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Cuts a long text in its middle, because tracebacks and field errors end with the important part. */
function clip(text: string): string {
  if (text.length <= LINE_MAX) return text;
  const half = LINE_MAX / 2;
  return `${text.slice(0, half)} … ${text.slice(-half)}`;
}
