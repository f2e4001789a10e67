/** Plants a bug into a copy of the nodes, of which no executable is made. */

/** A known bug: the replacement of one line, which the comment `// plant: MARKER` at its end identifies. */
export interface PlantedBug {
  /** The name of the bug in tables, and the marker of its line unless `marker` is given. */
  readonly id: string;
  /** A description in a few words. */
  readonly name: string;
  readonly file: string;
  /** The marker of the line, if several bugs replace the same line. */
  readonly marker?: string;
  /** The text in place of the line. */
  readonly replace: string;
  /** The arguments of `charybdis sweep` that find it, and those of the node after `--`. */
  readonly sweep: string;
  /** The first seed of the fast slice. Without it, only the full run looks for this bug. */
  readonly from?: number;
}

/** Names that a replacement may use although its file does not. */
const GLOBAL_NAMES = new Set([
  "Math",
  "after",
  "ceil",
  "false",
  "max",
  "null",
  "slice",
  "true",
  "undefined",
  "void",
]);

/** The layers that are copied. All others are shared, so that the bench recognizes errors of nodes by their class. */
const COPIED = ["lib/crdt", "lib/gossip", "lib/log", "lib/consensus", "nodes"] as const;
const SHARED = ["lib/mod.ts", "lib/protocol", "lib/runtime"] as const;

const ROOT = new URL("../../../", import.meta.url);

/**
 * Copies the nodes and what they are made of into `directory`, changed by `bug`, if there is one, and returns the path of
 * the node that `workload` runs. Throws if the bug has no place.
 */
export function plant(
  directory: string,
  options: { readonly workload: string; readonly bug?: PlantedBug },
): string {
  const { workload, bug } = options;
  for (const path of COPIED.flatMap(filesUnder)) {
    write(`${directory}/${path}`, path === bug?.file ? changedFile(bug) : textOf(path));
  }
  for (const path of SHARED.flatMap(filesUnder)) {
    write(`${directory}/${path}`, `export * from ${JSON.stringify(new URL(path, ROOT).href)};\n`);
  }
  return `${directory}/nodes/${workload.replaceAll("-", "_")}.ts`;
}

/**
 * Returns the file of a bug with the bug in it. Throws if the marker does not occur exactly once, or if the replacement
 * uses a name that the file no longer has.
 */
export function changedFile(bug: PlantedBug): string {
  const { id, file, replace, marker = id } = bug;
  if (!COPIED.some((folder) => file.startsWith(`${folder}/`))) {
    throw new Error(`planted bug ${id}: ${file} is not in ${COPIED.join(", ")}`);
  }
  const text = textOf(file);
  const parts = text.split(new RegExp(`^.*// plant: ${marker}$`, "m"));
  if (parts.length !== 2) {
    throw new Error(
      `planted bug ${id}: ${file} has ${parts.length - 1} lines that end in "// plant: ${marker}". ` +
        "Mark the line to replace.",
    );
  }
  const names = new Set(text.match(/\w+/g));
  const missing = (replace.replaceAll(/"[^"]*"|'[^']*'/g, "").match(/[A-Za-z_]\w*/g) ?? [])
    .filter((name) => !names.has(name) && !GLOBAL_NAMES.has(name));
  if (missing.length > 0) {
    throw new Error(`planted bug ${id}: ${file} has no ${missing.join(", ")}. Rename it in the replacement.`);
  }
  return parts.join(replace);
}

function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

function filesUnder(path: string): string[] {
  if (path.endsWith(".ts")) return [path];
  return [...Deno.readDirSync(new URL(path, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory || name.endsWith(".ts") ? filesUnder(`${path}/${name}`) : []
  );
}

function write(path: string, text: string): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(path, text);
}
