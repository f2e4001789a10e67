/** The name, the length and the places of a module's code. Tested by `tests/bench/playground/module_text_test.ts`. */

import type { CodePlace } from "./messages.ts";

/** The maximum length of a module, in characters. */
export const CODE_LENGTH_MAX = 1_000_000;

/** The module's name in messages. */
export const MODULE_NAME = "node.ts";

/** Returns the first place in a module that a stack trace of {@linkcode ownStack} names. */
export function placeIn(stack: string, name: string): CodePlace | undefined {
  const at = stack.indexOf(`${name}:`);
  const [, line, column] = at < 0 ? [] : /^:(\d+):(\d+)/.exec(stack.slice(at + name.length)) ?? [];
  return line === undefined ? undefined : { line: Number(line), column: Number(column) };
}
