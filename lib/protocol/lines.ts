/** Framing: bytes ↔ lines. */

import { isSuspect } from "./exact_json.ts";

/** The longest line that is read, in UTF-16 units: six times the largest message that was ever seen. */
export const LINE_LENGTH_MAX = 64 * 1024 * 1024;

/** U+FEFF, which marks the byte order at a stream's start. */
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Cuts a byte stream into lines at `\n` (a `\r` before it goes too). UTF-8 may be split anywhere, invalid sequences
 * become U+FFFD, and a last line needs no end. A byte order mark at the stream's start is dropped; anywhere else U+FEFF is a
 * character. Decoding a whole chunk and searching the string beats a search over bytes and beats `TextLineStream`:
 * `tests/protocol/lines_bench.ts` has the comparison.
 *
 * With `likeMaelstrom`, lines are those that Maelstrom reads from a node (by Java's `BufferedReader.readLine`): a lone `\r` ends
 * a line, too, and a byte order mark is always a character.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LineSplitter } from "@charybdis/charybdis/protocol";
 *
 * const splitter = new LineSplitter();
 * const bytes = new TextEncoder().encode("one\ntwo\r\nthr");
 * assertEquals(splitter.push(bytes), ["one", "two"]);
 * assertEquals(splitter.end(), ["thr"]);
 * ```
 */
export class LineSplitter {
  // Left to itself, the TextDecoder of Deno 2.9 drops a U+FEFF at the start of any chunk, not of the stream alone.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #lengthMax: number;
  #parts: string[] = []; // the unfinished line, in pieces: joined once, so that a long line costs its length and no more
  #length = 0;
  #dropped = 0;
  readonly #likeMaelstrom: boolean;
  #started = false;
  #afterReturn = false; // the last chunk ended with a `\r`, whose line is complete already
  #suspect = false;

  /** A splitter of lines up to `lengthMax` UTF-16 units; longer ones are dropped and counted. */
  constructor(options: { lengthMax?: number; likeMaelstrom?: boolean } = {}) {
    this.#lengthMax = options.lengthMax ?? LINE_LENGTH_MAX;
    this.#likeMaelstrom = options.likeMaelstrom ?? false;
  }

  /** The number of lines that were longer than allowed and left out. */
  get dropped(): number {
    return this.#dropped;
  }

  /** True if one of the lines that were returned last may hold a number that needs care: see {@linkcode isSuspect}. */
  get suspect(): boolean {
    return this.#suspect;
  }

  /** Returns the lines that this chunk completes, without their ends. */
  push(chunk: Uint8Array): string[] {
    return this.#split(this.#decoder.decode(chunk, { stream: true }));
  }

  /** Returns what is left at the stream's end: the last line, if it has no end of its own. */
  end(): string[] {
    const lines = this.#split(this.#decoder.decode());
    const last = this.#length > 0 ? this.#complete("") : undefined;
    if (last !== undefined) lines.push(last);
    return lines;
  }

  #split(decoded: string): string[] {
    const text = this.#likeMaelstrom ? this.#withoutReturns(decoded) : decoded;
    const lines: string[] = [];
    this.#suspect = this.#continuesSuspect(text) || isSuspect(text);
    let from = 0;
    if (!this.#started && text.length > 0) {
      this.#started = true;
      if (!this.#likeMaelstrom && text.charCodeAt(0) === BYTE_ORDER_MARK) from = 1;
    }
    for (let to = text.indexOf("\n", from); to >= 0; to = text.indexOf("\n", from)) {
      const line = this.#complete(text.slice(from, to));
      if (line !== undefined) lines.push(line.charCodeAt(line.length - 1) === 13 ? line.slice(0, -1) : line);
      from = to + 1;
    }
    if (from < text.length) {
      const rest = from === 0 ? text : text.slice(from);
      this.#length += rest.length;
      if (this.#length <= this.#lengthMax) this.#parts.push(rest);
      else this.#parts = [];
    }
    return lines;
  }

  /** Returns a chunk whose lines all end with `\n`. */
  #withoutReturns(text: string): string {
    if (text === "") return text;
    const rest = this.#afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    this.#afterReturn = text.endsWith("\r");
    return rest.replaceAll(/\r\n?/g, "\n");
  }

  /** Returns true if the unfinished line was suspect, or if the chunk's end cut a number in two. */
  #continuesSuspect(text: string): boolean {
    if (this.#length === 0) return false;
    return this.#suspect || (/\d$/.test(this.#parts.at(-1) ?? "") && /^[\d.eE]/.test(text));
  }

  /** The unfinished line with its last piece; undefined if that is longer than allowed. */
  #complete(last: string): string | undefined {
    const length = this.#length + last.length;
    let line = last;
    if (this.#length > 0) {
      this.#parts.push(last);
      line = this.#parts.join("");
      this.#parts = [];
      this.#length = 0;
    }
    if (length <= this.#lengthMax) return line;
    this.#dropped++;
    return undefined;
  }
}
