/** Equality and order of JSON values. */

import { Decimal } from "../protocol/exact_json.ts";

/** A key for a Map. Two JSON values are equal if and only if their keys are. */
export type ValueKey = string | number | bigint | boolean | null;

const COMPOUND = "\u0000"; // distinguishes lists and objects from strings with the same text

/**
 * Returns the key of a JSON value.
 *
 * The order of the fields of an object does not matter. As in Clojure, 1.0 differs from 1 and equals 1.00. The states of
 * models may be maps and sets: their key is that of the list of their entries, in any order.
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
      return null; // JSON has no undefined: an absent field reads as null
  }
}

/** Returns true if two JSON values are equal. */
export function sameValue(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || valueKey(a) === valueKey(b);
}

/** Returns a value as JSON text with sorted fields. Equal numbers have the same text. */
export function valueText(value: unknown): string {
  return typeof value === "object" && value !== null ? compoundText(value) : atomText(value);
}

function atomText(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  return value === undefined ? "null" : JSON.stringify(value);
}

/** Text that is already JSON, among values that are not yet written. */
class Written {
  constructor(readonly text: string) {}
}

/**
 * Returns the text of a list or an object. It uses no recursion, because a reply may be nested more deeply than the
 * stack allows.
 */
function compoundText(root: object): string {
  const parts: string[] = [];
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (value instanceof Written) parts.push(value.text);
    else if (value instanceof Decimal) parts.push(decimalText(value.text));
    else if (Array.isArray(value)) openList(value, parts, open);
    else if (value instanceof Map || value instanceof Set) openList(entriesOf(value), parts, open);
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

/** Returns the entries of a map or a set, in the order of their texts. JSON has none, so few are nested. */
function entriesOf(collection: Iterable<unknown>): readonly Written[] {
  return [...collection].map(valueText).sort().map((text) => new Written(text));
}

function openObject(value: object, parts: string[], open: unknown[]): void {
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? 1 : a > b ? -1 : 0)); // the last field is opened first
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

/** The number of digits up to which the zeros of a decimal are written out. */
const PLAIN_DIGITS_MAX = 21;

/** Returns the text that all equal decimals share. Zero has no sign, as in Clojure's `=`. */
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
 * Compares any two JSON values.
 *
 * The order is null, numbers by size, strings, lists, then other values by their text. A shorter list comes first and
 * lists of equal length compare by element, as Clojure's vectors do.
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
