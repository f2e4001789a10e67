/** Substitute for `@std/cli/parse-args`: flat names, as this project uses it (no dotted keys). */

/** Options of {@linkcode parseArgs}. */
export interface ParseOptions {
  /** Names whose value is always a string, "" by default. */
  string?: readonly string[];
  /** Names of boolean options, which take no value. */
  boolean?: readonly string[];
  /** Names of repeatable options, whose result is an array. */
  collect?: readonly string[];
  /** Names that `--no-NAME` sets to false. */
  negatable?: readonly string[];
  /** Default values. */
  default?: Record<string, unknown>;
  /** Aliases of options. */
  alias?: Record<string, string | readonly string[]>;
  /** True if arguments after `--` go to the result's `"--"` rather than to `_`. */
  "--"?: boolean;
  /** Callback for undeclared arguments; `false` leaves the argument out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Parsed arguments: each option under its name and its aliases, the rest under `_`. */
export interface Args {
  [name: string]: unknown;
  _: Array<string | number>;
  "--"?: string[];
}

const NUMBER = /^(?:0x[0-9a-f]+|[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?)$/i;

/** Parses command-line arguments. See the real package's documentation for the rules. */
export function parseArgs(args: readonly string[], options: ParseOptions = {}): Args {
  const names = new Map<string, string[]>();
  for (const [key, value] of Object.entries(options.alias ?? {})) {
    const group = [key, ...(typeof value === "string" ? [value] : value)];
    for (const name of group) names.set(name, group);
  }
  const group = (name: string) => names.get(name) ?? [name];
  const spread = (list: readonly string[] = []) => new Set(list.flatMap(group));
  const strings = spread(options.string);
  const booleans = spread(options.boolean);
  const collected = spread(options.collect);
  const negatable = spread(options.negatable);
  const declared = (name: string) =>
    strings.has(name) || booleans.has(name) || collected.has(name) || names.has(name);

  const cut = args.indexOf("--");
  const flags = cut < 0 ? args : args.slice(0, cut);
  const after = cut < 0 ? [] : args.slice(cut + 1);
  const found: Args = { _: [] };

  function set(name: string, given: string | boolean, arg: string, collect = true): void {
    const value = typeof given === "string" && !strings.has(name) && NUMBER.test(given)
      ? Number(given)
      : given;
    if (!declared(name) && options.unknown?.(arg, name, value) === false) return;
    for (const each of group(name)) {
      const before = found[each];
      if (!collect || !collected.has(name)) found[each] = value;
      else if (Array.isArray(before)) before.push(value);
      else found[each] = before === undefined ? [value] : [before, value];
    }
  }

  for (let i = 0; i < flags.length; i++) {
    const arg = flags[i] ?? "";
    const long = /^--([^=]+)(?:=(.*))?$/s.exec(arg);
    const short = long ? null : /^-([A-Za-z]+)(?:=?(.*))$/s.exec(arg);
    if (!long && !short) {
      if (options.unknown?.(arg) !== false) found._.push(NUMBER.test(arg) ? Number(arg) : arg);
      continue;
    }
    const letters = short ? [...(short[1] ?? "")] : [];
    for (const letter of letters.slice(0, -1)) set(letter, strings.has(letter) ? "" : true, arg);
    let name = long ? long[1] ?? "" : letters.at(-1) ?? "";
    const attached = (long ?? short)?.[2];
    if (long && attached === undefined && name.startsWith("no-")) {
      if (negatable.has(name.slice(3))) {
        set(name.slice(3), false, arg, false);
        continue;
      }
    }
    if (attached !== undefined && (long || attached !== "")) {
      set(name, booleans.has(name) ? attached !== "false" : attached, arg);
      continue;
    }
    name = name.trim();
    const next = flags[i + 1];
    if (next !== undefined && next !== "" && !booleans.has(name) && !next.startsWith("-")) {
      set(name, next, arg);
      i++;
    } else if (next === "true" || next === "false") {
      set(name, next === "true", arg);
      i++;
    } else {
      set(name, strings.has(name) ? "" : true, arg);
    }
  }

  for (const [key, value] of Object.entries(options.default ?? {})) {
    for (const each of group(key)) if (!(each in found)) found[each] = value;
  }
  for (const name of booleans) if (!(name in found)) found[name] = collected.has(name) ? [] : false;
  for (const name of collected) if (!(name in found)) found[name] = [];
  if (options["--"]) found["--"] = [...after];
  else found._.push(...after);
  return found;
}
