/** Findings as lines for a terminal: the same in every command. */

import { wrap } from "../../runtime/settings.ts";
import { plural } from "../format.ts";
import type { Case, Finding } from "./finding.ts";

/** The width of lines, in characters. */
const WIDTH = 80;
/** The number of sentences of one case, and of one cause, that are shown; the report has all. */
const SENTENCES_MAX = 6;
const CAUSE_SENTENCES_MAX = 10;
/** The number of further cases that are shown, each in one sentence. */
const MORE_CASES_MAX = 2;
/** The number of characters of a sentence that are shown. */
const SENTENCE_MAX = 400;

/**
 * Returns the lines that tell of one finding: its name and number, one case in full with its cause, further cases in a sentence
 * each. With `explained`, what it is comes first, and what usually causes it last, where the run did not show the cause.
 */
export function findingLines(
  { words, count, cases }: Finding,
  { explained = false }: { readonly explained?: boolean } = {},
): string[] {
  const [first, ...more] = cases;
  const cause = first?.cause ?? [];
  const told = new Set(first?.sentences);
  const shown = [...new Set(more.flatMap(firstSentence))].filter((each) => !told.has(each)).slice(
    0,
    MORE_CASES_MAX,
  );
  return [
    `${words.title}${count > 1 ? ` (${plural(count, "time")})` : ""}`,
    ...(explained ? [`  ${words.what}`] : []),
    ...(first?.sentences ?? []).slice(0, SENTENCES_MAX).flatMap((each) =>
      clipped(each).map((line) => `  ${line}`)
    ),
    ...cause.slice(0, CAUSE_SENTENCES_MAX).map(({ text }) => `  - ${text}`),
    ...(cause.length > CAUSE_SENTENCES_MAX
      ? [`  - … ${plural(cause.length - CAUSE_SENTENCES_MAX, "more sentence")} in the report`]
      : []),
    ...shown.map((each) => `  also: ${each}`),
    ...(explained && cause.length === 0 && words.cause !== "" ? [`  Usual cause: ${words.cause}`] : []),
  ];
}

function firstSentence({ sentences }: Case): string[] {
  const [first] = sentences;
  return first === undefined ? [] : clipped(first.split("\n")[0] ?? "");
}

/** A sentence of several lines keeps them; a long one is cut in its middle, because its end often says what is wrong. */
function clipped(text: string): string[] {
  return text.split("\n").map((line) => {
    if (line.length <= SENTENCE_MAX) return line;
    const half = SENTENCE_MAX / 2;
    return `${line.slice(0, half)} … ${line.slice(-half)}`;
  });
}

/** Wraps a line; the lines that come of it keep its own indentation, and stand under the text of a list's item. */
export function indented(line: string, by = 2): string[] {
  const own = /^ */.exec(line)?.[0].length ?? 0;
  const item = line.startsWith("- ", own) ? 2 : 0;
  const space = " ".repeat(by + own);
  return wrap(line.slice(own), WIDTH - by - own - item).map((each, i) =>
    `${space}${i > 0 ? " ".repeat(item) : ""}${each}`
  );
}
