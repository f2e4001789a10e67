/** Stand-in for `@std/streams/text-line-stream`. */

/** Options of {@linkcode TextLineStream}. */
export interface TextLineStreamOptions {
  /** Whether a lone `\r` ends a line too. Default: false. */
  allowCR?: boolean;
}

/** Splits text into lines at `\n` and `\r\n` (and `\r` if asked); keeps empty lines; a last line needs no end. */
export class TextLineStream extends TransformStream<string, string> {
  constructor(options: TextLineStreamOptions = {}) {
    const end = options.allowCR ? /\r\n|\n|\r(?=[^\n])/ : /\r?\n/;
    const mayEnd = options.allowCR ? /[\r\n]/ : /\n/;
    const pending: string[] = []; // joined once, so that a long line costs its length and no more
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
