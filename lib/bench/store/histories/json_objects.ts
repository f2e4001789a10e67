/**
 * Reads operations in one JSON list or one after the other, as tools around Elle exchange them, object by object for any length.
 *
 * Tested by `tests/bench/store/histories/read_history_test.ts`.
 */

import { HistoryError } from "../../../checkers/history_builder.ts";
import { parseDeepJson } from "../../../protocol/deep_json.ts";
import { parseExactJson } from "../../../protocol/exact_json.ts";
import { reasonOf } from "../../errors.ts";
import type { Form, Place } from "./edn_reader.ts";

/**
 * Reads JSON objects, in a list or not.
 *
 * @throws {HistoryError} for text that is not JSON, or an element that is not an object.
 */
export function* readJsonObjects(chunks: Iterable<string>): Generator<Form> {
  const splitter = new ObjectSplitter();
  for (const chunk of chunks) {
    for (const { text, ...place } of splitter.add(chunk)) yield { value: valueOf(text, place), ...place };
  }
  splitter.end();
}

function valueOf(text: string, { line, column }: Place): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof RangeError) return parseDeepJson(text);
    throw new HistoryError(line, `this is not JSON: ${reasonOf(error)}`, column);
  }
}

/** Finds the start and end of objects, without parsing them. */
class ObjectSplitter {
  #line = 1;
  #column = 1;
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #start: Place = { line: 1, column: 1 };
  readonly #pieces: string[] = [];

  *add(chunk: string): Generator<Place & { readonly text: string }> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const character = chunk.charAt(at);
      if (this.#depth === 0) {
        this.#outside(character);
        from = at;
      }
      const isEnd = this.#inside(character);
      this.#advance(character);
      if (!isEnd) continue;
      this.#pieces.push(chunk.slice(from, at + 1));
      yield { text: this.#pieces.join(""), ...this.#start };
      this.#pieces.length = 0;
    }
    if (this.#depth > 0) this.#pieces.push(chunk.slice(from));
  }

  end(): void {
    if (this.#depth === 0) return;
    throw new HistoryError(
      this.#start.line,
      "this object is never closed: the history is cut off",
      this.#start.column,
    );
  }

  #outside(character: string): void {
    this.#start = { line: this.#line, column: this.#column };
    if (/[\s,[\]{\uFEFF]/.test(character)) return;
    throw new HistoryError(
      this.#line,
      `expected an operation's object, but found ${character}`,
      this.#column,
    );
  }

  /** Consumes a character. Returns true if it closes an object of the list. */
  #inside(character: string): boolean {
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (character === "\\") this.#isEscaped = true;
      else if (character === '"') this.#inString = false;
      return false;
    }
    switch (character) {
      case '"':
        this.#inString = this.#depth > 0;
        return false;
      case "{":
        this.#depth++;
        return false;
      case "[":
        if (this.#depth > 0) this.#depth++;
        return false;
      case "]":
      case "}":
        if (this.#depth === 0) return false;
        return --this.#depth === 0;
      default:
        return false;
    }
  }

  #advance(character: string): void {
    this.#column++;
    if (character !== "\n") return;
    this.#line++;
    this.#column = 1;
  }
}
