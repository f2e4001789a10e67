/**
 * The formats of recorded histories, and their detection.
 *
 * Tested by `tests/bench/store/histories/read_history_test.ts`.
 */

import { HistoryError } from "../../../checkers/history_builder.ts";
import { isLoggedOperation, isOperationLine } from "./operation_lines.ts";
import { linesOf } from "./text_chunks.ts";

/**
 * `json-lines`: this bench's history.jsonl. `json-objects`: operations of other tools, in one JSON list or one after the other. `edn`: operation maps or tuples, one by one or in one vector or list.
 * `operation-lines`: Jepsen's history.txt. `log`: lines of a log, some of which hold operations.
 */
export type HistoryForm = "json-lines" | "json-objects" | "edn" | "operation-lines" | "log";

/** The maximum number of lines before the first operation of a log. */
const LOG_LINES_MAX = 10_000;
/** Matches the first event of this bench, which numbers events from 0 and gives all of them a time. */
const OWN_START = /^\s*\{(?=.*"index"\s*:\s*0\b)(?=.*"time"\s*:)/;
/** Matches the start of a JSON object: a name in quotes, or an empty object. An EDN map with that start is not an operation. */
const JSON_START = /^\s*(?:\[\s*)?\{\s*["}]/;
/** Matches brackets whose content starts in a later line and may be of either kind. */
const OPEN_START = /^\s*(?:\[\s*\{?|\{)\s*$/;
const EDN_START = /^\s*[;#^'{[(]/;
/** Matches a line that Maelstrom writes to its console: a thread, a level and a message. It would also begin an EDN vector. */
const CONSOLE_START = /^\[[^\]]+\]\s+(?:DEBUG|INFO|WARN|ERROR)\s/;
/** The starts of binary files that may be given as histories, and what to do with each file. */
const BINARY_STARTS: readonly (readonly [string, string])[] = [
  ["\x1F\uFFFD", "the file is compressed. Decompress it with gunzip"],
  ["\uFFFD7zXZ", "the file is compressed. Decompress it with unxz"],
  ["PK\x03\x04", "the file is a zip archive. Extract the history with unzip"],
  ["JEPSEN\0", "the file is Jepsen's own format. Name the history.edn in the same folder"],
];

/**
 * Detects the format of a history from its first lines. An empty text is an empty history of any format.
 *
 * @throws {HistoryError} if the format is unknown.
 */
export function recognizeForm(chunks: Iterable<string>): HistoryForm {
  let number = 0;
  let first: { readonly number: number; readonly text: string } | undefined;
  let start = "";
  for (const line of linesOf(chunks)) {
    number++;
    const text = start + line.replace(/^\uFEFF/, "");
    if (text.trim() === "") continue;
    if (OPEN_START.test(text)) {
      start = text;
      continue;
    }
    start = "";
    if (isLoggedOperation(text)) return "log";
    if (first === undefined) {
      if (OWN_START.test(text)) return "json-lines";
      if (JSON_START.test(text)) return "json-objects";
      if (isOperationLine(text)) return "operation-lines";
      if (EDN_START.test(text) && !CONSOLE_START.test(text)) return "edn";
      first = { number, text };
    }
    if (number - first.number >= LOG_LINES_MAX) break;
  }
  if (first === undefined) return start === "" ? "json-lines" : "edn";
  const { text } = first;
  const [, advice] = BINARY_STARTS.find(([start]) => text.startsWith(start)) ?? [];
  if (advice !== undefined) throw new HistoryError(first.number, advice, 1);
  const isBinary = text.includes("\0") || text.includes("\uFFFD");
  const found = isBinary ? "data that is not UTF-8 text" : JSON.stringify(text.trim().slice(0, 40));
  throw new HistoryError(
    first.number,
    `expected a history (JSON events one per line or in a list, EDN operations, Jepsen's history.txt, or a log with its ` +
      `jepsen.util lines), but found ${found}`,
    1,
  );
}
