/**
 * JSON that is nested more deeply than the engine can revive: its reviver is recursive, this parser is not.
 *
 * Tested by `tests/protocol/message_test.ts`.
 */

import { parseExactJson } from "./exact_json.ts";

const TOKENS = /"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s,:[\]{}"]+/g;

/** A list or an object that is not complete yet; `key` is that of an object whose value comes next. */
interface Open {
  readonly into: unknown[] | Map<string, unknown>;
  key: string | undefined;
}

/**
 * Parses a text that is known to be JSON, without rounding any number: as `parseExactJson`, and slower, but to any depth.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Decimal, parseDeepJson } from "@charybdis/charybdis/protocol";
 *
 * assertEquals(parseDeepJson('{"a": [1.0, "x"]}'), { a: [new Decimal("1.0"), "x"] });
 * ```
 */
export function parseDeepJson(text: string): unknown {
  const top: unknown[] = [];
  const open: Open[] = [{ into: top, key: undefined }];
  for (const [token] of text.matchAll(TOKENS)) {
    const here = open[open.length - 1];
    if (here === undefined) break;
    if (token === "[" || token === "{") {
      open.push({ into: token === "[" ? [] : new Map(), key: undefined });
    } else if (token === "]" || token === "}") {
      open.pop();
      add(open[open.length - 1], here.into instanceof Map ? Object.fromEntries(here.into) : here.into);
    } else if (here.into instanceof Map && here.key === undefined) {
      here.key = String(parseExactJson(token));
    } else {
      add(here, parseExactJson(token));
    }
  }
  return top[0];
}

function add(open: Open | undefined, value: unknown): void {
  if (open === undefined) return;
  if (Array.isArray(open.into)) {
    open.into.push(value);
  } else {
    open.into.set(open.key ?? "", value);
    open.key = undefined;
  }
}
