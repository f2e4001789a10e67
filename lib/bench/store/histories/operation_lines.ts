/**
 * Reads operations as Jepsen prints them: process, type, name and value between tabs, in `history.txt`, and after
 * `jepsen.util` in its logs.
 *
 * Tested by `tests/bench/store/histories/read_history_test.ts`.
 */

import { HistoryError } from "../../../checkers/history_builder.ts";
import { EdnError, type Form, parseEdn } from "./edn_reader.ts";

/**
 * Matches the part of a log line that names the operation's writer. Every other log line is not an operation. Without a sign after
 * the name, as in newer logs, the writer also logs other messages.
 */
const LOGGED = /jepsen\.util(?:(?:\s+-|:)\s+|\s+(?=(?::?nemesis|\d+)\s+:(?:invoke|ok|fail|info)\s))/;
/** Matches an operation, which may follow the number of its line in a listing. */
const OPERATION = /^\s*(?:\d+\s+)?(:?nemesis|\d+)\s+:(invoke|ok|fail|info)\s+(:?\S+)(?:\s+(.*))?$/s;
/** Matches an operation with an error, which Jepsen prints as it is, in several lines if it has several. */
const WITH_ERROR = /^\s*\S+\s+\S+\s+\S+\s+[^\t]+\t/;

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
 * Reads the operations of a `history.txt`, in which every line must be an operation or part of an error.
 *
 * @throws {HistoryError} for any other line.
 */
export function* readOperationLines(lines: Iterable<string>): Generator<Form> {
  let line = 0;
  let open: OpenOperation | undefined;
  for (const text of lines) {
    line++;
    if (open?.hasError === true && !isOperationLine(text)) open.lines.push(text);
    else if (text.trim() !== "") {
      if (open !== undefined) yield openForm(open);
      open = { lines: [text], hasError: WITH_ERROR.test(text), line };
    }
  }
  if (open !== undefined) yield openForm(open);
}

/** An operation whose error may have further lines. */
interface OpenOperation {
  readonly lines: string[];
  readonly hasError: boolean;
  /** The number of its first line. */
  readonly line: number;
}

function openForm({ lines, line }: OpenOperation): Form {
  return operationForm(lines.join("\n"), { line, offset: 0 });
}

/**
 * Reads the operations of a log. It skips other lines, but not a malformed line of Jepsen's printer.
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

/**
 * Returns the value and the error. A message that is not EDN is used as the error unchanged. Copied histories may have spaces in
 * place of the tabs.
 */
function valuesIn(text: string, at: { readonly line: number; readonly column: number }): unknown[] {
  const [value = "", ...errors] = text.split("\t");
  try {
    const forms = parseEdn(`(${value}\n)`);
    return [...(Array.isArray(forms) ? forms : []), ...errors.map(errorIn)];
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
