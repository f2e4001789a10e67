/** Summarizes a result in about a dozen lines. */

import type { JepsenHistoryResult } from "../../checkers/jepsen.ts";
import type { Validity } from "../../checkers/result.ts";
import { show } from "../../protocol/schema.ts";
import { describeFaults } from "../nemesis/fault_effects.ts";
import type { TestOptions } from "../run/options.ts";
import { plural, shortNumber, times } from "../format.ts";
import { isFile } from "../store/files.ts";
import { findingLines, indented } from "../findings/finding_lines.ts";
import type { ToldFinding } from "../findings/finding.ts";
import { findingsOf } from "../findings/findings.ts";
import { parseResult } from "../store/parse_result.ts";
import type { ParsedResult, ParsedWorkload } from "../store/parsed_result.ts";
import { REPORT_FILE } from "../store/run_record.ts";
import type { Style } from "./style.ts";
import { type TestResult, VERDICT_LINES } from "../run/verdict.ts";

/** The maximum width of a line. */
const WIDTH = 80;

/** Returns the lines of a summary, with the verdict last. */
export function summarize(
  result: TestResult,
  { test, style, seed, store, findings = findingsOf(result, []) }: {
    readonly test: TestOptions;
    /** The findings with their causes. By default, the summary shows only the result. */
    readonly findings?: readonly ToldFinding[] | undefined;
    readonly style: Style;
    readonly seed?: number;
    readonly store?: string;
  },
): string[] {
  const parsed = parseResult(result);
  return layOut(result.valid, style, {
    reasons: reasonsOf(result),
    rows: [
      ["test", describeTest(test)],
      ["operations", operations(parsed)],
      ...workloadRows(parsed.workload),
      ["availability", availability(parsed, test.availability)],
      ["messages", messages(parsed)],
      ...describeFaults(result.faults ?? []).map((text, i) => [i === 0 ? "faults" : "", text] as const),
      ["in the end", convergence(parsed)],
      ["seed", seed === undefined ? "" : String(seed)],
    ],
    problems: [
      ...(parsed.interrupted ? ["The run ended early."] : []),
      ...problemsOf(findings),
    ],
    remarks: remarksOf(findings),
    ...(store === undefined ? {} : { store }),
  });
}

/** Returns the lines of a summary of a history that was judged alone. */
export function summarizeChecked(
  result: JepsenHistoryResult,
  { workload, style, findings = findingsOf(result, []) }: {
    readonly workload: string;
    readonly style: Style;
    readonly findings?: readonly ToldFinding[] | undefined;
  },
): string[] {
  const parsed = parseResult(result);
  return layOut(result.valid, style, {
    reasons: reasonsOf(result),
    rows: [
      ["history of", workload],
      ["operations", operations(parsed)],
      ...workloadRows(parsed.workload),
      ["availability", availability(parsed, null)],
    ],
    problems: problemsOf(findings),
    remarks: remarksOf(findings),
  });
}

function layOut(
  valid: Validity,
  style: Style,
  { reasons, rows, problems, remarks = [], store }: {
    /** The reasons why the verdict proves less than it says: the first lines. */
    readonly reasons: readonly string[];
    readonly rows: ReadonlyArray<readonly [string, string]>;
    readonly problems: readonly string[];
    /** Information that is not part of the verdict. */
    readonly remarks?: readonly string[];
    readonly store?: string;
  },
): string[] {
  const paint = valid === true ? style.good : valid === false ? style.bad : style.unsure;
  return [
    ...reasons.map(paint),
    ...rows.filter(([, text]) => text !== "").map(([name, text]) => `${style.dim(name.padEnd(13))} ${text}`),
    ...(problems.length === 0 ? [] : ["", ...problems.flatMap((line) => indented(line))]),
    ...(remarks.length === 0
      ? []
      : ["", "remarks (not part of the verdict)", ...remarks.flatMap((line) => indented(line))]),
    ...(store === undefined ? [] : [
      "",
      `${style.dim("results in".padEnd(13))} ${store}`,
      ...(isFile(`${store}/${REPORT_FILE}`)
        ? [`${style.dim("report".padEnd(13))} ${store}/${REPORT_FILE}`]
        : []),
    ]),
    "",
    paint(`${VERDICT_LINES.get(valid) ?? ""}${valid === true && reasons.length > 0 ? PROVES_LITTLE : ""}`),
  ];
}

/** The suffix of the last line of a valid run that proves less than it says. */
const PROVES_LITTLE = " (but see the first line)";

/** Returns the reasons why a verdict proves less than it says, with one sentence each. */
function reasonsOf({ valid, caveats = [] }: JepsenHistoryResult): readonly string[] {
  // Without final reads the checkers find fewer anomalies, but each finding remains valid.
  return caveats.filter(({ kind }) => valid !== false || kind !== "no-final-reads").map(({ text }) => text);
}

function describeTest(test: TestOptions): string {
  const nodes = plural(test.nodes.length, "node");
  const latency = test.latency.meanMs === 0 ? "" : `, latency ${test.latency.meanMs} ms ${test.latency.dist}`;
  const faults = test.faults.length === 0 ? "no faults" : test.faults.join(", ");
  return `${test.workload}: ${nodes}, ${test.rate} ops/s for ${test.timeLimitS} s${latency}; ${faults}`;
}

function operations({ stats: { count, okCount, failCount, infoCount } }: ParsedResult): string {
  if (count === undefined) return "none";
  return `${count}: ${okCount} ok, ${failCount} failed, ${infoCount} indeterminate`;
}

function availability(
  { availability: { okFraction } }: ParsedResult,
  expected: TestOptions["availability"],
): string {
  if (okFraction === undefined) return "";
  const asked = expected === null ? "" : `, ${expected} required`;
  return `${percent(okFraction)} of operations ok${asked}`;
}

function percent(fraction: number): string {
  const value = fraction * 100;
  return `${value === 100 || value === 0 ? value : value.toFixed(value > 99 ? 2 : 1)} %`;
}

function convergence({ convergence: found }: ParsedResult): string {
  if (found === undefined) return "";
  const keys = plural(found.keyCount ?? NaN, "key");
  if (found.converged) return `all nodes agree on ${keys}`;
  const silent = found.silent.length > 0 ? `; ${found.silent.join(", ")} silent` : "";
  return `nodes differ on ${found.differentCount} of ${keys}${silent} (not part of the verdict)`;
}

function messages({ servers }: ParsedResult): string {
  if (servers === undefined) return "";
  const { messageCount, perOperation } = servers;
  const each = perOperation === undefined ? "" : `, ${shortNumber(perOperation)} per operation`;
  return `${messageCount} between servers${each}`;
}

function workloadRows({ set, counter, warning, error }: ParsedWorkload): Array<[string, string]> {
  const rows: Array<[string, string]> = [];
  const { median, longest } = set?.stableLatencies ?? {};
  if (longest !== undefined) rows.push(["stable after", `${median} ms median, ${longest} ms at most`]);
  if (set?.attemptCount !== undefined) {
    const counts = [...set.counts].filter(([outcome, count]) => count > 0 || outcome === "stable");
    const texts = counts.map(([outcome, count]) => `${count} ${outcome}`);
    rows.push(["elements", `${set.attemptCount} tried: ${texts.join(", ")}`]);
  }
  if (counter?.finalReads !== undefined) {
    const reads = summaryOf(counter.finalReads) || "none";
    rows.push(["final reads", clip(`${reads}; acceptable ${show(counter.acceptable)}`)]);
  }
  if (warning !== undefined) rows.push(["warning", warning]);
  if (error !== undefined) rows.push(["checker", error]);
  return rows;
}

function summaryOf(values: readonly unknown[]): string {
  const counted = new Map<string, number>();
  for (const value of values) counted.set(show(value), (counted.get(show(value)) ?? 0) + 1);
  return [...counted].map(([value, count]) => `${value} (${times(count)})`).join(", ");
}

/** The maximum number of findings shown. */
const FINDINGS_MAX = 4;

/** The findings that decide the verdict, as paragraphs. */
function problemsOf(findings: readonly ToldFinding[]): string[] {
  const invalid = findings.filter(({ severity }) => severity === "invalid");
  const severe = invalid.length > 0 ? invalid : findings.filter(({ severity }) => severity === "unknown");
  const more = severe.length - FINDINGS_MAX;
  return [
    ...severe.slice(0, FINDINGS_MAX).flatMap((finding) => findingLines(finding)),
    ...(more > 0 ? [`and ${plural(more, "more kind")} of anomaly`] : []),
  ];
}

/** The findings that do not affect the verdict. */
function remarksOf(findings: readonly ToldFinding[]): string[] {
  return findings.filter(({ severity }) => severity === "info").flatMap((finding) => findingLines(finding));
}

function clip(line: string): string {
  return line.length > 2 * WIDTH ? `${line.slice(0, 2 * WIDTH - 1)}…` : line;
}
