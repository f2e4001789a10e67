/** The last output of nodes that exited unexpectedly. Tested by `tests/bench/report/story_test.ts`. */

import { withoutOwnFrames } from "../../errors.ts";
import type { ParsedResult } from "../../store/parsed_result.ts";
import { clip } from "../html/text.ts";
import type { LastWords } from "./report_data.ts";

/** The maximum number of lines of a log, and of a reason. */
const LINES_MAX = 40;
/** The maximum number of characters of a line. */
const LINE_LENGTH_MAX = 500;

/** Returns the last words of each node that exited. `ends` has the times of the exits, as far as they are known. */
export function lastWordsOf(
  { nodeFaults }: Pick<ParsedResult, "nodeFaults">,
  { nodes, logs, ends }: {
    readonly nodes: readonly string[];
    readonly logs: ReadonlyArray<readonly [node: string, end: string]>;
    readonly ends: Readonly<Record<string, number>>;
  },
): LastWords[] {
  const endOf = new Map(logs);
  return nodeFaults.filter(({ kind, node }) => kind === "ended" && nodes.includes(node)).map((
    { node, text },
  ) => ({
    node: nodes.indexOf(node),
    at: ends[node] ?? -1,
    reason: shown(withoutOwnFrames(text).split("\n").slice(0, LINES_MAX)),
    lines: shown(linesOf(endOf.get(node) ?? "").slice(-LINES_MAX)),
  }));
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

function shown(lines: readonly string[]): string[] {
  return lines.map((line) => clip(line, LINE_LENGTH_MAX));
}
