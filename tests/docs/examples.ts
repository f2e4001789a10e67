/** Examples in documentation: every block marked `ts` in a doc comment or in Markdown. */

/** One example. */
export interface Example {
  /** The place of the example: `lib/mod.ts:6`. */
  readonly place: string;
  readonly code: string;
}

/** Returns the examples in a text. With `comments`, they are in doc comments, after ` * `. */
export function examplesIn(
  text: string,
  { path, comments }: { readonly path: string; readonly comments: boolean },
): Example[] {
  const lines = text.split("\n").map((line) => comments ? commentText(line) : line);
  const examples: Example[] = [];
  let begin: number | undefined;
  lines.forEach((line, i) => {
    if (begin === undefined && line === "```ts") begin = i;
    else if (begin !== undefined && line === "```") {
      const code = lines.slice(begin + 1, i).map((each) => each ?? "").join("\n");
      examples.push({ place: `${path}:${begin + 1}`, code: `${code}\n` });
      begin = undefined;
    }
  });
  return examples;
}

/** Returns the text of a line after the ` * ` of a doc comment; undefined if it is not part of one. */
function commentText(line: string): string | undefined {
  return /^\s*\* ?(.*)$/.exec(line)?.[1];
}
