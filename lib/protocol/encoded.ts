/** Values that are JSON text already, for replies that repeat much of what was encoded before. */

import { parseExactJson, stringifyExactJson } from "./exact_json.ts";

/**
 * A value that is JSON text already. As a field of a reply its text is written unchanged, so that a list of thousands that grows
 * by one is not encoded again each time.
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
  /** The JSON text. */
  readonly text: string;

  /** Holds `text`, which must be well-formed JSON: it is not checked before it is sent. */
  constructor(text: string) {
    this.text = text;
  }

  /** Returns the value itself, which `JSON.stringify` writes where this is nested deeper than a field. */
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
