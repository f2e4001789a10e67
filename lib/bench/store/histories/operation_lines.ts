/**
 * Operations as Jepsen prints them: process, type, name and value between tabs, in `history.txt`, and after
 * `jepsen.util` in its logs.
 */

import { HistoryError } from "../../../checkers/history_builder.ts";
import { EdnError, type Form, parseEdn } from "./edn_reader.ts";

/** Where a log line names the operation's writer. Everything else in a log is not an operation. */
const LOGGED = /jepsen\.util(?:\s+-|:)\s+/;
const OPERATION = /^\s*(:?nemesis|\d+)\s+:(invoke|ok|fail|info)\s+(:?\S+)(?:\s+(.*))?$/;

/** Returns true for a line of `history.txt`. */
export function isOperationLine(line: string): boolean {
  return OPERATION.test(line);
}

/** Returns true for a line of a log that holds an operation. */
export function isLoggedOperation(line: string): boolean {
  const found = LOGGED.exec(line);
  return found !== null && OPERATION.test(line.slice(found.index + found[0].length));
}

/**
 * Reads the operations of a `history.txt`, in which every line must be one.
 *
 * @throws {HistoryError} for a line that is none.
 */
export function* readOperationLines(lines: Iterable<string>): Generator<Form> {
  let line = 0;
  for (const text of lines) {
    line++;
    if (text.trim() !== "") yield operationForm(text, { line, offset: 0 });
  }
}

/**
 * Reads the operations of a log. Its other lines are passed over; a line of Jepsen's printer that cannot be read is not.
 *
 * @throws {HistoryError} for such a line.
 */
export function* readLoggedOperations(lines: Iterable<string>): Generator<Form> {
  let line = 0;
  for (const text of lines) {
    line++;
    const found = LOGGED.exec(text);
    if (found === null) continue;
    const offset = found.index + found[0].length;
    yield operationForm(text.slice(offset), { line, offset });
  }
}

function operationForm(
  text: string,
  { line, offset }: { readonly line: number; readonly offset: number },
): Form {
  const column = offset + 1;
  const found = OPERATION.exec(text.trimEnd());
  if (found === null) {
    throw new HistoryError(line, "expected an operation: process, :type, :f and value, between tabs", column);
  }
  const [, process = "", type = "", f = "", rest = ""] = found;
  const [value, ...errors] = valuesIn(rest, { line, column: column + text.length - rest.length });
  return {
    line,
    column,
    value: {
      process: /^\d/.test(process) ? Number(process) : "nemesis",
      type,
      f: f.replace(/^:/, ""),
      value: value ?? null,
      ...(errors.length === 0 ? {} : { error: errors.length === 1 ? errors[0] : errors }),
    },
  };
}

/** The value and the error; a message that is not EDN is an error as it stands. */
function valuesIn(text: string, at: { readonly line: number; readonly column: number }): unknown[] {
  const [value = "", ...errors] = text.split("\t");
  if (value.trim() === "") return [null];
  try {
    return [parseEdn(value), ...errors.map(errorIn)];
  } catch (error) {
    if (!(error instanceof EdnError)) throw error;
    throw new HistoryError(at.line, `the operation's value is not EDN: ${error.reason}`, at.column);
  }
}

function errorIn(text: string): unknown {
  try {
    return parseEdn(text);
  } catch (error) {
    if (error instanceof EdnError) return text;
    throw error;
  }
}
