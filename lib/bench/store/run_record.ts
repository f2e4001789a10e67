/** A run's folder, read: what a report is made of. */

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
import { STORE_FORMAT } from "./run_store.ts";

/** How much of messages.jsonl is read, in bytes. */
export const MESSAGES_READ_MAX = 256 * 1024 * 1024;
/** How much of each node's log is shown, in bytes: its end. */
const LOG_SHOWN_MAX = 4096;
/** How many nodes' logs are shown. */
const LOGS_SHOWN_MAX = 50;

/** The report's name in a run's folder. */
export const REPORT_FILE = "report.html";

/** Returns what was found in the run of a folder, with causes; nothing if the folder cannot be read. */
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

/** Returns what causes are looked up in; nothing if the run does not say which nodes it had. */
export function runParts({ head, messages, logs }: RunRecord): RunParts | undefined {
  const test = isObject(head["test"]) ? head["test"] : {};
  const { nodes, concurrency } = test;
  if (!Array.isArray(nodes) || nodes.length === 0 || typeof concurrency !== "number") return undefined;
  return { nodes: nodes.map(String), concurrency, messages, logs };
}

/** What a run left behind. */
export interface RunRecord {
  readonly workload: string;
  /** When it began, ISO 8601, or the file's name. */
  readonly name: string;
  /** What test.json says, or nothing. */
  readonly head: Readonly<Record<string, unknown>>;
  readonly result: Readonly<Record<string, unknown>>;
  readonly history: History;
  /** Lines of messages.jsonl, read again for each iteration; `undefined` when none were recorded. */
  readonly messages: Iterable<string> | undefined;
  readonly logs: ReadonlyArray<readonly [node: string, end: string]>;
  /** The name by which the bench is started. */
  readonly program?: string;
}

/**
 * Reads the folder of a run. Throws `ArgumentError` when it is none, `BenchError` when it cannot be read: of another format
 * version, without results, with a broken history.
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
    workload: { valid: "unknown", error: "the run has no results: it was ended before it was judged" },
  };
  const test = isObject(head["test"]) ? head["test"] : {};
  return {
    workload: String(test["workload"] ?? "?"),
    name: typeof head["started"] === "string" ? head["started"] : folder,
    head,
    result,
    history: readHistory(`${folder}/history.jsonl`),
    messages: isFile(`${folder}/messages.jsonl`)
      ? { [Symbol.iterator]: () => linesOf(`${folder}/messages.jsonl`) }
      : undefined,
    logs: readLogs(`${folder}/node-logs`),
    program: programName(),
  };
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

/** The lines of a file, up to {@linkcode MESSAGES_READ_MAX} bytes; read as they are needed. */
export function* linesOf(path: string): Generator<string> {
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
