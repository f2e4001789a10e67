/**
 * Findings as lines for a terminal, in the same form for every command.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import { wrap } from "../../runtime/settings.ts";
import { plural } from "../format.ts";
import type { Example, ToldFinding } from "./finding.ts";

/** Maximum line width, in characters. */
const WIDTH = 80;
/** Maximum number of sentences shown per case and per cause. The report has all of them. */
const SENTENCES_MAX = 6;
const CAUSE_SENTENCES_MAX = 10;
/** Maximum number of further cases shown, with one sentence each. */
const MORE_CASES_MAX = 2;
/** Maximum number of characters shown of a sentence. */
const SENTENCE_MAX = 400;

/**
 * Returns the lines that describe one finding: its name and number, one full case with its cause, and one sentence
 * for each further case. With `explained`, the definition comes first. The usual cause then comes last if the run
 * does not show the cause.
 */
export function findingLines(
  { description, count, examples }: ToldFinding,
  { explained = false }: { readonly explained?: boolean } = {},
): string[] {
  const [first, ...more] = examples;
  const cause = first?.cause ?? [];
  const told = new Set(first?.sentences);
  const shown = [...new Set(more.flatMap(firstSentence))].filter((each) => !told.has(each)).slice(
    0,
    MORE_CASES_MAX,
  );
  return [
    `${description.title}${count > 1 ? ` (${plural(count, "time")})` : ""}`,
    ...(explained ? [`  ${description.what}`] : []),
    ...(first?.sentences ?? []).slice(0, SENTENCES_MAX).flatMap((each) =>
      clipped(each).map((line) => `  ${line}`)
    ),
    ...cause.slice(0, CAUSE_SENTENCES_MAX).map(({ text }) => `  - ${text}`),
    ...(cause.length > CAUSE_SENTENCES_MAX
      ? [`  - … ${plural(cause.length - CAUSE_SENTENCES_MAX, "more sentence")} in the report`]
      : []),
    ...shown.map((each) => `  also: ${each}`),
    ...(explained && cause.length === 0 && description.cause !== ""
      ? [`  Usual cause: ${description.cause}`]
      : []),
  ];
}

function firstSentence({ sentences }: Pick<Example, "sentences">): string[] {
  const [first] = sentences;
  return first === undefined ? [] : clipped(first.split("\n")[0] ?? "");
}

/**
 * Shortens a long sentence in its middle, because its end often states the problem. Keeps the lines of a multi-line
 * one.
 */
function clipped(text: string): string[] {
  return text.split("\n").map((line) => {
    if (line.length <= SENTENCE_MAX) return line;
    const half = SENTENCE_MAX / 2;
    return `${line.slice(0, half)} … ${line.slice(-half)}`;
  });
}

/** Wraps a line. Continuation lines keep its indentation and align with the text of a list item. */
export function indented(line: string, by = 2): string[] {
  const own = /^ */.exec(line)?.[0].length ?? 0;
  const item = line.startsWith("- ", own) ? 2 : 0;
  const space = " ".repeat(by + own);
  return wrap(line.slice(own), WIDTH - by - own - item).map((each, i) =>
    `${space}${i > 0 ? " ".repeat(item) : ""}${each}`
  );
}
