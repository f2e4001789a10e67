/**
 * Finds APIs in the source of a module that do not work in virtual time, or that make two runs of a seed differ.
 *
 * Tested by `tests/bench/sweep/determinism_test.ts`.
 */

/** A use of an API, with its replacement. */
interface ApiUse {
  readonly name: string;
  readonly instead: string;
  /** The first line with the API, from 1. */
  readonly line: number;
}

/**
 * An effect of an API: it does not work in virtual time, a run depends on the `machine`, or state is `kept` from run to run.
 */
export type ApiEffect = "unsupported" | "machine" | "kept";

interface Api {
  readonly pattern: RegExp;
  readonly instead: string;
  readonly effects: readonly ApiEffect[];
}

/** Each API with its replacement. */
const APIS: readonly Api[] = [
  {
    pattern: /\b(setTimeout|setInterval)\b/g,
    instead: "use node.after or node.every",
    effects: ["unsupported", "machine"],
  },
  { pattern: /\b(Date|performance)\b/g, instead: "use node.now()", effects: ["unsupported", "machine"] },
  {
    pattern: /\b(Math\.random|crypto)\b/g,
    instead: "use node.random",
    effects: ["unsupported", "machine"],
  },
  {
    pattern: /\bconsole\b/g,
    instead: "use node.log, because stdout is reserved for messages",
    effects: ["unsupported"],
  },
  {
    pattern: /\b(fetch|Deno\.(?!args))/g,
    instead: "use messages and node.storage only",
    effects: ["unsupported", "machine"],
  },
  {
    pattern: /\b(Intl\.DateTimeFormat|WeakRef|FinalizationRegistry)\b/g,
    instead: "it depends on the machine or its clock",
    effects: ["machine"],
  },
  {
    pattern: /(?<!\.)\bimport(?=\()/g,
    instead: "an await of it takes real time; import at the top of the file",
    effects: ["machine"],
  },
  {
    pattern: /^(?:export\s+)?(?:(?:let|var)\s+\w+|const\s+\w+(?=[^=\n]*=\s*(?:new\s|\[|\{)))/gm,
    instead: "a variable at the top level keeps its value from run to run; declare it inside the function",
    effects: ["kept"],
  },
];

/** The maximum number of names found per pattern. */
const NAMES_MAX = 3;

/** Returns the first use of each API with an effect, in the order of the table. Comments do not count. */
export function findApis(source: string, effect: ApiEffect): ApiUse[] {
  const code = source.replaceAll(
    /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm,
    (comment) => comment.replaceAll(/[^\n]/g, " "),
  );
  return APIS.filter(({ effects }) => effects.includes(effect)).flatMap(({ pattern, instead }) => {
    const lines = new Map<string, number>(); // by name
    for (const { 0: name, index } of code.matchAll(pattern)) {
      if (!lines.has(name)) lines.set(name, code.slice(0, index).split("\n").length);
    }
    return [...lines].slice(0, NAMES_MAX).map(([name, line]) => ({ name, instead, line }));
  });
}
