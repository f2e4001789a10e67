/** Reads a run's folder, which is the input of a report. Tested by `tests/bench/report/run_record_test.ts`. */

import type { ToldInevitability } from "../replay/futures.ts";
import { readInevitability } from "../replay/inevitability_file.ts";
import type { History } from "../../checkers/history.ts";
import { HistoryError, parseHistory } from "../../checkers/parse.ts";
import { LineSplitter } from "../../protocol/lines.ts";
import { isObject } from "../../protocol/schema.ts";
import { ArgumentError } from "../../runtime/settings.ts";
import { BenchError } from "../errors.ts";
import { isFile, readJson } from "./files.ts";
import type { Finding } from "../findings/finding.ts";
import { findingsOf, type RunParts } from "../findings/findings.ts";
import { programName } from "../cli/program_name.ts";
import { STORE_FORMAT } from "./format.ts";

/** The maximum number of bytes that are read of messages.jsonl, and of states.jsonl. */
const MESSAGES_READ_MAX = 256 * 1024 * 1024;
/** The number of bytes that are shown of each node's log, from its end. */
const LOG_SHOWN_MAX = 4096;
/** The maximum number of nodes whose logs are shown. */
const LOGS_SHOWN_MAX = 50;

/** The report's name in a run's folder. */
export const REPORT_FILE = "report.html";

/** Returns the findings in the run of a folder, with causes; empty if the folder cannot be read. */
export function findingsIn(
  directory: string | undefined,
  result: RunRecord["result"],
): readonly Finding[] | undefined {
  if (directory === undefined) return undefined;
  try {
    const record = readRun(directory);
    return findingsOf(result, record.history, runParts(record));
  } catch (error) {
    if (error instanceof BenchError || error instanceof ArgumentError) return undefined;
    throw error;
  }
}

/** Returns the evidence for causes; undefined if the run does not list its nodes. */
export function runParts({ head, messages, logs }: RunRecord): RunParts | undefined {
  const test = isObject(head["test"]) ? head["test"] : {};
  const { nodes, concurrency } = test;
  if (!Array.isArray(nodes) || nodes.length === 0 || typeof concurrency !== "number") return undefined;
  return { nodes: nodes.map(String), concurrency, messages, logs };
}

/** The recorded data of a run. */
export interface RunRecord {
  readonly workload: string;
  /** The start of the run in ISO 8601, or the name of the file. */
  readonly name: string;
  /** The contents of test.json; empty if there is none. */
  readonly head: Readonly<Record<string, unknown>>;
  readonly result: Readonly<Record<string, unknown>>;
  readonly history: History;
  /** The lines of messages.jsonl, read again for each iteration; `undefined` if none were recorded. */
  readonly messages: Iterable<string> | undefined;
  /** The lines of states.jsonl; `undefined` if none were recorded. */
  readonly states?: Iterable<string> | undefined;
  readonly logs: ReadonlyArray<readonly [node: string, end: string]>;
  /** The name by which the bench was started. */
  readonly program?: string;
  /** The share of failing futures by moment, if futures were drawn. */
  readonly inevitability?: ToldInevitability | undefined;
}

/**
 * Reads the folder of a run. Throws `ArgumentError` if it is not one, `BenchError` if it cannot be read: another format
 * version, missing results, or a broken history.
 */
export function readRun(directory: string): RunRecord {
  const folder = directory.replace(/(.)\/+$/, "$1");
  const head = readJson(`${folder}/test.json`);
  if (head === undefined) {
    throw new ArgumentError(`${folder} is not the folder of a run: it has no test.json`);
  }
  if (head["format"] !== STORE_FORMAT) {
    throw new BenchError(
      `${folder}/test.json is of store format ${head["format"]}; this version reads ${STORE_FORMAT}`,
    );
  }
  const result = readJson(`${folder}/results.json`) ?? {
    valid: "unknown",
    workload: { valid: "unknown", error: "the run has no results: it ended before it was judged" },
  };
  const test = isObject(head["test"]) ? head["test"] : {};
  return {
    workload: String(test["workload"] ?? "?"),
    name: typeof head["started"] === "string" ? head["started"] : folder,
    head,
    result,
    history: readHistory(`${folder}/history.jsonl`),
    messages: linesIn(`${folder}/messages.jsonl`),
    states: linesIn(`${folder}/states.jsonl`),
    logs: readLogs(`${folder}/node-logs`),
    program: programName(),
    inevitability: readInevitability(folder, readJson(`${folder}/case.json`)?.["historyCrc"]),
  };
}

function linesIn(path: string): Iterable<string> | undefined {
  return isFile(path) ? { [Symbol.iterator]: () => linesOf(path) } : undefined;
}

function readHistory(path: string): History {
  if (!isFile(path)) return [];
  try {
    return parseHistory(linesOf(path), { cutOff: "drop" });
  } catch (error) {
    if (error instanceof HistoryError) throw new BenchError(`${path}, ${error.message}`);
    throw error;
  }
}

/** Yields the lines of a file on demand, up to {@linkcode MESSAGES_READ_MAX} bytes. */
function* linesOf(path: string): Generator<string> {
  const file = Deno.openSync(path);
  try {
    const splitter = new LineSplitter();
    const buffer = new Uint8Array(1024 * 1024);
    let read = 0;
    for (let n = file.readSync(buffer); n !== null && read < MESSAGES_READ_MAX; n = file.readSync(buffer)) {
      read += n;
      yield* splitter.push(buffer.subarray(0, n));
    }
    yield* splitter.end();
  } finally {
    file.close();
  }
}

function readLogs(directory: string): (readonly [string, string])[] {
  const logs: (readonly [string, string])[] = [];
  let names: string[];
  try {
    names = [...Deno.readDirSync(directory)].filter((entry) => entry.isFile).map((entry) => entry.name);
  } catch {
    return [];
  }
  names.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  for (const name of names) {
    const end = tailOf(`${directory}/${name}`);
    if (end !== "" && logs.length < LOGS_SHOWN_MAX) logs.push([name.replace(/\.log$/, ""), end]);
  }
  return logs;
}

function tailOf(path: string): string {
  const file = Deno.openSync(path);
  try {
    const { size } = file.statSync();
    const from = Math.max(0, size - LOG_SHOWN_MAX);
    file.seekSync(from, Deno.SeekMode.Start);
    const buffer = new Uint8Array(Math.min(size, LOG_SHOWN_MAX));
    const n = file.readSync(buffer) ?? 0;
    const text = new TextDecoder().decode(buffer.subarray(0, n));
    return from === 0 ? text : text.replace(/^[^\n]*\n/, "…\n");
  } finally {
    file.close();
  }
}
