/** From a program to a process: arguments, `--help`, `--version`, start and stop. */

import manifest from "../../deno.json" with { type: "json" };
import type { Node } from "./node.ts";
import {
  ArgumentError,
  describeSettings,
  flag,
  kebab,
  parseSettings,
  type Settings,
  text,
  type Values,
  wrap,
} from "./settings.ts";
import { type OpenStorage, runStdio } from "./stdio.ts";

/** The exit status for a wrong command line, as Maelstrom's. */
export const EXIT_ARGUMENTS = 254;

/** What else there is to say of an executable. */
export interface ServeOptions<S extends Settings> {
  /** What it is, for `--help`: a paragraph, or several. */
  readonly about?: string;
  /** Its settings, which the program gets as its second argument. */
  readonly settings?: S;
  /** Whether it can keep state on disk: then `--data DIR` opens a store. */
  readonly storage?: boolean;
}

const common = {
  help: flag(false, { about: "Shows this." }),
  version: flag(false, { about: "Shows the version." }),
};

const stored = {
  data: text({
    form: "DIR",
    about: "Keeps state in DIR/<node id>.sqlite, so that a kill loses nothing acknowledged.",
  }),
  run: text({
    form: "ID",
    about: "Names the run that the store belongs to; a store of another run is refused.",
  }),
};

/** Runs a program as this process: reads the arguments, then serves stdin until it ends. Never returns. */
export async function serve<S extends Settings = Record<never, never>>(
  program: (node: Node, settings: Values<S>) => void,
  options: ServeOptions<S> = {},
): Promise<never> {
  const own = options.settings ?? {} as S;
  const settings = { ...own, ...(options.storage ? stored : {}), ...common };
  let values: Readonly<Record<string, unknown>>;
  try {
    values = parseSettings(settings, Deno.args);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    print(`${kebab(program.name)}: ${error.message}\nSee --help.`, "stderr");
    Deno.exit(EXIT_ARGUMENTS);
  }
  if (values["version"]) {
    print(`${kebab(program.name)} ${manifest.version} (Charybdis, Deno ${Deno.version.deno})`, "stdout");
    Deno.exit(0);
  }
  if (values["help"]) {
    print(usage(kebab(program.name), options.about ?? "", settings), "stdout");
    Deno.exit(0);
  }
  const openStorage = await storageOpener(values);
  return runStdio((node) => program(node, values as Values<S>), { openStorage });
}

async function storageOpener(values: Readonly<Record<string, unknown>>): Promise<OpenStorage | undefined> {
  const { data, run } = values;
  if (typeof data !== "string") return undefined;
  const { openSqlite } = await import("./sqlite.ts"); // loaded only where it is asked for: start-up is what users wait for
  return (nodeId) => openSqlite(data, { nodeId, run: typeof run === "string" ? run : undefined });
}

function usage(name: string, about: string, settings: Settings): string {
  const paragraphs = about.split("\n\n").map((paragraph) =>
    wrap(paragraph.replaceAll(/\s+/g, " "), 80).join("\n")
  );
  return [
    `Usage: ${name} [options]`,
    "",
    ...(about === "" ? [] : [paragraphs.join("\n\n"), ""]),
    "Reads Maelstrom messages from stdin, one JSON object a line, and writes its own to stdout. Options:",
    describeSettings(settings),
  ].join("\n");
}

function print(text: string, stream: "stdout" | "stderr"): void {
  try {
    Deno[stream].writeSync(new TextEncoder().encode(`${text}\n`));
  } catch {
    // a reader that has gone, or a full disk: nothing to tell it
  }
}
