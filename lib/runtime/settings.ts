/** Settings of an executable: read from the command line, listed by `--help`. */

import { parseArgs } from "@std/cli/parse-args";
import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { kebab, type Setting, type Settings, type Values } from "./setting.ts";

export * from "./setting.ts";

/** A wrong command line. The message contains the remedy. */
export class ArgumentError extends Error {
  constructor(text: string) {
    super(text);
    this.name = "ArgumentError";
  }
}

/** An option that a command does not know. */
export class UnknownOptionError extends ArgumentError {
  /** The option as it was given, with its dashes. */
  readonly option: string;
  /** True if the message already suggests an option. */
  readonly hasHint: boolean;

  constructor(option: string, names: readonly string[]) {
    super(unknownName("option", option, names).message);
    this.option = option;
    this.hasHint = nearest(option, names) !== undefined;
  }
}

/** Returns the closest of `names` by Levenshtein distance, or undefined if none is close. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const all = [...names];
  if (all.length === 0) return undefined;
  const best = closestString(name, all, { caseSensitive: true, compareFn: distance });
  // A name that is empty without its leading dashes is not a misspelling.
  const { length } = name.replace(/^-+/, "");
  return distance(name, best) < Math.min(Math.max(2, Math.floor(length / 2)) + 1, length) ? best : undefined;
}

/** Returns the distance between a given name and a known one. A prefix counts as close. */
function distance(given: string, name: string): number {
  return name.startsWith(given) && given.length > 2 ? 1 : levenshteinDistance(given, name);
}

/** The maximum number of options that a message lists; `--help` lists all. */
const OPTIONS_LISTED_MAX = 12;

/** `unknown option --x: did you mean --y?` and the like, for any kind of name. */
export function unknownName(kind: string, name: string, names: Iterable<string>): ArgumentError {
  const all = [...names];
  const near = nearest(name, all);
  const one = kind === "option" && all.length > OPTIONS_LISTED_MAX
    ? "--help shows all"
    : `one of ${all.join(", ")}`;
  const hint = near === undefined ? (all.length === 0 ? "there is none" : one) : `did you mean ${near}?`;
  return new ArgumentError(`unknown ${kind} ${name}: ${hint}`);
}

/**
 * Reads settings from a command line. Throws {@linkcode ArgumentError} for an unknown name, a value out of range, or an
 * argument that belongs to nothing (unless `positional` collects those). `given` collects the keys of the settings whose
 * values the command line states.
 */
export function parseSettings<S extends Settings>(
  settings: S,
  args: readonly string[],
  options: {
    readonly positional?: string[];
    readonly given?: Set<string>;
    readonly alias?: Readonly<Record<string, string>>;
  } = {},
): Values<S> {
  const keys = new Map(Object.keys(settings).map((key) => [kebab(key), key]));
  const isFlag = (key: string) => settings[key]?.syntax === "";
  const flags = [...keys].filter(([, key]) => isFlag(key)).map(([name]) => name);
  const valued = [...keys].filter(([, key]) => !isFlag(key)).map(([name]) => name);
  const takePositional = (arg: string) => {
    // If --json is a flag, its result goes to stdout, so `--json -` means the same.
    if (arg === "-" && isFlag("json")) return;
    if (options.positional === undefined || arg.startsWith("-")) {
      if (arg === "") throw new ArgumentError('unexpected argument: ""; no value may be empty');
      const before = args[args.indexOf(arg) - 1] ?? "";
      const option = before.startsWith("--") ? before : "--name";
      const hint = arg.startsWith("-")
        ? `write a value that begins with - as ${option}=${arg}`
        : "only options are taken here, as --name value";
      throw new ArgumentError(`unexpected argument: ${arg}; ${hint}`);
    }
    options.positional.push(arg);
  };
  const separate = separateLetters(args, lettersOf(options.alias ?? {}, new Set(valued)));
  const custom: Readonly<Record<string, unknown>> = parseArgs(joinDashes(separate, new Set(valued)), {
    "--": true,
    boolean: flags,
    negatable: flags,
    string: valued,
    collect: valued,
    alias: { ...(keys.has("help") ? { h: "help" } : {}), ...options.alias },
    default: Object.fromEntries(flags.map((name) => [name, settings[keys.get(name) ?? ""]?.default])),
    unknown: (arg: string, key?: string) => {
      if (key !== undefined && arg.startsWith("-")) {
        throw new UnknownOptionError(arg.replace(/=.*/s, ""), [...keys.keys()].map((name) => `--${name}`));
      }
      takePositional(arg);
      return false;
    },
  });
  const afterDashes = custom["--"];
  for (const arg of Array.isArray(afterDashes) ? afterDashes : []) {
    if (options.positional === undefined) takePositional(String(arg));
    else options.positional.push(String(arg));
  }
  const values: Record<string, unknown> = {};
  for (const [name, key] of keys) {
    const setting = settings[key];
    if (setting === undefined) continue;
    const given = custom[name];
    if (isFlag(key)) values[key] = given === true;
    else if (!Array.isArray(given) || given.length === 0) values[key] = setting.default;
    else {
      options.given?.add(key);
      values[key] = valueOf(name, setting, setting.repeated ? given.join("\n") : String(given.at(-1)));
    }
  }
  return values as Values<S>;
}

/** Returns the aliases of one letter whose settings have a value. */
function lettersOf(alias: Readonly<Record<string, string>>, valued: ReadonlySet<string>): string {
  return Object.keys(alias).filter((name) => name.length === 1 && valued.has(alias[name] ?? "")).join("");
}

/** Separates `-wecho` to `-w echo` for each of `letters`, since the letter takes the rest of the argument as its value. */
function separateLetters(args: readonly string[], letters: string): string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return args.flatMap((arg, i) => {
    const isAttached = i < end && arg.length > 2 && arg[0] === "-" && letters.includes(arg.charAt(1)) &&
      arg[2] !== "=";
    return isAttached ? [arg.slice(0, 2), arg.slice(2)] : [arg];
  });
}

/** Joins `--name -` to `--name=-` for settings with a value, because a lone `-` means stdin or stdout. */
function joinDashes(args: readonly string[], valued: ReadonlySet<string>): string[] {
  const joined: string[] = [];
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  for (const [i, arg] of args.entries()) {
    const before = joined.at(-1) ?? "";
    if (arg === "-" && i < end && before.startsWith("--") && valued.has(before.slice(2))) {
      joined[joined.length - 1] = `${before}=-`;
    } else joined.push(arg);
  }
  return joined;
}

function valueOf(name: string, setting: Setting<unknown>, given: string): unknown {
  const value = setting.parse(given);
  if (value !== undefined) return value;
  if (given === "") {
    throw new ArgumentError(
      `--${name} needs a value: ${setting.syntax}. ${setting.description} Write one that begins with - as --${name}=-1.`,
    );
  }
  const near = setting.syntax.includes("|") ? nearest(given, setting.syntax.split("|")) : undefined;
  const hint = near === undefined ? `. ${setting.description}` : ` (did you mean ${near}?)`;
  const whole = isFraction(given) && setting.parse(String(Math.trunc(Number(given)))) !== undefined
    ? "a whole number, "
    : "";
  throw new ArgumentError(`--${name} must be ${whole}${setting.syntax}, but is ${given}${hint}`);
}

function isFraction(text: string): boolean {
  return Number.isFinite(Number(text)) && !Number.isInteger(Number(text));
}

/** Returns the settings for the help: name, syntax, description and default, wrapped at `width`. */
export function describeSettings(settings: Settings, width = 80): string {
  const rows = Object.entries(settings).map(([key, setting]) => ({
    head: `  --${kebab(key)}${setting.syntax === "" ? "" : ` ${setting.syntax}`}`,
    text: setting.syntax === "" && setting.default === true
      ? `${setting.description} On by default; --no-${kebab(key)} turns it off.`
      : setting.default === undefined || setting.syntax === "" || String(setting.default) === ""
      ? setting.description
      : `${setting.description} Default: ${setting.default}.`,
  }));
  const indent = Math.min(34, Math.max(...rows.map(({ head }) => head.length)) + 2);
  return rows.map(({ head, text }) => {
    const lines = wrap(text, width - indent);
    const first = head.length + 2 > indent ? `${head}\n${" ".repeat(indent)}` : head.padEnd(indent);
    return first + lines.join(`\n${" ".repeat(indent)}`);
  }).join("\n");
}

/** Breaks a text into lines of at most `width` characters, at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}
