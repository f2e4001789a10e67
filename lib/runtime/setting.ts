/**
 * A setting of an executable, declared once with range and meaning. This is all of it that a node loads which was started
 * without arguments; `settings.ts` reads a command line.
 *
 * Tested by `tests/runtime/settings_test.ts`.
 */

/** One setting. The name on the command line is its key in kebab case: `maxLatencyMs` is `--max-latency-ms`. */
export interface Setting<T> {
  /** The value unless another is given. */
  readonly default: T;
  /** The effect, in a sentence. */
  readonly description: string;
  /** The accepted syntax, as the help shows it after the name: `1…60000`, `hub|direct`; empty for a flag. */
  readonly syntax: string;
  /** True if the option may be given several times; `parse` then gets all values, one per line. */
  readonly repeated?: true;
  /** The value of a given text; undefined if it does not match the syntax. */
  parse(text: string): T | undefined;
}

/** Settings by key. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values of declared settings. */
export type Values<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** A number in decimal notation: Maelstrom refuses 0x10, which JavaScript reads. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * A number within a range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { number } from "@charybdis/charybdis";
 *
 * const fanOut = number(3, { min: 1, max: 100, whole: true, description: "Number of peers per round." });
 * assertEquals(fanOut.parse("12"), 12);
 * assertEquals(fanOut.parse("1.5"), undefined);
 * assertEquals(fanOut.syntax, "1…100");
 * ```
 */
export function number(
  initial: number,
  options: {
    readonly description: string;
    readonly min: number;
    readonly max: number;
    readonly whole?: boolean;
  },
): Setting<number> {
  const { description, min, max, whole = false } = options;
  return {
    default: initial,
    description,
    syntax: `${min}…${max}`,
    parse: (text) => {
      const value = DECIMAL.test(text.trim()) ? Number(text) : NaN;
      return value >= min && value <= max && (!whole || Number.isInteger(value)) ? value : undefined;
    },
  };
}

/**
 * One of several words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { choice } from "@charybdis/charybdis";
 *
 * const topology = choice("hub", { options: ["hub", "mesh"], description: "Who talks to whom." });
 * assertEquals(topology.parse("mesh"), "mesh");
 * assertEquals(topology.parse("ring"), undefined);
 * ```
 */
export function choice<const T extends string>(
  initial: T,
  { options, description }: { readonly description: string; readonly options: readonly T[] },
): Setting<T> {
  return {
    default: initial,
    description,
    syntax: options.join("|"),
    parse: (text) => options.find((each) => each === text),
  };
}

/**
 * Something that is on or off: `--name` and `--no-name`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { flag } from "@charybdis/charybdis";
 *
 * const verbose = flag(false, { description: "Logs every message." }); // --verbose, --no-verbose
 * assertEquals(verbose.default, false);
 * ```
 */
export function flag(initial: boolean, options: { readonly description: string }): Setting<boolean> {
  return {
    default: initial,
    description: options.description,
    syntax: "",
    parse: (text) => text === "true" ? true : text === "false" ? false : undefined,
  };
}

/**
 * A text, undefined unless given.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { text } from "@charybdis/charybdis";
 *
 * const file = text({ syntax: "FILE", description: "Where keys are read from." });
 * assertEquals(file.default, undefined);
 * assertEquals(file.parse("keys.json"), "keys.json");
 * ```
 */
export function text(
  options: { readonly description: string; readonly syntax: string },
): Setting<string | undefined> {
  return {
    default: undefined,
    description: options.description,
    syntax: options.syntax,
    parse: (given) => given === "" ? undefined : given,
  };
}

/** Several values of one kind, between commas. */
export function list<T>(
  initial: readonly T[],
  options: {
    readonly description: string;
    readonly syntax: string;
    readonly parse: (item: string) => T | undefined;
  },
): Setting<readonly T[]> {
  return {
    default: initial,
    description: options.description,
    syntax: options.syntax,
    parse: (given) =>
      parseEach(given.replace(/,+$/, "").split(",").map((item) => item.trim()), options.parse),
  };
}

/** Several values of one kind, each with an option of its own: `--node a --node b`. */
export function repeated<T>(
  options: {
    readonly description: string;
    readonly syntax: string;
    readonly parse: (item: string) => T | undefined;
  },
): Setting<readonly T[]> {
  return {
    default: [],
    description: options.description,
    syntax: options.syntax,
    repeated: true,
    parse: (given) => parseEach(given.split("\n"), options.parse),
  };
}

/** Returns the values of all items; undefined if one of them does not match the syntax. */
function parseEach<T>(
  items: readonly string[],
  parse: (item: string) => T | undefined,
): readonly T[] | undefined {
  const values = items.map((item) => parse(item));
  return values.every((value) => value !== undefined) ? values : undefined;
}

/** A value that a function parses from a text; undefined unless given. */
export function custom<T>(
  options: {
    readonly description: string;
    readonly syntax: string;
    readonly parse: (given: string) => T | undefined;
  },
): Setting<T | undefined> {
  return {
    default: undefined,
    description: options.description,
    syntax: options.syntax,
    parse: options.parse,
  };
}

/** `maxLatencyMs` → `max-latency-ms`. */
export function kebab(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^-/, "");
}
