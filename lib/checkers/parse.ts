/** Reading a recorded history, one JSON event a line. */

import { parseDeepJson } from "../protocol/deep_json.ts";
import { parseExactJson, stringifyExactJson } from "../protocol/exact_json.ts";
import type { Event, History } from "./history.ts";
import { HistoryBuilder, HistoryError, isCount, isProcess, isType } from "./history_builder.ts";
import { valueText } from "./value_key.ts";
import type { WorkloadName } from "./workloads.ts";

export { HistoryError };

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

/**
 * Reads the text, or the lines, of a `history.jsonl`. Empty lines are passed over. No number is rounded: see
 * `parseExactJson`.
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
  const builder = new HistoryBuilder(options);
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
    if (event.index !== builder.length) {
      throw new HistoryError(
        number,
        `the index is ${event.index} where ${builder.length} must follow: events are missing or out of order`,
      );
    }
    builder.add(event, { line: number });
  }
  if (broken !== null && options.cutOff !== "drop") {
    if (builder.length === 0) throw broken; // no history at all
    throw new HistoryError(
      broken.line,
      `the history is cut off in the middle of this line (${broken.reason})`,
    );
  }
  return builder.history;
}

/**
 * A result as JSON text; numbers of any size and form are written as they are.
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
    // A value nested so deeply that the engine's writer runs out of stack is written on one line.
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
