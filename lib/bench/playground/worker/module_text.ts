/**
 * Converts the text of a node's module to a script that a browser's worker can load: without types, with its imports as
 * calls, and with the platform's names as parameters. Lines keep their numbers.
 *
 * Tested by `tests/bench/playground/module_text_test.ts`.
 */

import { transform } from "sucrase";
import type { CodePlace } from "./messages.ts";
import { CODE_LENGTH_MAX } from "./places.ts";

/** The number of lines that the script has before the module's first line. */
const HEAD_LINES = 1;

/** A syntax error of a module. */
export class CodeError extends Error {
  readonly place: CodePlace | undefined;

  constructor(message: string, place?: CodePlace) {
    super(message);
    this.name = "CodeError";
    this.place = place;
  }
}

/** Returns the script of a module: it exports a function of the module's exports, `require`, and the hidden names. */
export function scriptOfModule(code: string, hidden: readonly string[]): string {
  if (code.length > CODE_LENGTH_MAX) {
    throw new CodeError(`the module is longer than ${CODE_LENGTH_MAX} characters`);
  }
  const parameters = ["exports", "require", ...hidden].join(", ");
  const head = `export default async function (${parameters}) {`;
  // The inner block lets a module declare names of its own that are hidden names, too.
  return [`${head}"use strict"; {`, withoutTypes(code), "} }", ""].join("\n");
}

function withoutTypes(code: string): string {
  try {
    return transform(code, {
      transforms: ["typescript", "imports"],
      disableESTransforms: true,
      production: true,
    }).code;
  } catch (error) {
    throw syntaxError(error);
  }
}

/** Returns sucrase's error with its place: the message ends with `(line:column)`. */
function syntaxError(error: unknown): CodeError {
  const said = error instanceof Error ? error.message : String(error);
  const [, text = said, line, column] =
    /^(?:Error transforming [^:]*: )?(.*?) \((\d+):(\d+)\)$/s.exec(said) ?? [];
  return new CodeError(
    text.charAt(0).toLowerCase() + text.slice(1),
    line === undefined ? undefined : { line: Number(line), column: Number(column) },
  );
}

/** Returns a stack trace with the module's own name and lines, and without the lines of other scripts. */
export function ownStack(
  stack: string,
  { url, name }: { readonly url: string; readonly name: string },
): string {
  const own = stack.split(url).map((part, i) =>
    i === 0 ? part : part.replace(/^:(\d+)/, (_all, line) => `${name}:${Number(line) - HEAD_LINES}`)
  ).join("");
  return own.split("\n").filter((line) => !/^\s+at .*blob:|@blob:/.test(line)).join("\n");
}
