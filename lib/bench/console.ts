/** The terminal: what is said, where, and how. */

import { type Style, style } from "./summary.ts";

const encoder = new TextEncoder();

/** Writes a line to stdout or stderr; a reader that has gone is not an error. */
export function say(text: string, stream: "stdout" | "stderr" = "stdout"): void {
  let rest = encoder.encode(`${text}\n`);
  try {
    while (rest.length > 0) rest = rest.subarray(Deno[stream].writeSync(rest));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** The style that fits a stream: colours on a terminal, unless `NO_COLOR` is set. */
export function styleFor(stream: "stdout" | "stderr"): Style {
  return style(Deno[stream].isTerminal() && !Deno.noColor);
}
