/**
 * Reads EDN from a stream of text, form by form.
 *
 * The packages for EDN round whole numbers beyond 2^53, need the whole text as one string, and do not report positions of
 * errors.
 * Histories need all three, so the bench has its own reader. It keeps its own stack, because a reply may be nested deeply.
 *
 * Forms become the values of `lib/protocol/exact_json.ts`, since the store keeps histories as JSON:
 *
 * | EDN | value |
 * | --- | --- |
 * | `nil`, `true`, strings | the same |
 * | keywords, symbols, characters | strings, without `:` or `\` |
 * | `12345678901234567890`, `5N`, `0x1f`, `10/2` | whole numbers: number, or bigint beyond 2^53 |
 * | `1.0`, `1e400`, `1.5M` | number, or `Decimal` where JavaScript would change it |
 * | `1/3`, `##Inf` | strings, as they are written |
 * | vectors, lists, sets | lists |
 * | maps | objects; a key that is not a string is written as JSON |
 * | `#tag form`, records, `^meta form` | the form alone |
 * | `#_ form`, comments | nothing |
 */

import { valueText } from "../../../checkers/value_key.ts";
import { setField } from "../../../protocol/sparse_record.ts";
import { atomOf, EdnError, type Place } from "./edn_atoms.ts";

export { EdnError, type Place };

/** A form, and its position. */
export interface Form extends Place {
  readonly value: unknown;
}

/**
 * Reads the forms of a text. Yields the elements of a top-level vector or list of collections one by one, so that a
 * history in one vector is never in memory as a whole.
 *
 * @throws {EdnError} where the text is not EDN.
 */
export function* readForms(chunks: Iterable<string>): Generator<Form> {
  const source = new Source(chunks);
  try {
    yield* new Reader(source).forms();
  } finally {
    source.close();
  }
}

/** Reads a text of one form. */
export function parseEdn(text: string): unknown {
  return new Reader(new Source([text])).one();
}

/** Characters, one at a time, with the position of the next. */
class Source {
  readonly #chunks: Iterator<string>;
  #text = "";
  #at = 0;
  line = 1;
  column = 1;

  constructor(chunks: Iterable<string>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  get place(): Place {
    return { line: this.line, column: this.column };
  }

  /** The code of the next character; -1 at the end. */
  peek(): number {
    if (this.#at < this.#text.length) return this.#text.charCodeAt(this.#at);
    for (;;) {
      const { done, value } = this.#chunks.next();
      if (done === true) return -1;
      this.#text = value;
      this.#at = 0;
      if (value.length > 0) return value.charCodeAt(0);
    }
  }

  /** Consumes the next character. */
  next(): number {
    const code = this.peek();
    this.#at++;
    if (code === NEWLINE) {
      this.line++;
      this.column = 1;
    } else {
      this.column++;
    }
    return code;
  }

  /**
   * Consumes and returns a natural number in the form of most numbers: without leading zeros, of few digits, and in one chunk.
   * Returns undefined, and consumes nothing, if there is none.
   */
  natural(): number | undefined {
    const text = this.#text;
    const start = this.#at;
    const endMax = Math.min(text.length - 1, start + NATURAL_DIGITS_MAX);
    let value = 0;
    let end = start;
    for (; end <= endMax; end++) {
      const digit = text.charCodeAt(end) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = 10 * value + digit;
    }
    const length = end - start;
    if (length === 0 || end > endMax || !isDelimiter(text.charCodeAt(end))) return undefined;
    if (length > 1 && text.charCodeAt(start) === ZERO) return undefined; // octal
    this.#at = end;
    this.column += length;
    return value;
  }

  /** Consumes characters up to a delimiter. */
  token(): string {
    let token = "";
    for (let code = this.peek(); code !== -1 && !isDelimiter(code); code = this.peek()) {
      let end = this.#at + 1;
      while (end < this.#text.length && !isDelimiter(this.#text.charCodeAt(end))) end++;
      token += this.#text.slice(this.#at, end);
      this.column += end - this.#at;
      this.#at = end;
    }
    return token;
  }

  /** Closes the source of the chunks. */
  close(): void {
    this.#chunks.return?.();
  }

  skipLine(): void {
    for (let code = this.peek(); code !== -1 && code !== NEWLINE; code = this.peek()) this.next();
  }
}

const NEWLINE = 10;
const ZERO = 48;
/** The maximum number of digits of which every number is exact. */
const NATURAL_DIGITS_MAX = 15;
const [SPACE, QUOTE, HASH, APOSTROPHE, COMMA, COLON, SEMICOLON, BACKSLASH, CARET, UNDERSCORE] = codes(
  ` "#',:;\\^_`,
);
const [ROUND, ROUND_END, SQUARE, SQUARE_END, CURLY, CURLY_END] = codes("()[]{}");

function codes(text: string): number[] {
  return Array.from(text, (each) => each.charCodeAt(0));
}

function isSpace(code: number): boolean {
  return code === SPACE || code === COMMA || (code >= 9 && code <= 13) || code === 0xfeff;
}

function isDelimiter(code: number): boolean {
  return isSpace(code) || code === QUOTE || code === SEMICOLON || code === ROUND || code === ROUND_END ||
    code === SQUARE || code === SQUARE_END || code === CURLY || code === CURLY_END;
}

/** A form that is not complete yet. */
interface Frame {
  /** `top`: a top-level vector or list whose elements may be the forms; `all`: one whose elements are the forms. */
  kind: "vector" | "list" | "set" | "map" | "top" | "all" | "tag" | "discard" | "meta";
  readonly end: number | undefined;
  readonly items: unknown[];
  readonly at: Place;
  /** The prefix of the names of a map's keys (`#:name{…}`). */
  readonly namespace?: string;
}

/** The marker for a form that yields nothing by itself: a comment, or a history's outer vector. */
const NOTHING: unique symbol = Symbol("nothing");

class Reader {
  readonly #source: Source;
  readonly #stack: Frame[] = [];
  /** The position of a top-level vector that turned out to be a form itself. */
  #tupleAt: Place | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  *forms(): Generator<Form> {
    let at: Place | undefined;
    for (;;) {
      this.#skipSpace();
      at ??= this.#source.place;
      if (this.#source.peek() === -1) {
        this.#requireEnd();
        return;
      }
      const value = this.#step(true);
      if (value !== NOTHING) yield { value, ...this.#tupleAt ?? at };
      // The next form starts when only the history's own vector is open.
      const open = this.#stack.at(-1)?.kind;
      if (open !== undefined && open !== "top" && open !== "all") continue;
      at = undefined;
      this.#tupleAt = undefined;
    }
  }

  one(): unknown {
    let found: unknown = NOTHING;
    for (;;) {
      this.#skipSpace();
      if (this.#source.peek() === -1) break;
      const { place } = this.#source;
      const value = this.#step(false);
      if (value === NOTHING) continue;
      if (found !== NOTHING) throw new EdnError(place, "the text contains more than one form");
      found = value;
    }
    this.#requireEnd();
    if (found === NOTHING) throw new EdnError(this.#source.place, "the text contains no form", true);
    return found;
  }

  #requireEnd(): void {
    const open = this.#stack.at(-1);
    if (open === undefined) return;
    const what = open.kind === "tag" || open.kind === "discard" || open.kind === "meta"
      ? "nothing follows this #"
      : `this ${open.kind === "top" || open.kind === "all" ? "collection" : open.kind} is never closed`;
    throw new EdnError(open.at, what, true);
  }

  #skipSpace(): void {
    for (let code = this.#source.peek();; code = this.#source.peek()) {
      if (code === SEMICOLON) this.#source.skipLine();
      else if (isSpace(code)) this.#source.next();
      else return;
    }
  }

  /**
   * Consumes one token. Returns the form that it completes, if the caller wants that form.
   *
   * @param opensTop true if the elements of an outermost vector or list may be the forms
   */
  #step(opensTop: boolean): unknown {
    const source = this.#source;
    const code = source.peek();
    const natural = source.natural();
    if (natural !== undefined) return this.#deliver(natural);
    const at = source.place;
    switch (code) {
      case ROUND:
        return this.#open(opensTop && this.#isOutermost ? "top" : "list", ROUND_END, at);
      case SQUARE:
        return this.#open(opensTop && this.#isOutermost ? "top" : "vector", SQUARE_END, at);
      case CURLY:
        return this.#open("map", CURLY_END, at);
      case ROUND_END:
      case SQUARE_END:
      case CURLY_END:
        return this.#close(at);
      case QUOTE:
        return this.#deliver(this.#string(at));
      case BACKSLASH:
        return this.#deliver(this.#character(at));
      case APOSTROPHE: // quoted: '(…), as in code
        source.next();
        return NOTHING;
      case CARET:
        return this.#open("meta", undefined, at);
      case HASH:
        return this.#dispatch(at);
      default:
        return this.#deliver(atomOf(source.token(), at));
    }
  }

  get #isOutermost(): boolean {
    return this.#stack.every(({ kind }) => kind === "tag" || kind === "meta");
  }

  #open(kind: Frame["kind"], end: number | undefined, at: Place, namespace?: string): typeof NOTHING {
    this.#source.next();
    this.#stack.push({ kind, end, items: [], at, ...(namespace === undefined ? {} : { namespace }) });
    return NOTHING;
  }

  #close(at: Place): unknown {
    const code = this.#source.next();
    const frame = this.#stack.pop();
    if (frame === undefined || frame.end !== code) {
      const bracket = String.fromCharCode(code);
      const open = frame === undefined ? "nothing is open" : `line ${frame.at.line} opened another bracket`;
      throw new EdnError(at, `this ${bracket} closes nothing: ${open}`);
    }
    switch (frame.kind) {
      case "map":
        return this.#deliver(mapOf(frame));
      case "top":
      case "all":
        this.#stack.length = 0; // tags of the whole form
        return NOTHING;
      default:
        return this.#deliver(frame.items);
    }
  }

  /** Reads the token after a `#`. */
  #dispatch(at: Place): unknown {
    const source = this.#source;
    source.next();
    switch (source.peek()) {
      case CURLY:
        return this.#open("set", CURLY_END, at);
      case QUOTE: // a regular expression
        return this.#deliver(this.#string(at));
      case CARET:
        return this.#open("meta", undefined, at);
      case HASH: {
        source.next();
        return this.#deliver(`##${source.token()}`);
      }
      case APOSTROPHE: // a var
        source.next();
        return NOTHING;
      case COLON: {
        const namespace = source.token().slice(1);
        this.#skipSpace();
        if (source.peek() !== CURLY) throw new EdnError(at, `#:${namespace} is not followed by a map`);
        return this.#open("map", CURLY_END, at, namespace);
      }
      case UNDERSCORE:
        return this.#open("discard", undefined, at);
      default: {
        const tag = source.token();
        if (tag === "") throw new EdnError(at, "a # needs a tag, a set, or _");
        if (tag.startsWith("<")) throw new EdnError(at, `#${tag} cannot be read: it has no readable form`);
        this.#stack.push({ kind: "tag", end: undefined, items: [], at });
        return NOTHING;
      }
    }
  }

  /** Adds a form to its enclosing form. Returns it if there is none. */
  #deliver(value: unknown): unknown {
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      switch (frame.kind) {
        case "discard":
          this.#stack.pop();
          return NOTHING;
        case "tag":
          this.#stack.pop();
          continue;
        case "meta":
          if (frame.items.push(value) < 2) return NOTHING;
          this.#stack.pop();
          continue;
        case "top":
          if (typeof value !== "object" || value === null) {
            frame.kind = "vector"; // [0 :invoke :read nil] is one form
            frame.items.push(value);
            this.#tupleAt = frame.at;
            return NOTHING;
          }
          frame.kind = "all";
          return value;
        case "all":
          return value;
        default:
          frame.items.push(value);
          return NOTHING;
      }
    }
    return value;
  }

  #string(at: Place): string {
    const source = this.#source;
    let text = "";
    source.next();
    for (;;) {
      const code = source.next();
      if (code === QUOTE) return text;
      if (code === -1) throw new EdnError(at, "this string is never closed", true);
      text += code === BACKSLASH ? this.#escape() : String.fromCharCode(code);
    }
  }

  #escape(): string {
    const source = this.#source;
    const at = source.place;
    const letter = String.fromCharCode(source.next());
    const plain = ESCAPES[letter];
    if (plain !== undefined) return plain;
    const digits = letter === "u" ? this.#digits(4, /[0-9a-fA-F]/) : "";
    if (digits.length === 4) return String.fromCharCode(parseInt(digits, 16));
    if (/[0-7]/.test(letter)) return String.fromCharCode(parseInt(letter + this.#digits(2, /[0-7]/), 8));
    throw new EdnError(at, `\\${letter} is not an escape of EDN's strings`);
  }

  #digits(atMost: number, digit: RegExp): string {
    let digits = "";
    while (digits.length < atMost && digit.test(String.fromCharCode(this.#source.peek()))) {
      digits += String.fromCharCode(this.#source.next());
    }
    return digits;
  }

  #character(at: Place): string {
    this.#source.next();
    const first = this.#source.next();
    if (first === -1) throw new EdnError(at, "a \\ needs a character", true);
    const name = String.fromCharCode(first) + this.#source.token();
    if (name.length === 1) return name;
    const named = CHARACTERS[name];
    if (named !== undefined) return named;
    const code = /^u([0-9a-fA-F]{4})$/.exec(name)?.[1];
    if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
    const octal = /^o([0-7]{1,3})$/.exec(name)?.[1];
    if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
    if ([...name].length === 1) return name; // beyond the basic plane
    throw new EdnError(at, `\\${name} is not a character of EDN`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
};

const CHARACTERS: Readonly<Record<string, string>> = {
  newline: "\n",
  space: " ",
  tab: "\t",
  return: "\r",
  backspace: "\b",
  formfeed: "\f",
};

function mapOf({ items, at, namespace }: Frame): Record<string, unknown> {
  if (items.length % 2 !== 0) {
    throw new EdnError(at, "this map has a key without a value: a map needs an even number of forms");
  }
  const prefix = namespace === undefined ? "" : `${namespace}/`;
  const map: Record<string, unknown> = {};
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i];
    const name = prefix + (typeof key === "string" ? key : valueText(key));
    if (Object.hasOwn(map, name)) throw new EdnError(at, `this map has the key ${name} twice`);
    setField(map, name, items[i + 1]);
  }
  return map;
}
