/**
 * JSON whose numbers are never rounded.
 *
 * `JSON.parse` reads every number as a double, which merges integers beyond 2^53 and makes 1.0 and 1 the same value. Here an
 * integer from 2^53 on becomes a `bigint`, and any other number that a double would change becomes a
 * {@linkcode Decimal}. All other values are what `JSON.parse` returns, at its speed: only texts with a number that may need care
 * are parsed with a reviver.
 */

/**
 * A number that JavaScript would write differently or round: `1.0`, `-0.0`, `1e3`, `1e400`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Decimal } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(JSON.stringify({ value: new Decimal("1.0") }), '{"value":1.0}');
 * ```
 */
export class Decimal {
  /** The number as it was written. */
  readonly text: string;

  /** Holds `text`, which must be a JSON number. */
  constructor(text: string) {
    this.text = text;
  }

  /** Returns the nearest double. */
  valueOf(): number {
    return Number(this.text);
  }

  /** Returns the number as it was written. */
  toString(): string {
    return this.text;
  }

  /** Returns what `JSON.stringify` writes: the original text. */
  toJSON(): unknown {
    return rawNumber(this.text);
  }
}

/**
 * A number that needs care: an integer that may exceed 2^53, a fraction of zeros only, or an exponent. The
 * character before it keeps digits inside strings, such as those of random ids, from matching.
 */
const NEEDS_CARE = /(?:^|[:,[\s])-?\d+(?:(?<=\d{16})|\.0+(?!\d)|(?:\.\d+)?[eE])/;
/** The digits of a long integer. Sixteen classes in a row are searched several times as fast as one with a count. */
const LONG_INTEGER = new RegExp("[0-9]".repeat(16));
const FRACTION_OR_EXPONENT = /[0-9][.eE]/;

/**
 * Returns false only if no line of the text may hold a number that `JSON.parse` would change. Cheap per character, so that one
 * test of a whole chunk of lines replaces a test of each.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isSuspect } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(['{"a":1}\n{"b":2}\n', '{"a":1}\n{"b":2.5}\n'].map(isSuspect), [false, true]);
 * ```
 */
export function isSuspect(text: string): boolean {
  return LONG_INTEGER.test(text) || FRACTION_OR_EXPONENT.test(text);
}

/**
 * Returns true if the JSON text may hold a number that `JSON.parse` would change.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mayHoldInexactNumber } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(["[1,2]", "[1.0]", "12345678901234567890"].map(mayHoldInexactNumber), [false, true, true]);
 * ```
 */
export function mayHoldInexactNumber(text: string): boolean {
  return isSuspect(text) && NEEDS_CARE.test(text);
}

/**
 * Returns true if the JSON text may hold an integer that `JSON.parse` would round. This is all that can be wrong with a text that
 * JavaScript itself encoded, since that never writes 1.0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mayHoldLongInteger } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(["[1.0]", "[12345678901234567890]"].map(mayHoldLongInteger), [false, true]);
 * ```
 */
export function mayHoldLongInteger(text: string): boolean {
  return LONG_INTEGER.test(text);
}

/**
 * Parses a JSON text without rounding any number. `needsCare` decides whether the text is worth the slower way.
 *
 * @throws {SyntaxError} if the text is not JSON.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Decimal, parseExactJson } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(parseExactJson("[1, 1.5, 18446744073709551616]"), [1, 1.5, 2n ** 64n]);
 * assertEquals(parseExactJson("1.0"), new Decimal("1.0"));
 * ```
 */
export function parseExactJson(
  text: string,
  needsCare: (text: string) => boolean = mayHoldInexactNumber,
): unknown {
  return needsCare(text) ? JSON.parse(text, reviveNumber) : JSON.parse(text);
}

/**
 * Encodes a value as JSON; bigints and {@linkcode Decimal}s are written as the numbers that they are.
 *
 * @throws {TypeError} if the value has a cycle.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { stringifyExactJson } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(stringifyExactJson({ id: 2n ** 64n }), '{"id":18446744073709551616}');
 * ```
 */
export function stringifyExactJson(value: unknown, indent?: number): string {
  try {
    return indent === undefined ? JSON.stringify(value) : JSON.stringify(value, undefined, indent);
  } catch (error) {
    // A bigint is the common reason; any other reason fails again.
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, replaceBigint, indent);
  }
}

function reviveNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number") return value;
  const source = context?.source;
  if (source === undefined || (Number.isSafeInteger(value) && String(value) === source)) return value;
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source);
  // A fraction is the nearest double for every JSON library in use, so only integral doubles need to keep their form.
  return Number.isFinite(value) && !Number.isInteger(value) ? value : new Decimal(source);
}

function replaceBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawNumber(value.toString()) : value;
}

/** Calls `JSON.rawJSON` (ES2026), which is in the engine, but not yet in the language's types. */
function rawNumber(text: string): unknown {
  if (!("rawJSON" in JSON) || typeof JSON.rawJSON !== "function") {
    throw new TypeError("this JavaScript engine lacks JSON.rawJSON");
  }
  return JSON.rawJSON(text);
}
