/**
 * Writes a result as EDN with Maelstrom's own keys, for scripts that read its `results.edn`.
 *
 * The result map is JSON: it has strings where Maelstrom's has keywords. The key of a string determines if it is a
 * keyword there. Everything below an operation's `value` is data and stays unchanged, except the names of
 * micro-operations.
 */

import type { Event } from "../../checkers/history.ts";
import { valueText } from "../../checkers/value_key.ts";
import { Decimal } from "../../protocol/exact_json.ts";
import { isObject } from "../../protocol/schema.ts";

/** Keys that end in a question mark in Maelstrom's map. */
const QUESTIONS: ReadonlySet<string> = new Set(["valid", "final"]);
/** Keys whose strings, or whose lists of strings, are keywords in Maelstrom's map. */
const KEYWORDS: ReadonlySet<string> = new Set([
  "valid",
  "type",
  "f",
  "process",
  "outcome",
  "not",
  "also-not",
  "anomaly-types",
  "error-types",
  "bad-error-types",
]);
/** Keys whose maps have data as keys: elements, registers, quantiles, logs. */
const DATA_MAPS: ReadonlySet<string> = new Set([
  "results",
  "duplicated",
  "duplicates",
  "stable-latencies",
  "lost-latencies",
  "unseen",
  "messages",
]);
/** Keys whose values are data at every level. */
const DATA: ReadonlySet<string> = new Set([
  "value",
  "mop",
  "element",
  "values",
  "key",
  "lost",
  "stale",
  "never-read",
]);
/** Keys whose values are sets in Maelstrom's map, and lists in JSON. */
const SETS: ReadonlySet<string> = new Set(["not", "also-not"]);
const KEYWORD = /^[A-Za-z*!_?<>=+.-][\w*!?<>=+.'/#-]*$/;
const MICRO_OPERATIONS: ReadonlySet<unknown> = new Set(["r", "w", "append", "send", "poll"]);

/** Returns the result as one EDN map, with a line per part. */
export function resultEdn(result: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(result).filter(([, value]) => value !== undefined);
  return `{${parts.map(([key, value]) => `${keyEdn(key)} ${partEdn(value, key)}`).join(",\n ")}}\n`;
}

/** Returns an event as a line of Jepsen's history.edn. */
export function eventEdn(event: Event): string {
  return partEdn(event, "");
}

/** Returns the EDN of a value under the key `under` of the result. */
function partEdn(value: unknown, under: string): string {
  if (DATA.has(under)) return dataEdn(value);
  if (typeof value === "string") return KEYWORDS.has(under) ? keyword(value) : JSON.stringify(value);
  if (Array.isArray(value)) {
    const elements = value.map((each) => partEdn(each, under)).join(" ");
    return SETS.has(under) ? `#{${elements}}` : `[${elements}]`;
  }
  if (!isObject(value) || value instanceof Decimal) return atomEdn(value);
  const keyOf = DATA_MAPS.has(under) ? dataKeyEdn : keyEdn;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  const inner = (key: string): string => under === "unseen" || under === "messages" ? "values" : key;
  return `{${fields.map(([key, field]) => `${keyOf(key)} ${partEdn(field, inner(key))}`).join(", ")}}`;
}

/** Returns the EDN of data: strings stay strings, except the first element of a micro-operation. */
function dataEdn(value: unknown): string {
  if (Array.isArray(value)) {
    const [first, ...rest]: readonly unknown[] = value;
    if (!MICRO_OPERATIONS.has(first)) return `[${value.map(dataEdn).join(" ")}]`;
    return `[${[keyword(String(first)), ...rest.map(dataEdn)].join(" ")}]`;
  }
  if (!isObject(value) || value instanceof Decimal) {
    return typeof value === "string" ? JSON.stringify(value) : atomEdn(value);
  }
  return `{${
    Object.entries(value).map(([key, field]) => `${JSON.stringify(key)} ${dataEdn(field)}`).join(", ")
  }}`;
}

function atomEdn(value: unknown): string {
  if (value === null || value === undefined) return "nil";
  if (value instanceof Decimal) return value.text;
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? value.toString() : `${value}N`;
  if (typeof value === "number" && !Number.isFinite(value)) {
    return Number.isNaN(value) ? "##NaN" : value > 0 ? "##Inf" : "##-Inf";
  }
  return valueText(value);
}

function keyEdn(key: string): string {
  return QUESTIONS.has(key) ? `:${key}?` : KEYWORD.test(key) ? `:${key}` : dataKeyEdn(key);
}

function dataKeyEdn(key: string): string {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(key) ? key : JSON.stringify(key);
}

function keyword(text: string): string {
  return KEYWORD.test(text) ? `:${text}` : JSON.stringify(text);
}
