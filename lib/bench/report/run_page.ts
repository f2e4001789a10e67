/** A run as a page, without the scripts. Tested by `tests/bench/report/findings_test.ts`. */

import { isObject } from "../../protocol/schema.ts";
import { plural } from "../format.ts";
import { VERSION } from "../version.ts";
import { faultBands } from "./data/fault_intervals.ts";
import { openingView } from "./data/opening_view.ts";
import { metricsOf } from "./data/metrics.ts";
import { eventsIn } from "../findings/draft.ts";
import type { Example, Finding } from "../findings/finding.ts";
import { findingsOf } from "../findings/findings.ts";
import { CauseFinder } from "../findings/causes/find_cause.ts";
import { carriedColumns } from "./data/carried_columns.ts";
import { nodeEnds } from "./data/node_ends.ts";
import { lastWordsOf } from "./data/last_words.ts";
import { replyDifferences } from "./data/reply_differences.ts";
import { storyOf } from "./data/story.ts";
import { latencyTable } from "./data/latency_table.ts";
import { messageColumns } from "./data/message_columns.ts";
import { microseconds, operationColumns, type Operations } from "./data/operation_columns.ts";
import { stateAfter } from "./html/operations_diagram.ts";
import { type PageAssets, reportPage, type Verdict } from "./html/report_page.ts";
import type { FindingMark, MessageColumns, ReportData } from "./data/report_data.ts";
import { runParts, type RunRecord } from "../store/run_record.ts";
import { inevitabilityView } from "./html/inevitability_chart.ts";
import { stableLatencyPicture } from "./html/stable_latency_chart.ts";
import { clip, numberText } from "./html/text.ts";
import { stateColumns } from "./data/state_columns.ts";
import { parseResult } from "../store/parse_result.ts";

/** Margin around a finding that counts as near it, in µs. */
const NEAR_US = 1_500_000;
const FACT_MAX = 200;

/** Returns the report of a run, with the given scripts. `made` are its data, if they have been made. */
export async function runPage(run: RunRecord, assets: PageAssets, made = reportData(run)): Promise<string> {
  const { head, result, history, workload } = run;
  const test = isObject(head["test"]) ? head["test"] : {};
  const { data, findings } = made;
  const verdict = verdictOf(run, findings);
  const metrics = metricsOf(result, test);
  return reportPage({
    title: `${verdict.word}: ${workload}, ${run.name}`,
    verdict,
    facts: factsOf(run, test),
    command: commandOf(head, run.program ?? "charybdis"),
    metrics,
    stableLatencies: stableLatencyPicture(result, metrics),
    inevitability: inevitabilityView(run.inevitability),
    findings,
    latencies: latencyTable(data.operations),
    history,
    data,
    packed: await pack(data),
    notes: notesOf(data, run),
    logs: run.logs,
    version: VERSION,
  }, assets);
}

/** Returns the data that the page draws, and the findings. */
export function reportData(
  run: RunRecord,
): { readonly data: ReportData; readonly findings: readonly Finding[] } {
  const { head, result, history, workload } = run;
  const test = isObject(head["test"]) ? head["test"] : {};
  const nodes = Array.isArray(test["nodes"]) ? test["nodes"].map(String) : [];
  const parts = runParts(run);
  const finder = parts && new CauseFinder({ ...parts, history });
  const findings = findingsOf(result, history, parts && { ...parts, finder });
  const evidence = new Set(findings.flatMap(({ examples }) => examples.flatMap(indexesOf)));
  const concurrency = test["concurrency"];
  const threads = typeof concurrency === "number" && concurrency > 0 ? concurrency : undefined;
  const operations = operationColumns(history, { threads, evidence });
  const historyEnd = microseconds(history.at(-1)?.time ?? 0);
  const marks = findings.flatMap((finding) => markOf(finding, operations));
  const messages = run.messages === undefined ? null : messageColumns(run.messages, {
    nodes,
    windows: marks.map(({ from, to }) => [from - NEAR_US, to + NEAR_US]),
  });
  const recorded = run.states === undefined ? undefined : stateColumns(run.states, { nodes });
  const { beginUs, endUs } = extent(messages?.columns ?? null, historyEnd);
  const faults = faultBands(history, endUs);
  const ends = nodeEnds(parseResult(result), { nodes, messages: messages?.columns ?? null, recorded });
  const rows = { rowOfMessage: messages?.rowOfId ?? new Map(), rowOfEvent: operations.rowOf };
  const story = storyOf(findings, {
    nodes,
    faults,
    operations: operations.columns,
    states: recorded?.states ?? null,
    ...rows,
  });
  const data: ReportData = {
    workload,
    beginUs,
    endUs,
    nodes,
    operations: operations.columns,
    messages: messages?.columns ?? null,
    faults,
    ends,
    findings: marks,
    traffic: messages?.traffic ?? null,
    states: recorded?.states ?? null,
    logs: recorded?.logs ?? null,
    carried: messages === null || finder === undefined
      ? null
      : carriedColumns(finder.carriedValues(), messages.rowOfId),
    story: story.moments,
    opening: openingView({
      story: story.moments,
      mark: marks.find(({ id }) => id === story.finding?.id) ?? marks[0],
      messages: messages?.columns ?? null,
      operations: operations.columns,
      faults,
      beginUs,
      endUs,
    }),
    lastWords: lastWordsOf(parseResult(result), { nodes, logs: run.logs, ends }),
    replies: replyDifferences(finder?.messages ?? [], { workload, operations: operations.columns }),
  };
  return { data, findings };
}

function indexesOf({ events, register }: Example): number[] {
  return [...events, ...eventsIn(register ?? null)].map(({ index }) => index);
}

/** Returns the place of a finding's first case: the smallest span that shows it. */
function markOf({ id, description, examples }: Finding, { columns, rowOf }: Operations): FindingMark[] {
  const first = examples.find(({ events }) => events.length > 0);
  const rows = [...new Set((first?.events ?? []).flatMap(({ index }) => rowOf.get(index) ?? []))];
  if (rows.length === 0) return [];
  const register = first?.register;
  const failed = register?.failed === undefined ? -1 : rowOf.get(register.failed.index) ?? -1;
  const steps = (register?.linearized ?? []).flatMap((event, i, all) => {
    const row = rowOf.get(event.index);
    const number = (register?.linearizedCount ?? all.length) - all.length + i + 1;
    return row === undefined ? [] : [{ row, text: `step ${number}: the register is ${stateAfter(event)}` }];
  });
  const { from, to } = evidenceSpan([
    ...rows.flatMap((
      row,
    ) => [columns.begin[row] ?? 0, Math.max(columns.begin[row] ?? 0, columns.end[row] ?? 0)]),
    ...(first?.cause ?? []).flatMap(({ timeNs }) => timeNs === undefined ? [] : [microseconds(timeNs)]),
  ]);
  const marked = [...new Set([...rows, ...steps.map(({ row }) => row)])];
  return [{ id, title: description.title, from, to, operations: marked, steps, failed }];
}

/** Maximum gap between shown groups of evidence, as a fraction of its whole span. */
const FAR_APART = 0.6;
/** Maximum span that is always shown as a whole, in µs. */
const SHORT_US = 100_000;

/** Returns the span of the evidence. If groups of evidence are far apart, returns the span of the first group. */
export function evidenceSpan(times: readonly number[]): { readonly from: number; readonly to: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const from = sorted[0] ?? 0;
  const to = sorted.at(-1) ?? 0;
  const gap = sorted.findIndex((time, i) => (sorted[i + 1] ?? time) - time > FAR_APART * (to - from));
  return to - from < SHORT_US || gap < 1 ? { from, to } : evidenceSpan(sorted.slice(0, gap + 1));
}

function extent(messages: MessageColumns | null, historyEnd: number): { beginUs: number; endUs: number } {
  let beginUs = Math.min(0, messages?.sent[0] ?? 0);
  let endUs = Math.max(historyEnd, 1000);
  for (const time of messages?.resolved ?? []) if (time > endUs) endUs = time;
  for (const time of messages?.sent ?? []) {
    if (time < beginUs) beginUs = time;
    if (time > endUs) endUs = time;
  }
  return { beginUs, endUs };
}

/** Returns the verdict as a sentence. */
function verdictOf({ result, workload, head }: RunRecord, findings: readonly Finding[]): Verdict {
  const { valid, workload: { warning, error } } = parseResult(result);
  const interrupted = head["state"] === "interrupted" || head["state"] === "running";
  const end = interrupted ? " The run was interrupted." : "";
  if (valid === true) {
    return {
      tone: "good",
      word: "Valid",
      sentence: `no anomaly was found in this ${workload} run.${
        warning === undefined ? "" : ` ${warning}`
      }${end}`,
    };
  }
  const severe = findings.filter(({ severity }) => severity === "invalid");
  if (valid === false) {
    const names = severe.slice(0, 4).map(({ description, count }) =>
      count > 1 ? `${lower(description.title)} ×\u202f${numberText(count)}` : lower(description.title)
    );
    const more = severe.length > 4 ? ` and ${plural(severe.length - 4, "more kind", numberText)}` : "";
    const sentence = names.length === 0 ? "a part of the test failed" : names.join(", ") + more;
    return { tone: "invalid", word: "Invalid", sentence: `${sentence}.${end}` };
  }
  const why = error ?? warning ?? "the check did not finish";
  return { tone: "unsure", word: "Unknown", sentence: `${clip(why.replace(/\.$/, ""), 300)}.${end}` };
}

function lower(title: string): string {
  return title.slice(0, 1).toLowerCase() + title.slice(1);
}

function factsOf(
  { workload, head }: RunRecord,
  test: Readonly<Record<string, unknown>>,
): (readonly [string, string])[] {
  const facts: (readonly [string, string])[] = [["workload", workload]];
  if (Array.isArray(test["nodes"])) facts.push(["nodes", String(test["nodes"].length)]);
  if (typeof test["rate"] === "number") facts.push(["rate", `${numberText(test["rate"])} operations/s`]);
  if (typeof test["timeLimitS"] === "number") facts.push(["duration", `${test["timeLimitS"]} s`]);
  const latency = test["latency"];
  if (isObject(latency) && latency["meanMs"] !== 0) {
    facts.push(["latency", `${latency["meanMs"]} ms, ${latency["dist"]}`]);
  }
  if (Array.isArray(test["faults"])) facts.push(["faults", test["faults"].join(", ") || "none"]);
  const transactional = workload.startsWith("txn");
  if (transactional && Array.isArray(test["consistencyModels"])) {
    facts.push(["asked", test["consistencyModels"].join(", ")]);
  }
  if (head["seed"] !== undefined) facts.push(["seed", String(head["seed"])]);
  if (typeof head["virtual"] === "boolean") {
    facts.push(["clock", head["virtual"] ? "virtual time" : "real time"]);
  }
  if (typeof head["started"] === "string") facts.push(["started", head["started"]]);
  return facts.map(([name, value]) => [name, clip(value, FACT_MAX)]);
}

/** Returns the command that repeats the run. For a failing run of a sweep, this replays its case. */
function commandOf(
  { command = "test", argv, seed }: Readonly<Record<string, unknown>>,
  program: string,
): string | undefined {
  if (command === "sweep") return `${program} replay case.json`;
  if (!Array.isArray(argv)) return undefined;
  const description = argv.map(String);
  const cut = description.indexOf("--");
  const seeded = description.some((word) => word === "--seed" || word.startsWith("--seed="));
  const given = seed !== undefined && !seeded ? ["--seed", String(seed)] : [];
  const all = cut < 0
    ? [...description, ...given]
    : [...description.slice(0, cut), ...given, ...description.slice(cut)];
  const quoted = all.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
  );
  return `${program} ${command} ${quoted.join(" ")}`;
}

function notesOf({ operations, messages, states, logs }: ReportData, { history }: RunRecord): string[] {
  const notes = [messages, states, logs].flatMap((part) => part?.leftOut.notes ?? []);
  if (operations.leftOut > 0) {
    notes.unshift(
      `${numberText(operations.leftOut)} of ${
        numberText(operations.leftOut + operations.begin.length)
      } operations: those that did not succeed or prove something are kept, of the others every n-th. The verdict and the figures rest on all.`,
    );
  }
  if (operations.shortened > 0) {
    notes.push(
      `${plural(operations.shortened, "value", numberText)} of operations cut after ${
        numberText(operations.valueMax)
      } characters; history.jsonl has them whole.`,
    );
  }
  if (history.length === 0) notes.push("The history is empty or was not kept.");
  return notes;
}

/** Returns data as text for a page: JSON, gzip, base64. */
async function pack(data: unknown): Promise<string> {
  const stream = new Blob([JSON.stringify(data)]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(i, i + 0x8000)));
  }
  return btoa(parts.join(""));
}
