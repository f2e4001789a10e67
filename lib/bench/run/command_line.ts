/** Tests as option objects. The command line of `charybdis test` is printed from them. */

import { kebab, parseSettings, type Setting, type Settings, type Values } from "../../runtime/settings.ts";
import { checkTest, OPTION_ALIASES, type ParsedTest, runSettings, testSettings } from "./options.ts";

const settings = { ...testSettings, ...runSettings };

/** The options of a test that differ from their defaults, as `charybdis test` names them. */
export type GivenOptions = {
  readonly [K in keyof Values<typeof settings>]?: Values<typeof settings>[K] | undefined;
};

const REPEATED: ReadonlySet<string> = new Set(
  Object.entries<Setting<unknown>>(settings).filter(([, { repeated }]) => repeated === true).map(([key]) =>
    key
  ),
);

/** Returns the test of some options; all others have their defaults. Throws `ArgumentError` if they are not compatible. */
export function makeTest(given: GivenOptions, nodeArguments: readonly string[] = []): ParsedTest {
  return checkTest({ ...defaultsOf(settings), ...withoutUndefined(given) }, nodeArguments);
}

/** Returns the options that a command line states. Throws `ArgumentError` if they are wrong or not compatible. */
export function parseGiven(args: readonly string[]): GivenOptions {
  const keys = new Set<string>();
  const values = parseSettings(settings, args, { alias: OPTION_ALIASES, given: keys });
  const given = Object.fromEntries(
    Object.entries(values).filter(([key, value]) => keys.has(key) || value === true),
  ) as GivenOptions;
  makeTest(given);
  return given;
}

/**
 * Prints the command line of some options, in their order, without `charybdis test`.
 *
 * The line reads `-w NAME`, `--name VALUE`, `--name A,B` or, for a flag, `--name` or `--no-name`. A repeatable option has one pair per value.
 */
export function printTest(given: GivenOptions, nodeArguments: readonly string[] = []): string[] {
  const options = Object.entries(withoutUndefined(given)).flatMap(([key, value]) => printOption(key, value));
  return [...options, ...(nodeArguments.length === 0 ? [] : ["--", ...nodeArguments])];
}

function printOption(key: string, value: unknown): string[] {
  const name = key === "workload" ? "-w" : `--${kebab(key)}`;
  if (value === true) return [name];
  if (value === false) return [`--no-${kebab(key)}`];
  if (!Array.isArray(value)) return [name, String(value)];
  return REPEATED.has(key) ? value.flatMap((each) => [name, String(each)]) : [name, value.join(",")];
}

function defaultsOf<S extends Settings>(declared: S): Values<S> {
  return Object.fromEntries(
    Object.entries(declared).map(([key, setting]) => [key, setting.default]),
  ) as Values<S>;
}

type Defined<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(given: T): Defined<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>;
}
