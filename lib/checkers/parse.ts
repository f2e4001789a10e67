/** Reads a recorded history, one JSON event per line. */

import { parseDeepJson } from "../protocol/deep_json.ts";
import { parseExactJson, stringifyExactJson } from "../protocol/exact_json.ts";
import type { Event, History } from "./history.ts";
import { HistoryBuilder, HistoryError, isCount, isProcess, isType } from "./history_builder.ts";
import { valueText } from "./value_key.ts";

export { HistoryError };

/** The options of {@linkcode parseHistory}. */
export interface ParseOptions {
  /** The workload that the history must belong to. The operations of an unknown workload are not checked. */
  readonly workload?: string;
  /**
   * The treatment of a last line that is incomplete JSON, as an interrupted run leaves it: reject the history, or drop
   * the line.
   *
   * @default {"error"}
   */
  readonly cutOff?: "error" | "drop";
}

/**
 * Reads the text or the lines of a `history.jsonl`. Empty lines are ignored. Numbers are exact: see `parseExactJson`.
 *
 * @throws {HistoryError} for a line that is cut off, not JSON or not an event; an index that does not follow its
 * predecessor; an invocation by a process with a pending operation; a completion without its invocation; an operation
 * of another workload.
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
  const builder = new HistoryBuilder(options);
  let number = 0;
  let broken: HistoryError | null = null; // a line that is not JSON; it is cut off if it is the last one
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
    if (event.index !== builder.length) {
      throw new HistoryError(
        number,
        `the index is ${event.index} instead of ${builder.length}: events are missing or out of order`,
      );
    }
    builder.add(event, { line: number });
  }
  if (broken !== null && options.cutOff !== "drop") {
    if (builder.length === 0) throw broken; // there is no history to keep
    throw new HistoryError(
      broken.line,
      `the history is cut off in the middle of this line (${broken.reason})`,
    );
  }
  return builder.history;
}

/**
 * Returns a result as JSON text. Numbers of any size and form are exact.
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
  try {
    return stringifyExactJson(result, indent);
  } catch (error) {
    // The engine's writer exhausts the stack at deeply nested values. Those are written on one line.
    if (error instanceof RangeError) return valueText(result);
    throw error;
  }
}

function parseJson(line: string): { ok: true; value: unknown } | { ok: false; reason: string } {
  try {
    return { ok: true, value: parseExactJson(line) };
  } catch (error) {
    if (error instanceof RangeError) return { ok: true, value: parseDeepJson(line) };
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
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
    ["index", isCount(value["index"]), "a non-negative integer"],
    ["time", typeof value["time"] === "number", "a number of nanoseconds"],
    ["process", isProcess(value["process"]), 'a non-negative integer, or "nemesis"'],
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
