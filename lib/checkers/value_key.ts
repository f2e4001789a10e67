/** Equality of JSON values, as keys of a Map. */

import { Decimal } from "../protocol/exact_json.ts";

/** Two values have the same key (by `Map`'s equality) if and only if they are the same JSON value. */
export type ValueKey = string | number | bigint | boolean | null;

const COMPOUND = "\u0000"; // sets lists and objects apart from the strings that read like them

/**
 * The key of a JSON value; an object's does not depend on the order of its fields. 1.0 is not 1, as in Clojure, but it is
 * 1.00.
 */
export function valueKey(value: unknown): ValueKey {
  switch (typeof value) {
    case "number":
    case "boolean":
    case "bigint":
      return value;
    case "string":
      return value.startsWith(COMPOUND) ? COMPOUND + JSON.stringify(value) : value;
    case "object":
      return value === null ? null : COMPOUND + valueText(value);
    default:
      return null; // JSON has no undefined: a field that is absent reads as null
  }
}

/** Whether two JSON values are equal. */
export function sameValue(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || valueKey(a) === valueKey(b);
}

/** A value as JSON text with sorted fields. Equal numbers have the same text. */
export function valueText(value: unknown): string {
  return typeof value === "object" && value !== null ? compoundText(value) : atomText(value);
}

function atomText(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  return value === undefined ? "null" : JSON.stringify(value);
}

/** Text that is already JSON, among the values that are still to be written. */
class Written {
  constructor(readonly text: string) {}
}

/** Without recursion, because a reply may be nested more deeply than the stack is. */
function compoundText(root: object): string {
  const parts: string[] = [];
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (value instanceof Written) parts.push(value.text);
    else if (value instanceof Decimal) parts.push(decimalText(value.text));
    else if (Array.isArray(value)) openList(value, parts, open);
    else if (typeof value === "object" && value !== null) openObject(value, parts, open);
    else parts.push(atomText(value));
  }
  return parts.join("");
}

function openList(list: readonly unknown[], parts: string[], open: unknown[]): void {
  parts.push("[");
  open.push(CLOSE_LIST);
  for (let i = list.length - 1; i >= 0; i--) {
    open.push(list[i]);
    if (i > 0) open.push(SEPARATOR);
  }
}

function openObject(value: object, parts: string[], open: unknown[]): void {
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? 1 : a > b ? -1 : 0)); // the last is opened first
  parts.push("{");
  open.push(CLOSE_OBJECT);
  fields.forEach(([name, field], i) => {
    const separator = i === fields.length - 1 ? "" : ",";
    open.push(field, new Written(`${separator}${JSON.stringify(name)}:`));
  });
}

const SEPARATOR = new Written(",");
const CLOSE_LIST = new Written("]");
const CLOSE_OBJECT = new Written("}");

/** A decimal's zeros are written out where it has at most this many digits. */
const PLAIN_DIGITS_MAX = 21;

/** The one text of all decimals that are equal. Zero has no sign, as in Clojure's `=`. */
function decimalText(text: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const leading = (whole + fraction).replace(/^0+/, "");
  const digits = leading.replace(/0+$/, "");
  if (digits === "") return "0.0";
  const point = Number(exponent) - fraction.length + leading.length; // the value is 0.DIGITS × 10^point
  if (point > PLAIN_DIGITS_MAX || point < -PLAIN_DIGITS_MAX) return `${sign}0.${digits}e${point}`;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  const padded = digits.padEnd(point, "0");
  return `${sign}${padded.slice(0, point)}.${padded.slice(point) || "0"}`;
}

/**
 * An order over all JSON values: null, numbers by size, strings, lists (shorter first, then by element, as Clojure orders
 * vectors), then the rest by their text.
 */
export function compareValues(a: unknown, b: unknown): number {
  if (!Array.isArray(a) || !Array.isArray(b)) return compareAtoms(a, b);
  const open: [unknown, unknown][] = [[a, b]]; // without recursion: see compoundText
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [x, y] = pair;
    if (!Array.isArray(x) || !Array.isArray(y)) {
      const order = compareAtoms(x, y);
      if (order !== 0) return order;
      continue;
    }
    if (x.length !== y.length) return x.length - y.length;
    for (let i = x.length - 1; i >= 0; i--) open.push([x[i], y[i]]);
  }
  return 0;
}

function compareAtoms(a: unknown, b: unknown): number {
  const rankA = rank(a);
  const rankB = rank(b);
  if (rankA !== rankB) return rankA - rankB;
  if (rankA === 1) return compareNumbers(a, b);
  const textA = typeof a === "string" ? a : valueText(a);
  const textB = typeof b === "string" ? b : valueText(b);
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}

function compareNumbers(a: unknown, b: unknown): number {
  const x = sizeOf(a);
  const y = sizeOf(b);
  if (x !== y) return x < y ? -1 : x > y ? 1 : 0;
  const textA = valueText(a);
  const textB = valueText(b);
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}

function sizeOf(value: unknown): number | bigint {
  if (value instanceof Decimal) return value.valueOf();
  return typeof value === "number" || typeof value === "bigint" ? value : 0;
}

function rank(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === "number" || typeof value === "bigint" || value instanceof Decimal) return 1;
  if (typeof value === "string") return 2;
  return Array.isArray(value) ? 3 : 4;
}
