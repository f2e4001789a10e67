/** Equality of JSON values, as keys of a Map. */

/** Two values have the same key (by `Map`'s equality) if and only if they are the same JSON value. */
export type ValueKey = string | number | bigint | boolean | null;

const COMPOUND = "\u0000"; // sets lists and objects apart from the strings that read like them

/** The key of a JSON value; an object's does not depend on the order of its fields. */
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

/** A value as JSON text with sorted fields, whole numbers of any size included. */
export function valueText(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(valueText).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${valueText(field)}`).join(",")}}`;
  }
  return value === undefined ? "null" : JSON.stringify(value);
}

/**
 * An order over all JSON values: null, numbers by size, strings, lists (shorter first, then by element, as Clojure orders
 * vectors), then the rest by their text.
 */
export function compareValues(a: unknown, b: unknown): number {
  const rankA = rank(a);
  const rankB = rank(b);
  if (rankA !== rankB) return rankA - rankB;
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return a.length - b.length;
    for (let i = 0; i < a.length; i++) {
      const order = compareValues(a[i], b[i]);
      if (order !== 0) return order;
    }
    return 0;
  }
  const textA = typeof a === "string" ? a : valueText(a);
  const textB = typeof b === "string" ? b : valueText(b);
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}

function rank(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (isNumeric(value)) return 1;
  if (typeof value === "string") return 2;
  return Array.isArray(value) ? 3 : 4;
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
