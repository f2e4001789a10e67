/** Values that keep their own JSON text, for replies that repeat much of what was encoded before. */

import { parseExactJson, stringifyExactJson } from "./exact_json.ts";

/**
 * A value that keeps its own JSON text. As a field of a reply its text is written unchanged, so that a list of thousands that
 * grows by one is not encoded again each time.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { RawJson, encodeFields } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(encodeFields({ messages: new RawJson("[1,2]"), more: false }), '{"messages":[1,2],"more":false}');
 * ```
 */
export class RawJson {
  readonly #text: string;

  /** Holds `text`, which must be well-formed JSON: it is not checked before it is sent. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The JSON text. */
  get text(): string {
    return this.#text;
  }

  /** Returns an independent copy of the value. `JSON.stringify` calls this where the value is not a field of a reply. */
  toJSON(): unknown {
    return parseExactJson(this.text);
  }
}

/** Fields of which each may be {@linkcode RawJson}. */
export type Encodable<R> = { readonly [K in keyof R]: R[K] | RawJson };

/**
 * An object as JSON.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeFields } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(encodeFields({ offset: 7, key: undefined }), '{"offset":7}');
 * ```
 */
export function encodeFields(fields: Readonly<Record<string, unknown>>): string {
  for (const key in fields) if (fields[key] instanceof RawJson) return joinFields(fields);
  return stringifyExactJson(fields);
}

function joinFields(fields: Readonly<Record<string, unknown>>): string {
  let joined = "";
  for (const [key, value] of Object.entries(fields)) {
    const text = value instanceof RawJson ? value.text : stringifyExactJson(value);
    if (text !== undefined) joined += `${joined === "" ? "{" : ","}${JSON.stringify(key)}:${text}`;
  }
  return joined === "" ? "{}" : `${joined}}`;
}

/**
 * Returns the fields as the receiver of their JSON reads them, as far as the top level goes: without undefined fields, and with
 * the values of encoded ones.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodedFields, RawJson } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(decodedFields({ messages: new RawJson("[1,2]"), key: undefined }), { messages: [1, 2] });
 * ```
 */
export function decodedFields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  for (const key in fields) {
    if (fields[key] === undefined || fields[key] instanceof RawJson) return decodeEach(fields);
  }
  return fields;
}

function decodeEach(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const decoded = { ...fields };
  for (const key in decoded) {
    const value = decoded[key];
    if (value === undefined) delete decoded[key];
    else if (value instanceof RawJson) decoded[key] = value.toJSON();
  }
  return decoded;
}
