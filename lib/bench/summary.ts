/** What a person reads first: a result in a dozen lines. */

import type { TestResult as Checked } from "../checkers/compose.ts";
import type { Result, Validity } from "../checkers/result.ts";
import { MAY_NEVER_SUCCEED } from "../checkers/stats.ts";
import { isObject, show } from "../protocol/schema.ts";
import { describeFaults } from "./fault_effects.ts";
import type { TestOptions } from "./options.ts";
import { plural, times } from "./plural.ts";
import { describeRemark } from "./remark_words.ts";
import { type TestResult, VERDICT_LINES } from "./verdict.ts";

/** How many pieces of evidence are shown of each kind. */
const EVIDENCE_MAX = 3;
/** How wide a line may be. */
const WIDTH = 80;

/** How text is emphasised; nothing is, unless a terminal shows it. */
export interface Style {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly unsure: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** Colours for a terminal, or none. */
export function style(colours: boolean): Style {
  const wrap = (code: string) => (text: string) => colours ? `\x1b[${code}m${text}\x1b[0m` : text;
  return { good: wrap("32"), bad: wrap("31"), unsure: wrap("33"), dim: wrap("2") };
}

/** The lines of a summary, the verdict last. */
export function summarize(
  result: TestResult,
  { test, style, seed, store }: {
    readonly test: TestOptions;
    readonly style: Style;
    readonly seed?: number;
    readonly store?: string;
  },
): string[] {
  return layOut(result.valid, style, {
    reasons: reasonsOf(result),
    rows: [
      ["test", describeTest(test)],
      ["operations", operations(result.stats)],
      ...workloadRows(result.workload),
      ["availability", availability(result.availability, test.availability)],
      ["messages", messages(result.net)],
      ...describeFaults(result.faults ?? []).map((text, i) => [i === 0 ? "faults" : "", text] as const),
      ["in the end", convergence(result["convergence"])],
      ["seed", seed === undefined ? "" : String(seed)],
    ],
    problems: [...evidence(result.workload), ...nodeProblems(result), ...failedParts(result)],
    remarks: (result.remarks ?? []).flatMap(describeRemark),
    ...(store === undefined ? {} : { store }),
  });
}

/** The lines of a summary of a history that was judged alone. */
export function summarizeChecked(
  result: Checked,
  { workload, style }: { readonly workload: string; readonly style: Style },
): string[] {
  return layOut(result.valid, style, {
    reasons: reasonsOf(result),
    rows: [
      ["history of", workload],
      ["operations", operations(result.stats)],
      ...workloadRows(result.workload),
      ["availability", availability(result.availability, null)],
    ],
    problems: [...evidence(result.workload), ...failedParts(result)],
  });
}

function layOut(
  valid: Validity,
  style: Style,
  { reasons, rows, problems, remarks = [], store }: {
    /** Why the verdict proves less than it says: the first lines. */
    readonly reasons: readonly string[];
    readonly rows: ReadonlyArray<readonly [string, string]>;
    readonly problems: readonly string[];
    /** What has no part in the verdict. */
    readonly remarks?: readonly string[];
    readonly store?: string;
  },
): string[] {
  const paint = valid === true ? style.good : valid === false ? style.bad : style.unsure;
  return [
    ...reasons.map(paint),
    ...rows.filter(([, text]) => text !== "").map(([name, text]) => `${style.dim(name.padEnd(13))} ${text}`),
    ...(problems.length === 0 ? [] : ["", ...problems.map((line) => clip(`  ${line}`))]),
    ...(remarks.length === 0 ? [] : ["", "remarks", ...remarks.map((line) => clip(`  ${line}`))]),
    ...(store === undefined ? [] : ["", `${style.dim("results in".padEnd(13))} ${store}`]),
    "",
    paint(`${VERDICT_LINES.get(valid) ?? ""}${valid === true && reasons.length > 0 ? PROVES_LITTLE : ""}`),
  ];
}

/** The end of the last line of a valid run that proves less than it says. */
const PROVES_LITTLE = " (but see the first line)";

/** Returns why a verdict proves less than it says, a sentence each. */
function reasonsOf({ valid, caveats = [] }: Checked): readonly string[] {
  // Without final reads less is found, but what is found is no less wrong.
  return caveats.filter(({ kind }) => valid !== false || kind !== "no-final-reads").map(({ text }) => text);
}

function describeTest(test: TestOptions): string {
  const nodes = plural(test.nodes.length, "node");
  const latency = test.latency.meanMs === 0 ? "" : `, latency ${test.latency.meanMs} ms ${test.latency.dist}`;
  const faults = test.faults.length === 0 ? "no faults" : test.faults.join(", ");
  return `${test.workload}: ${nodes}, ${test.rate} ops/s for ${test.timeLimitS} s${latency}; ${faults}`;
}

function operations(stats: Result): string {
  const { count, "ok-count": ok, "fail-count": fail, "info-count": info } = stats;
  if (typeof count !== "number") return "none";
  return `${count}: ${ok} ok, ${fail} failed, ${info} indeterminate`;
}

function availability(part: Result, expected: TestOptions["availability"]): string {
  const fraction = part["ok-fraction"];
  if (typeof fraction !== "number") return "";
  const asked = expected === null ? "" : `, ${expected} asked`;
  return `${percent(fraction)} of operations ok${asked}`;
}

function percent(fraction: number): string {
  const value = fraction * 100;
  return `${value === 100 || value === 0 ? value : value.toFixed(value > 99 ? 2 : 1)} %`;
}

function convergence(found: unknown): string {
  if (!isObject(found)) return "";
  if (found["converged"] === true) return `all nodes agree on ${plural(Number(found["key-count"]), "key")}`;
  const silent = Array.isArray(found["silent"]) && found["silent"].length > 0
    ? `; ${found["silent"].join(", ")} silent`
    : "";
  return `nodes differ on ${found["different-count"]} of ${
    plural(Number(found["key-count"]), "key")
  }${silent} (no part of the verdict)`;
}

function messages(net: Result): string {
  const servers = net["servers"];
  if (!isObject(servers)) return "";
  const perOp = servers["msgs-per-op"];
  const each = typeof perOp === "number" ? `, ${figure(perOp)} for each operation` : "";
  return `${servers["msg-count"]} between servers${each}`;
}

/** A figure with three significant digits. */
export function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : Number(value.toPrecision(3)).toString();
}

function workloadRows(workload: Result): Array<[string, string]> {
  const rows: Array<[string, string]> = [];
  const latencies = workload["stable-latencies"];
  if (isObject(latencies) && typeof latencies["1"] === "number") {
    rows.push(["stable after", `${latencies["0.5"]} ms median, ${latencies["1"]} ms at most`]);
  }
  if (typeof workload["attempt-count"] === "number") {
    const counts = ["stable", "lost", "never-read", "stale", "duplicated"].flatMap((kind) => {
      const count = workload[`${kind}-count`];
      return typeof count === "number" && (count > 0 || kind === "stable") ? [`${count} ${kind}`] : [];
    });
    rows.push(["elements", `${workload["attempt-count"]} tried: ${counts.join(", ")}`]);
  }
  if (Array.isArray(workload["final-reads"])) {
    rows.push([
      "final reads",
      clip(`${summaryOf(workload["final-reads"])}; acceptable ${show(workload["acceptable"])}`),
    ]);
  }
  rows.push(...newerRows(workload["newer-findings"]));
  if (typeof workload["warning"] === "string") rows.push(["warning", workload["warning"]]);
  if (typeof workload["error"] === "string") rows.push(["checker", workload["error"]]);
  return rows;
}

/** Anomalies that Maelstrom's Elle does not find, and that change no verdict. */
function newerRows(findings: unknown): Array<[string, string]> {
  if (!Array.isArray(findings)) return [];
  return findings.filter(isObject).map(({ kind, count, elle }) => {
    const by = elle === null ? "which Elle does not report" : `which Elle ${elle} reports`;
    return ["remark", `${count} ${kind}, ${by}; no part of the verdict (--elle 0.2.7 counts it)`];
  });
}

function summaryOf(values: readonly unknown[]): string {
  const counted = new Map<string, number>();
  for (const value of values) counted.set(show(value), (counted.get(show(value)) ?? 0) + 1);
  return [...counted].map(([value, count]) => `${value} (${times(count)})`).join(", ");
}

/** What proves that a workload's property was broken. */
function evidence(workload: Result): string[] {
  const lines: string[] = [];
  const anomalies = workload["anomalies"];
  if (isObject(anomalies)) {
    for (const [name, found] of Object.entries(anomalies)) {
      lines.push(`${name}: ${Array.isArray(found) ? found.length : 1} found`);
      if (Array.isArray(found)) {
        for (const one of found.slice(0, 1)) lines.push(`  ${describeEvidence(one)}`);
      }
    }
  }
  const bad = workload["bad-error-types"];
  if (Array.isArray(bad)) { for (const type of bad) lines.push(`${type}: ${show(workload[String(type)])}`); }
  for (const name of ["lost", "errors", "duplicated", "failures"]) {
    const found = workload[name];
    const list = Array.isArray(found) ? found : isObject(found) ? Object.entries(found) : [];
    if (list.length === 0) continue;
    lines.push(
      `${name}: ${list.slice(0, EVIDENCE_MAX).map(show).join("; ")}${
        list.length > EVIDENCE_MAX ? "; …" : ""
      }`,
    );
  }
  return lines;
}

function describeEvidence(one: unknown): string {
  if (!isObject(one)) return show(one);
  const steps = one["steps"];
  if (!Array.isArray(steps)) return show(one);
  return steps.map((step) => isObject(step) ? String(step["why"] ?? show(step)) : show(step)).join("; ");
}

function nodeProblems({ nodes }: TestResult): string[] {
  const faults = Array.isArray(nodes?.["faults"]) ? nodes["faults"] : [];
  return faults.slice(0, EVIDENCE_MAX).flatMap((fault) =>
    isObject(fault) ? `node ${fault["node"]}: ${fault["text"]}`.split("\n") : []
  );
}

/** Parts that fail a test whose workload is in order. */
function failedParts(result: Checked): string[] {
  const lines: string[] = [];
  const byF = result.stats["by-f"];
  if (result.stats.valid === false && isObject(byF)) {
    for (const [f, part] of Object.entries(byF)) {
      if (isObject(part) && part["valid"] === false && !MAY_NEVER_SUCCEED.has(f)) {
        lines.push(`no ${f} ever succeeded`);
      }
    }
  }
  if (result.availability.valid === false) {
    lines.push("fewer operations succeeded than --availability asks for");
  }
  if (result.exceptions.valid === false) lines.push("clients met errors that they did not expect");
  if (result["interrupted"] === true) lines.push("the run was ended before its time");
  return lines;
}

function clip(line: string): string {
  return line.length > 2 * WIDTH ? `${line.slice(0, 2 * WIDTH - 1)}…` : line;
}
