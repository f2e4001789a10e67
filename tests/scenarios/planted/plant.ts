/** Plants a mistake into a copy of the nodes: no executable is ever made of one. */

/** A known mistake, as a change of text, so that it follows the code. */
export type PlantedBug =
  & BugToFind
  & (
    /** The id in the comment `// plant: ID` that ends the line which is replaced. */
    | { readonly marker: string }
    /** The text to replace, which the file holds exactly once. */
    | { readonly find: string }
  );

interface BugToFind {
  /** What the mistake is, in a few words. */
  readonly name: string;
  /** The file that it is made in. */
  readonly file: string;
  /** The text in its place. */
  readonly replace: string;
  /** The arguments of `charybdis sweep` that are to find it, and the node's own after `--`. */
  readonly sweep: string;
  /** The seed from which the fast slice looks; where it is left out, only the full run looks for this one. */
  readonly from?: number;
}

/** The rooms that are copied. All others are used as they are, so that what nodes throw is what the bench knows. */
const COPIED = ["lib/crdt", "lib/gossip", "lib/log", "lib/consensus", "nodes"] as const;
const SHARED = ["lib/mod.ts", "lib/protocol", "lib/runtime"] as const;

const ROOT = new URL("../../../", import.meta.url);

/**
 * Copies the nodes and what they are made of into `directory`, changed by `bug`, if there is one, and returns the path of
 * the node that `workload` runs. Throws when the text that is to be changed does not stand there exactly once.
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

/** The bug's file with the change made. Throws when the text that is to be changed does not stand there exactly once. */
export function changedFile(bug: PlantedBug): string {
  const { name, file, replace } = bug;
  if (!COPIED.some((room) => file.startsWith(`${room}/`))) {
    throw new Error(`"${name}": ${file} is in none of ${COPIED.join(", ")}`);
  }
  const [place, parts] = "marker" in bug
    ? [`// plant: ${bug.marker}`, textOf(file).split(new RegExp(`^.*// plant: ${bug.marker}$`, "m"))]
    : [bug.find, textOf(file).split(bug.find)];
  if (parts.length !== 2) {
    throw new Error(
      `"${name}": ${file} must hold exactly once, but holds ${parts.length - 1} times: ${place}`,
    );
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
