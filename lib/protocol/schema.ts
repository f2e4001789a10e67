/**
 * Declarations of messages. One declaration yields the TypeScript type, the validation at the border, the validation error
 * message, and the generated reference.
 */

import { type Decimal, stringifyExactJson } from "./exact_json.ts";

/** The form of a value: a type, and the check that a parsed JSON value is of it. */
export interface Schema<T> {
  /** The form in words, as error messages show it: `an integer`, `an array of strings`. */
  readonly description: string;
  /** True if the key that holds it may be absent from an object. */
  readonly optional?: true;
  /** The fields of an object with named fields. */
  readonly fields?: Readonly<Record<string, Schema<unknown>>>;
  /** Returns the reason why `value` does not have this form, or undefined if it has. `path` is its place. */
  problem(value: unknown, path: string): string | undefined;
  /** Returns true if `value` has this form. */
  is(value: unknown): value is T;
}

/** The TypeScript type that a schema declares. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

/** Named fields of an object. */
export type Fields = Readonly<Record<string, Schema<unknown>>>;

/** The keys of fields that may be absent. */
export type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends { optional: true } ? K : never;
}[keyof F];

/** The TypeScript type of an object with these fields. */
export type InferFields<F extends Fields> =
  & { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]> }
  & { readonly [K in OptionalKeys<F>]?: Infer<F[K]> };

/** Any value that JSON can hold; see {@linkcode parseExactJson} for bigints and {@linkcode Decimal}s. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | Decimal
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A whole number of any size. */
export type WholeNumber = number | bigint;

const SHOWN_LENGTH_MAX = 120;

/**
 * A value as an error message shows it: JSON, cut to a readable length.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { show } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(show({ key: 1 }), '{"key":1}');
 * ```
 */
export function show(value: unknown): string {
  let text: string | undefined;
  try {
    text = stringifyExactJson(value);
  } catch {
    text = undefined; // a cycle, or nested too deeply to be written
  }
  if (text === undefined) return typeof value;
  return text.length > SHOWN_LENGTH_MAX
    ? `${text.slice(0, SHOWN_LENGTH_MAX)}… (${text.length} characters)`
    : text;
}

/**
 * Makes a schema from its form in words and its check.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { schema } from "@charybdis/charybdis/protocol";
 *
 * const even = schema<number>("an even number", (value, path) =>
 *   typeof value === "number" && value % 2 === 0 ? undefined : `${path} must be even`);
 * assertEquals(even.is(4), true);
 * assertEquals(even.problem(3, "count"), "count must be even");
 * ```
 */
export function schema<T>(
  description: string,
  problem: (value: unknown, path: string) => string | undefined,
): Schema<T> {
  return { description, problem, is: (value): value is T => problem(value, "") === undefined };
}

function simple<T>(description: string, matches: (value: unknown) => boolean): Schema<T> {
  return {
    description,
    problem: (value, path) => matches(value) ? undefined : mismatch(path, description, value),
    is: (value): value is T => matches(value),
  };
}

function mismatch(path: string, description: string, value: unknown): string {
  const where = path === "" ? "expected" : `${path} must be`;
  return value === undefined
    ? `${where} ${description}, but is missing`
    : `${where} ${description}, but is ${show(value)}`;
}

/** Anything at all, `null` included; only absence is wrong. */
export const json: Schema<Json> = simple("any JSON value", (value) => value !== undefined);

/** A string. */
export const string: Schema<string> = simple("a string", (value) => typeof value === "string");

/** A truth value. */
export const boolean: Schema<boolean> = simple("true or false", (value) => typeof value === "boolean");

/** A whole number that a double holds exactly (|x| < 2^53). */
export const integer: Schema<number> = simple("an integer", Number.isSafeInteger);

/** A whole number of any size: beyond 2^53 it is a bigint. */
export const wholeNumber: Schema<WholeNumber> = simple(
  "an integer",
  (value) => Number.isSafeInteger(value) || typeof value === "bigint",
);

/** A whole number of 64 bits: beyond 2^53 it is a bigint. */
export const int64: Schema<WholeNumber> = simple(
  "an integer of 64 bits",
  (value) => Number.isSafeInteger(value) || (typeof value === "bigint" && BigInt.asIntN(64, value) === value),
);

/** Any number, with a fraction or without. */
export const double: Schema<number> = simple("a number", Number.isFinite);

/** A whole number from 0. */
export const natural: Schema<number> = simple(
  "an integer from 0",
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
);

/**
 * Exactly this string or number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { literal } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(literal("r").is("w"), false);
 * ```
 */
export function literal<const T extends string | number>(expected: T): Schema<T> {
  return simple(JSON.stringify(expected), (value) => value === expected);
}

/** Something that is not a container: a string, a number, a truth value. */
export const scalar: Schema<string | number | boolean> = simple(
  "a string, a number, true or false",
  (value) => typeof value === "string" || typeof value === "number" || typeof value === "boolean",
);

/**
 * An array whose elements all have one form.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { array, natural } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(array(natural).problem([1, -1], "values"), "values[1] must be an integer from 0, but is -1");
 * ```
 */
export function array<T>(element: Schema<T>): Schema<readonly T[]> {
  const description = `an array of (${element.description})`;
  return schema(description, (value, path) => {
    if (!Array.isArray(value)) return mismatch(path, description, value);
    if (element === json) return undefined; // a parsed value holds nothing else
    for (let i = 0; i < value.length; i++) {
      // The path is only built for a wrong element, because arrays can be long.
      if (!element.is(value[i])) return element.problem(value[i], `${path}[${i}]`);
    }
    return undefined;
  });
}

/**
 * An array whose elements all have one form, or `null` in place of an empty one.
 *
 * Maelstrom's schemas accept null where a list is due, which is how Go encodes a nil slice.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { natural, nullableArray } from "@charybdis/charybdis/protocol";
 *
 * assertEquals([[1], null, {}].map((value) => nullableArray(natural).is(value)), [true, true, false]);
 * ```
 */
export function nullableArray<T>(element: Schema<T>): Schema<readonly T[] | null> {
  const list = array(element);
  return schema(list.description, (value, path) => value === null ? undefined : list.problem(value, path));
}

/**
 * An array of fixed length, each place with its own form.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { json, literal, string, tuple } from "@charybdis/charybdis/protocol";
 *
 * const read = tuple(literal("r"), string, json);
 * assertEquals(read.is(["r", "x", null]), true);
 * assertEquals(read.is(["r", "x"]), false);
 * ```
 */
export function tuple<const S extends readonly Schema<unknown>[]>(
  ...places: S
): Schema<{ readonly [I in keyof S]: Infer<S[I]> }> {
  type Tuple = { readonly [I in keyof S]: Infer<S[I]> };
  const description = `[${places.map((place) => place.description).join(", ")}]`;
  const isTuple = (value: unknown): value is Tuple => {
    if (!Array.isArray(value) || value.length !== places.length) return false;
    for (let i = 0; i < places.length; i++) if (places[i]?.is(value[i]) !== true) return false;
    return true;
  };
  return {
    description,
    problem: (value, path) => {
      if (!Array.isArray(value) || value.length !== places.length) return mismatch(path, description, value);
      const wrong = places.findIndex((place, i) => !place.is(value[i]));
      return wrong < 0 ? undefined : places[wrong]?.problem(value[wrong], `${path}[${wrong}]`);
    },
    // Without the text of a problem, because most values of a union differ from its first options.
    is: isTuple,
  };
}

/**
 * An object used as a map: any keys, values of one form.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { natural, record } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(record(natural).problem({ a: 1, b: "2" }, "offsets"), 'offsets["b"] must be an integer from 0, but is "2"');
 * ```
 */
export function record<T>(element: Schema<T>): Schema<Readonly<Record<string, T>>> {
  const description = `an object whose values are (${element.description})`;
  return schema(description, (value, path) => {
    if (!isObject(value)) return mismatch(path, description, value);
    for (const key of Object.keys(value)) {
      if (!element.is(value[key])) {
        return element.problem(value[key], `${path}[${JSON.stringify(key)}]`);
      }
    }
    return undefined;
  });
}

/**
 * A value of one of several forms.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { natural, string, union } from "@charybdis/charybdis/protocol";
 *
 * assertEquals([1, "a", null].map((value) => union(natural, string).is(value)), [true, true, false]);
 * ```
 */
export function union<const S extends readonly Schema<unknown>[]>(...options: S): Schema<Infer<S[number]>> {
  const description = options.map((option) => option.description).join(" or ");
  return schema(description, (value, path) => {
    for (const option of options) if (option.is(value)) return undefined;
    return mismatch(path, description, value);
  });
}

/**
 * Marks a field that may be absent.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boolean, object, optional, string } from "@charybdis/charybdis/protocol";
 *
 * const request = object({ key: string, create: optional(boolean) });
 * assertEquals(request.is({ key: "a" }), true);
 * assertEquals(request.is({ key: "a", create: 1 }), false);
 * ```
 */
export function optional<T>(inner: Schema<T>): Schema<T> & { readonly optional: true } {
  return { ...inner, optional: true, is: (value): value is T => inner.is(value) };
}

/**
 * Returns true if a parsed JSON value is an object, not an array and not null.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isObject } from "@charybdis/charybdis/protocol";
 *
 * assertEquals([{}, [], null].map(isObject), [true, false, false]);
 * ```
 */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * An object with named fields; further keys are refused if `closed`, ignored otherwise.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { integer, object } from "@charybdis/charybdis/protocol";
 *
 * const point = object({ x: integer, y: integer }, { closed: true });
 * assertEquals(point.problem({ x: 1 }, ""), "y must be an integer, but is missing");
 * assertEquals(point.problem({ x: 1, y: 2, z: 3 }, ""), "z is not expected here");
 * ```
 */
export function object<F extends Fields>(
  fields: F,
  options: { closed?: boolean } = {},
): Schema<InferFields<F>> {
  const keys = Object.keys(fields);
  const forms = Object.values(fields);
  const inside = Object.entries(fields).map(([key, field]) =>
    `${key}${field.optional ? "?" : ""}: ${field.description}`
  ).join(
    ", ",
  );
  const description = `{${inside}}`;
  const declared = schema<InferFields<F>>(description, (value, path) => {
    if (!isObject(value)) return mismatch(path, description, value);
    const prefix = path === "" ? "" : `${path}.`;
    for (let i = 0; i < keys.length; i++) { // by index, since every message passes here
      const key = keys[i] ?? "";
      const field = forms[i];
      const inner = value[key];
      if (field === undefined || (inner === undefined && field.optional)) continue;
      const problem = field.problem(inner, path === "" ? key : `${prefix}${key}`);
      if (problem === undefined) continue;
      // A field with a wrong name is both missing and one too many.
      const other = options.closed && inner === undefined ? firstUnknown(value, fields) : undefined;
      return other === undefined ? problem : `${problem}; ${prefix}${other} is not expected here`;
    }
    const unknown = options.closed ? firstUnknown(value, fields) : undefined;
    return unknown === undefined ? undefined : `${prefix}${unknown} is not expected here`;
  });
  return { ...declared, is: (value): value is InferFields<F> => declared.is(value), fields };
}

function firstUnknown(value: object, fields: Fields): string | undefined {
  return Object.keys(value).find((key) => !Object.hasOwn(fields, key));
}
