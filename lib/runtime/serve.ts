/**
 * From a program to a process: arguments, `--help`, `--version`, start and stop.
 *
 * Tested by `tests/runtime/process_test.ts`.
 */

import { NODE_MARKER } from "./marker.ts";
import type { Node } from "./node.ts";
import { flag, type Settings, text, type Values } from "./setting.ts";
import { type OpenStorage, runStdio, type StorageOptions, SystemRandom } from "./stdio.ts";

/** The exit status for a wrong command line, as Maelstrom's. */
const EXIT_ARGUMENTS = 254;

/** Options of an executable. */
export interface ServeOptions<S extends Settings> {
  /** The description in `--help`: one paragraph or several. */
  readonly description?: string;
  /** The settings, which the program gets as its second argument. */
  readonly settings?: S;
  /** True if the program can keep state on disk: then `--data DIR` opens a store. */
  readonly storage?: boolean;
}

const common = {
  help: flag(false, { description: "Shows this." }),
  version: flag(false, { description: "Shows the version." }),
};

const stored = {
  data: text({
    syntax: "DIR",
    description: "Keeps state in DIR/<node id>.store and .mark, so that a kill loses nothing acknowledged.",
  }),
  run: text({
    syntax: "ID",
    description: "Names the run that the store belongs to; a store of another run is refused.",
  }),
};

/**
 * Runs a program as this process: reads the arguments, then serves stdin until it ends. Never returns.
 *
 * @example
 * ```ts
 * import { type Node, number, serve, type Values } from "@charybdis/charybdis";
 *
 * const settings = {
 *   everyMs: number(1000, { min: 1, max: 60_000, description: "Interval of the node's messages, in ms." }),
 * };
 *
 * function beacon(node: Node, { everyMs }: Values<typeof settings>): void {
 *   node.every(everyMs, () => node.log(`${node.id} is there`));
 * }
 *
 * if (import.meta.main) await serve(beacon, { description: "Sends a message at an interval.", settings });
 * ```
 */
export async function serve<S extends Settings = Record<never, never>>(
  program: (node: Node, settings: Values<S>) => void,
  options: ServeOptions<S> = {},
): Promise<never> {
  const own = options.settings ?? {} as S;
  // Without arguments, the parser of arguments is not loaded, because Maelstrom waits for each node's start.
  const values = Deno.args.length === 0
    ? defaults(own)
    : await readArguments({ ...own, ...(options.storage ? stored : {}), ...common }, {
      name: programName(),
      description: options.description ?? "",
    });
  const openStorage = typeof values["data"] === "string" ? await storageOpener(values) : undefined;
  if (options.storage && openStorage === undefined) {
    // An executable that can keep state was compiled to read and write; without a store it has no use for either.
    Deno.permissions.revokeSync({ name: "read" });
    Deno.permissions.revokeSync({ name: "write" });
  }
  return runStdio((node) => program(node, values as Values<S>), { openStorage });
}

/** Returns the name of the main module's file. That of a function is not certain: a bundler may change it. */
function programName(): string {
  const [, file = ""] = /([^/]*?)(?:\.[^./]*)?$/.exec(Deno.mainModule) ?? [];
  return file.replaceAll("_", "-");
}

function defaults(settings: Settings): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, setting.default]));
}

/** Returns the values of the command line; or prints its help or version and ends the process. */
async function readArguments(
  settings: Settings,
  { name, description }: { readonly name: string; readonly description: string },
): Promise<Readonly<Record<string, unknown>>> {
  const { ArgumentError, describeSettings, parseSettings, wrap } = await import("./settings.ts");
  let values: Readonly<Record<string, unknown>>;
  try {
    values = parseSettings(settings, Deno.args);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    print(`${name}: ${error.message}\nSee --help.`, "stderr");
    Deno.exit(EXIT_ARGUMENTS);
  }
  if (values["version"]) {
    const { default: manifest } = await import("../../deno.json", { with: { type: "json" } });
    print(`${name} ${manifest.version} ${NODE_MARKER}${Deno.version.deno})`, "stdout");
    Deno.exit(0);
  }
  if (values["help"]) {
    const paragraphs = description.split("\n\n").map((text) =>
      wrap(text.replaceAll(/\s+/g, " "), 80).join("\n")
    );
    const lines = [
      `Usage: ${name} [options]`,
      "",
      ...(description === "" ? [] : [paragraphs.join("\n\n"), ""]),
      "Reads Maelstrom messages from stdin and writes its own to stdout, a JSON object per line. Options:",
      describeSettings(settings),
    ];
    print(lines.join("\n"), "stdout");
    Deno.exit(0);
  }
  return values;
}

async function storageOpener(
  { data, run }: Readonly<Record<string, unknown>>,
): Promise<OpenStorage> {
  const store = await import("./storage/system_files.ts"); // loaded on demand
  const random = new SystemRandom();
  const directory = String(data);
  const options = ({ nodeId, log }: StorageOptions) => ({
    nodeId,
    log,
    run: typeof run === "string" ? run : undefined,
    newId: () => random.id(),
  });
  return {
    open: (given) => store.openStoreIn(directory, options(given)),
    replace: (given) => store.replaceStoreIn(directory, options(given)),
  };
}

function print(text: string, stream: "stdout" | "stderr"): void {
  try {
    Deno[stream].writeSync(new TextEncoder().encode(`${text}\n`));
  } catch {
    // the reader is gone, or the disk is full: the message cannot be delivered
  }
}
