/** Parses JSON, with the line of each value and of a syntax error. Tested by `tests/bench/grade/grading_file_test.ts`. */

/** The place of a value: the keys and indexes that lead to it. */
export type JsonPath = readonly (string | number)[];

/** A text that is not JSON. */
export class JsonSyntaxError extends Error {
  readonly line: number;

  constructor(text: string, line: number) {
    super(text);
    this.name = "JsonSyntaxError";
    this.line = line;
  }
}

/** A parsed text. */
export interface JsonWithLines {
  readonly value: unknown;
  /** Returns the line of the value at a path, from 1. A missing value has the line of its parent. */
  readonly lineOf: (path: JsonPath) => number;
}

/** Parses a JSON text. Throws {@linkcode JsonSyntaxError}. */
export function parseWithLines(text: string): JsonWithLines {
  const reader = new JsonReader(text);
  const value = reader.document();
  return {
    value,
    lineOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const line = reader.lines.get(JSON.stringify(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return 1;
    },
  };
}

/** Reads a text from its start to its end. */
class JsonReader {
  readonly lines = new Map<string, number>();
  readonly #tokens: readonly RegExpMatchArray[];
  readonly #text: string;
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = [...text.matchAll(/"(?:[^"\\\n]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+|"/g)];
  }

  document(): unknown {
    const value = this.#value([]);
    if (this.#next < this.#tokens.length) throw this.#error("expected the end of the file");
    return value;
  }

  #value(path: JsonPath): unknown {
    if (!this.lines.has(JSON.stringify(path))) this.lines.set(JSON.stringify(path), this.#line());
    if (this.#takes("{")) return this.#object(path);
    if (this.#takes("[")) return this.#array(path);
    return this.#scalar();
  }

  #object(path: JsonPath): unknown {
    const members: [string, unknown][] = [];
    while (!this.#takes("}")) {
      if (members.length > 0) this.#need(",");
      this.lines.set(JSON.stringify([...path, this.#peekKey()]), this.#line());
      const key = String(this.#scalar());
      this.#need(":");
      members.push([key, this.#value([...path, key])]);
    }
    return Object.fromEntries(members);
  }

  #array(path: JsonPath): unknown {
    const items: unknown[] = [];
    while (!this.#takes("]")) {
      if (items.length > 0) this.#need(",");
      items.push(this.#value([...path, items.length]));
    }
    return items;
  }

  #peekKey(): string {
    if (!this.#token().startsWith('"')) throw this.#error("expected a key in double quotes");
    const next = this.#next;
    const key = String(this.#scalar());
    this.#next = next;
    return key;
  }

  #scalar(): unknown {
    const token = this.#token();
    let value: unknown;
    try {
      value = JSON.parse(token);
    } catch {
      throw this.#error("expected a value");
    }
    this.#next++;
    return value;
  }

  #takes(token: string): boolean {
    if (this.#token() !== token) return false;
    this.#next++;
    return true;
  }

  #need(token: string): void {
    if (!this.#takes(token)) throw this.#error(`expected ${token}`);
  }

  #token(): string {
    return this.#tokens[this.#next]?.[0] ?? "";
  }

  #line(): number {
    const at = this.#tokens[this.#next]?.index ?? this.#text.length;
    return this.#text.slice(0, at).split("\n").length;
  }

  #error(text: string): JsonSyntaxError {
    const token = this.#token();
    return new JsonSyntaxError(`${text}, but found ${token === "" ? "the end" : token}`, this.#line());
  }
}
