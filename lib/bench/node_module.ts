/** A node's module, given by its path: imported, with its types stripped first where nothing else can read them. */

import { ArgumentError } from "../runtime/settings.ts";

/**
 * Imports a module. A compiled executable runs JavaScript alone; for it the types of a TypeScript module are replaced
 * by spaces, so that lines and columns in messages are the file's own. Throws `ArgumentError` that says why a module cannot
 * be loaded.
 */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const url = new URL(path, `file://${Deno.cwd()}/`);
  try {
    if (!Deno.build.standalone || !path.endsWith(".ts")) return await import(url.href);
    return await importStripped(url);
  } catch (error) {
    throw new ArgumentError(`cannot load ${path}: ${problemOf(error)}`);
  }
}

async function importStripped(url: URL): Promise<Readonly<Record<string, unknown>>> {
  const source = await Deno.readTextFile(url);
  const { transformSync } = await import("amaro"); // what Node strips types with; read by nobody else
  const { code } = transformSync(source, { mode: "strip-only" });
  const [beside] = /(?<=\bfrom\s*|\bimport\s*\(?\s*)(["'])\.\.?\/[^"']*\1/.exec(code) ?? [];
  if (beside !== undefined) {
    throw new Error(`it imports ${beside}, but what is run here is one file beside @charybdis/charybdis`);
  }
  const directory = await Deno.makeTempDir({ prefix: "charybdis-" });
  try {
    const file = `${directory}/${url.pathname.split("/").at(-1)}`;
    await Deno.writeTextFile(file, code);
    return await import(`file://${file}`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** What is wrong with a module, and where. Syntax errors come with the line and a mark under the place. */
function problemOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (isSyntaxProblem(error)) {
    return `${place(error.startLine, error.startColumn + 1)}${error.message}\n${error.snippet}`;
  }
  if (!(error instanceof Error)) return String(error);
  const [, said = error.message, line, column] = /^(.*) at file:.*?:(\d+):(\d+)$/s.exec(error.message) ?? [];
  const [, type] = /does not provide an export named '(\w+)'/.exec(said) ?? [];
  const hint = type === undefined ? "" : `; if that is a type: import { type ${type} }`;
  return `${line === undefined ? "" : place(Number(line), Number(column))}${said}${hint}`;
}

function place(line: number, column: number): string {
  return `line ${line}, column ${column}: `;
}

/** What amaro throws: no `Error`, but a message with its place. */
function isSyntaxProblem(
  error: unknown,
): error is {
  readonly message: string;
  readonly snippet: string;
  readonly startLine: number;
  readonly startColumn: number;
} {
  return typeof error === "object" && error !== null && "message" in error && "snippet" in error &&
    "startLine" in error && "startColumn" in error;
}
