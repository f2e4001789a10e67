/** Reading a recorded history, one JSON event a line. */

import { type Event, type EventType, type History, NEMESIS } from "./history.ts";
import { operationsOf, type WorkloadName, workloadsWith } from "./workloads.ts";

/**
 * A history that cannot be read, with the number of the line (from 1) that shows it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { HistoryError, parseHistory } from "@charybdis/charybdis/checkers";
 *
 * try {
 *   parseHistory("{}\n");
 * } catch (error) {
 *   if (error instanceof HistoryError) assertEquals(error.line, 1);
 * }
 * ```
 */
export class HistoryError extends Error {
  /** Its class. */
  override readonly name = "HistoryError";
  /** A history that line `line` shows to be none, for `reason`. */
  constructor(readonly line: number, readonly reason: string) {
    super(`line ${line}: ${reason}`);
  }
}

/** How a history is read. */
export interface ParseOptions {
  /** Refuse a history that has operations of other workloads. */
  readonly workload?: WorkloadName;
  /**
   * What to do with a last line that ends in the middle of its JSON, as an interrupted run leaves it: refuse the history
   * (`error`, the default), or leave the line out (`drop`).
   */
  readonly cutOff?: "error" | "drop";
}

const TYPES: ReadonlySet<unknown> = new Set<EventType>(["invoke", "ok", "fail", "info"]);
/** Only numbers of 16 digits and more can lose precision in a double; such lines are parsed with care. */
const LONG_NUMBER = /\d{16}/;

/**
 * Reads the text, or the lines, of a `history.jsonl`. Empty lines are passed over. Whole numbers beyond 2^53 become
 * bigints, so that two large ids stay two.
 *
 * @throws {HistoryError} for a line that is cut off, is not JSON or not an event; an index that does not follow on; an
 * invocation by a process that is still busy; a completion without its invocation; an operation of another workload.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseHistory } from "@charybdis/charybdis/checkers";
 *
 * const history = parseHistory('{"index":0,"time":5,"process":0,"type":"invoke","f":"read","value":null}\n');
 * assertEquals(history[0]?.f, "read");
 * ```
 */
export function parseHistory(source: string | Iterable<string>, options: ParseOptions = {}): History {
  const lines = typeof source === "string" ? source.split("\n") : source;
  const events: Event[] = [];
  const pending = new Map<number, { line: number; f: string }>();
  let number = 0;
  let broken: HistoryError | null = null; // a line that is not JSON: cut off if nothing follows it
  for (const line of lines) {
    number++;
    if (line.trim() === "") continue;
    if (broken !== null) throw broken;
    const json = parseJson(line);
    if (!json.ok) {
      broken = new HistoryError(number, `this is not JSON: ${json.reason}`);
      continue;
    }
    const event = asEvent(json.value, number);
    if (event.index !== events.length) {
      throw new HistoryError(
        number,
        `the index is ${event.index} where ${events.length} must follow: events are missing or out of order`,
      );
    }
    checkOrder(event, number, pending);
    if (options.workload !== undefined) checkOperation(event, number, options.workload);
    events.push(event);
  }
  if (broken !== null && options.cutOff !== "drop") {
    if (events.length === 0) throw broken; // no history at all
    throw new HistoryError(
      broken.line,
      `the history is cut off in the middle of this line (${broken.reason})`,
    );
  }
  return events;
}

/**
 * A result as JSON text; bigints are written as the whole numbers that they are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resultText } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(resultText({ valid: true, sum: 2n ** 64n }), '{"valid":true,"sum":18446744073709551616}');
 * ```
 */
export function resultText(result: unknown, indent?: number): string {
  return JSON.stringify(
    result,
    (_, value: unknown) => typeof value === "bigint" ? rawNumber(value) : value,
    indent,
  );
}

/** `JSON.rawJSON` (ES2026) is in the engine, but not yet in the language's types. */
function rawNumber(value: bigint): unknown {
  if (!("rawJSON" in JSON) || typeof JSON.rawJSON !== "function") return value.toString();
  return JSON.rawJSON(value.toString());
}

function parseJson(line: string): { ok: true; value: unknown } | { ok: false; reason: string } {
  try {
    const value: unknown = LONG_NUMBER.test(line) ? JSON.parse(line, keepLargeNumber) : JSON.parse(line);
    return { ok: true, value };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function keepLargeNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

function asEvent(value: unknown, line: number): Event {
  if (isEvent(value)) return value;
  const withValue: unknown = isRecord(value) && !Object.hasOwn(value, "value")
    ? { ...value, value: null }
    : value;
  if (isEvent(withValue)) return withValue;
  throw new HistoryError(line, `this is not an event: ${problemOf(value)}`);
}

function isEvent(value: unknown): value is Event {
  return isRecord(value) && isCount(value["index"]) && typeof value["time"] === "number" &&
    isProcess(value["process"]) && isType(value["type"]) && typeof value["f"] === "string" &&
    value["value"] !== undefined;
}

function problemOf(value: unknown): string {
  if (!isRecord(value)) return "an event is a JSON object";
  const wanted: [field: string, fits: boolean, what: string][] = [
    ["index", isCount(value["index"]), "a whole number from 0"],
    ["time", typeof value["time"] === "number", "a number of nanoseconds"],
    ["process", isProcess(value["process"]), 'a whole number from 0, or "nemesis"'],
    ["type", isType(value["type"]), '"invoke", "ok", "fail" or "info"'],
    ["f", typeof value["f"] === "string", "the operation's name"],
  ];
  for (const [field, fits, what] of wanted) {
    if (fits) continue;
    if (!Object.hasOwn(value, field)) return `it has no "${field}" (${what})`;
    return `"${field}" must be ${what}, not ${resultText(value[field])}`;
  }
  return "it has a field of the wrong type";
}

function checkOrder(event: Event, line: number, pending: Map<number, { line: number; f: string }>): void {
  const { process, type, f } = event;
  if (process === NEMESIS) return;
  const busy = pending.get(process);
  if (type === "invoke") {
    if (busy !== undefined) {
      throw new HistoryError(
        line,
        `process ${process} invokes "${f}" while its "${busy.f}" of line ${busy.line} is still pending`,
      );
    }
    pending.set(process, { line, f });
    return;
  }
  if (busy === undefined) {
    throw new HistoryError(line, `process ${process} completes "${f}" (${type}), which it never invoked`);
  }
  if (busy.f !== f) {
    throw new HistoryError(
      line,
      `process ${process} completes "${f}", but what it invoked (line ${busy.line}) was "${busy.f}"`,
    );
  }
  pending.delete(process);
}

function checkOperation(event: Event, line: number, workload: WorkloadName): void {
  if (event.process === NEMESIS || operationsOf(workload).includes(event.f)) return;
  const others = workloadsWith(event.f);
  const hint = others.length === 0 ? "which no workload has" : `which is one of ${others.join(", ")}`;
  throw new HistoryError(
    line,
    `this history is not of ${workload}: it has the operation "${event.f}", ${hint}`,
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isProcess(value: unknown): value is Event["process"] {
  return value === NEMESIS || isCount(value);
}

function isType(value: unknown): value is EventType {
  return TYPES.has(value);
}
