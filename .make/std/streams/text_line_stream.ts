/** Substitute for `@std/streams/text-line-stream`. */

/** Options of {@linkcode TextLineStream}. */
export interface TextLineStreamOptions {
  /** True if a lone `\r` also ends a line. Default: false. */
  allowCR?: boolean;
}

/** Splits text into lines at `\n` and `\r\n` (and optionally `\r`). Keeps empty lines. The last line needs no terminator. */
export class TextLineStream extends TransformStream<string, string> {
  constructor(options: TextLineStreamOptions = {}) {
    const end = options.allowCR ? /\r\n|\n|\r(?=[^\n])/ : /\r?\n/;
    const mayEnd = options.allowCR ? /[\r\n]/ : /\n/;
    const pending: string[] = []; // joined once, so that a long line takes linear time
    super({
      transform(chunk, controller) {
        pending.push(chunk);
        if (!mayEnd.test(chunk) && pending.at(-2)?.endsWith("\r") !== true) return;
        const lines = pending.join("").split(end);
        pending.splice(0, Infinity, lines.pop() ?? "");
        for (const line of lines) controller.enqueue(line);
      },
      flush(controller) {
        const rest = pending.join("");
        if (rest.length === 0) return;
        controller.enqueue(options.allowCR && rest.endsWith("\r") ? rest.slice(0, -1) : rest);
      },
    });
  }
}
