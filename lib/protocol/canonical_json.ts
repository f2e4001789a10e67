/** One text per JSON value, so that equal values can be found by their text. */

import { Decimal } from "./exact_json.ts";

/**
 * Returns a text that two JSON values share if and only if Maelstrom holds them to be equal: the order of an object's fields does
 * not matter, whole numbers compare exactly, and 1.0 is not 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { canonicalJson, Decimal } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(canonicalJson({ b: 1, a: [2n ** 64n] }), '{"a":[18446744073709551616],"b":1}');
 * assertEquals(canonicalJson(new Decimal("1.00")) === canonicalJson(1), false);
 * ```
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value ?? null);
  if (value instanceof Decimal) return decimalText(Number(value.text));
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(",")}}`;
}

/** Returns a double's text, which never reads like an integer's; -0.0 equals 0.0. */
function decimalText(value: number): string {
  return `${value === 0 ? 0 : value}d`;
}
