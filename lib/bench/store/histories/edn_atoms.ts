/**
 * Converts EDN's keywords, symbols and numbers to values; see the table in `edn_reader.ts`.
 *
 * Tested by `tests/bench/store/histories/edn_reader_test.ts`.
 */

import { Decimal, parseExactJson } from "../../../protocol/exact_json.ts";

/** The error for text that is not EDN, with its position. */
export class EdnError extends Error {
  override readonly name = "EdnError";
  /** Creates the error. `isCutOff` is true if the text ends in the middle of a form. */
  constructor(
    readonly at: Place,
    readonly reason: string,
    readonly isCutOff: boolean = false,
  ) {
    super(`line ${at.line}, column ${at.column}: ${reason}`);
  }
}

/** A position in a text. Line and column start at 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

const NUMBER = /^[+-]?\d/;
const INTEGER = /^([+-]?)(0|[1-9]\d*)N?$/;
const BASED = /^([+-]?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]+)|(\d\d?)[rR]([0-9a-zA-Z]+))N?$/;
const RATIO = /^([+-]?\d+)\/(\d+)$/;
const FRACTION = /^([+-]?)(\d+)(?:\.(\d*))?([eE][+-]?\d+)?M?$/;

/** Returns the value of a token other than a collection, a string or a character. Throws `EdnError` if the token is malformed. */
export function atomOf(token: string, at: Place): unknown {
  if (token.startsWith(":")) {
    const name = token.slice(token.startsWith("::") ? 2 : 1);
    if (name === "") throw new EdnError(at, "a : needs a keyword's name");
    return name;
  }
  if (NUMBER.test(token)) return numberOf(token, at);
  switch (token) {
    case "nil":
      return null;
    case "true":
      return true;
    case "false":
      return false;
    default:
      return token;
  }
}

function numberOf(token: string, at: Place): unknown {
  const integer = INTEGER.exec(token);
  if (integer !== null) return plain(BigInt(integer[2] ?? "0"), integer[1]);
  const based = BASED.exec(token);
  if (based !== null) {
    const [, sign, hex, octal, radix, digits] = based;
    if (hex !== undefined) return plain(BigInt(`0x${hex}`), sign);
    if (octal !== undefined) return plain(BigInt(`0o${octal}`), sign);
    const value = inRadix(digits ?? "", Number(radix));
    if (value !== undefined) return plain(value, sign);
  }
  const ratio = RATIO.exec(token);
  if (ratio !== null && !/^0+$/.test(ratio[2] ?? "")) {
    return ratioOf(BigInt(ratio[1] ?? 0), BigInt(ratio[2] ?? 1));
  }
  const fraction = FRACTION.exec(token);
  if (fraction === null) throw new EdnError(at, `${token} is not a number of EDN`);
  const [, sign, whole = "0", part, exponent = ""] = fraction;
  const text = `${sign === "-" ? "-" : ""}${whole.replace(/^0+(?=\d)/, "")}.${part || "0"}${exponent}`;
  const value = parseExactJson(text);
  return typeof value === "number" && !Number.isInteger(value) ? value : new Decimal(text);
}

function plain(magnitude: bigint, sign: string | undefined): number | bigint {
  const value = sign === "-" ? -magnitude : magnitude;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number + 0 : value;
}

function inRadix(digits: string, radix: number): bigint | undefined {
  let value = 0n;
  for (const digit of digits) {
    const worth = parseInt(digit, 36);
    if (!(worth < radix)) return undefined;
    value = value * BigInt(radix) + BigInt(worth);
  }
  return value;
}

/** Returns a whole number, or the ratio in lowest terms as text, because JSON has no ratios. */
function ratioOf(numerator: bigint, denominator: bigint): unknown {
  let a = numerator < 0n ? -numerator : numerator;
  let b = denominator;
  while (b !== 0n) [a, b] = [b, a % b];
  const divisor = a === 0n ? 1n : a;
  if (denominator === divisor) return plain(numerator / divisor, "");
  return `${numerator / divisor}/${denominator / divisor}`;
}
