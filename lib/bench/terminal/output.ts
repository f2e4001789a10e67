/** Writes all output to the terminal. Tested by `tests/bench/findings/node_output_test.ts`. */

import { BenchError, reasonOf } from "../errors.ts";
import { type Style, style } from "./style.ts";
import { terminalText } from "./terminal_text.ts";

/** Maximum time that output waits for a reader that does not read, in ms, on a stream that does not block by itself. */
const READER_WAIT_MS_MAX = 60_000;
/** Time between two attempts to write to such a reader, in ms. */
const READER_WAIT_MS = 5;

const encoder = new TextEncoder();

/**
 * Writes a line to stdout or stderr, with control characters escaped. A reader that has gone is not an error. Throws
 * `BenchError` if stdout cannot be written, because the result would be lost. Ignores a stderr that cannot be written.
 */
export function say(text: string, stream: "stdout" | "stderr" = "stdout"): void {
  write(`${terminalText(text)}\n`, stream);
}

/** Clears the current line of a terminal. */
export function clearLine(stream: "stdout" | "stderr"): void {
  if (Deno[stream].isTerminal()) write("\r\x1b[K", stream);
}

function write(text: string, stream: "stdout" | "stderr"): void {
  let rest = encoder.encode(text);
  let waitedMs = 0;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(Deno[stream].writeSync(rest));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) return;
      if (error instanceof Deno.errors.WouldBlock && waitedMs < READER_WAIT_MS_MAX) {
        waitedMs += READER_WAIT_MS;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, READER_WAIT_MS);
      } else if (stream === "stderr") return;
      else throw new BenchError(`cannot write to stdout: ${reasonOf(error)}`);
    }
  }
}

/** Returns the style that fits a stream: colors on a terminal, unless `NO_COLOR` is set. */
export function styleFor(stream: "stdout" | "stderr"): Style {
  return style(Deno[stream].isTerminal() && !Deno.noColor);
}
