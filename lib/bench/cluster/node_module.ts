/**
 * Reads the module of a node or of a workload from a path, strips its types and checks its imports.
 *
 * Tested by `tests/bench/cluster/module_test.ts`.
 */

import { ArgumentError } from "../../runtime/settings.ts";
import type { ModuleSource } from "./module/messages.ts";

const PACKAGE = "@charybdis/charybdis";

/** The names that each kind of module may import. They have already been loaded. */
const OFFERED = {
  node: [PACKAGE, `${PACKAGE}/protocol`, `${PACKAGE}/clients`],
  workload: [`${PACKAGE}/workload`, `${PACKAGE}/protocol`, `${PACKAGE}/checkers`],
} as const;

/** The kind of a module, by its purpose. */
export type ModuleKind = keyof typeof OFFERED;

/** The maximum length of the source, in bytes. */
const SOURCE_LENGTH_MAX = 16 * 1024 * 1024;

/** A module that is ready to load. */
export interface ReadModule {
  readonly source: ModuleSource;
  /** The files that the worker may read: none, unless the module imports other files. */
  readonly files: readonly string[];
}

/**
 * Reads a module from a file. Refuses URLs. Replaces types with spaces, so that lines and columns in messages match the file.
 * A module of several files runs in development only. Throws `ArgumentError` with the reason if the module cannot be read.
 */
export async function readModule(path: string, kind: ModuleKind = "node"): Promise<ReadModule> {
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) {
    throw new ArgumentError(`cannot load ${path.slice(0, 100)}: it is an address. Give the path of a file.`);
  }
  const url = new URL(path.replaceAll("%", "%25"), `file://${currentFolder(path)}/`);
  try {
    const { isFile, size } = await Deno.stat(url);
    if (!isFile) throw new Error("it is not a file");
    if (size > SOURCE_LENGTH_MAX) throw new Error(`it is longer than ${SOURCE_LENGTH_MAX >> 20} MiB`);
    const text = await Deno.readTextFile(url);
    const code = path.endsWith(".ts") ? await withoutTypes(text) : text;
    const offered: readonly string[] = OFFERED[kind];
    const others = importsOf(code).filter((name) => !offered.includes(name));
    const [other] = others;
    if (other === undefined) {
      return { source: { name: path, url: dataUrl(code) }, files: [] };
    }
    const areRelative = others.every((name) => /^(\.\.?\/|file:)/.test(name));
    if (!areRelative || Deno.build.standalone) {
      throw new Error(`it imports ${JSON.stringify(other)}, but a ${kind} imports ${offered[0]} only`);
    }
    return { source: { name: path, url: url.href }, files: filesFrom(url) };
  } catch (error) {
    throw new ArgumentError(moduleProblem(error, { name: path, url: url.href }));
  }
}

function currentFolder(path: string): string {
  if (path.startsWith("/")) return "";
  try {
    return Deno.cwd();
  } catch {
    throw new ArgumentError(`cannot load ${path}: the current folder is gone`);
  }
}

async function withoutTypes(source: string): Promise<string> {
  const { transformSync } = await import("amaro"); // the library that Node strips types with
  return transformSync(source, { mode: "strip-only" }).code;
}

/**
 * Returns the names in a module's import statements, from a scan of its text. The scan does not find dynamic imports, which the
 * worker's permissions restrict.
 */
function importsOf(code: string): string[] {
  const pattern = /^[ \t]*(?:import|export)\b(?:[^"'`;=()]*?\bfrom)?\s*(["'])([^"'\n]+)\1/gm;
  return [...code.matchAll(pattern)].flatMap(([, , name]) => name ?? []);
}

/** Returns a module's file and all files that it reaches by relative imports. */
function filesFrom(url: URL, found: Set<string> = new Set()): string[] {
  if (found.has(url.pathname)) return [];
  found.add(url.pathname);
  for (const name of importsOf(Deno.readTextFileSync(url))) {
    if (/^(\.\.?\/|file:)/.test(name)) filesFrom(new URL(name, url), found);
  }
  return [...found];
}

function dataUrl(code: string): string {
  const bytes = new TextEncoder().encode(code);
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(i, i + 0x8000)));
  }
  return `data:text/javascript;base64,${btoa(parts.join(""))}`;
}

/** Returns the problem of a module and its position. Syntax errors include the line and a mark under the position. */
export function moduleProblem(error: unknown, { name, url }: ModuleSource): string {
  return `cannot load ${name}: ${problemOf(error)}`.replaceAll(url, name);
}

function problemOf(error: unknown): string {
  if (error instanceof ArgumentError) return error.message;
  if (isNotFound(error)) return "the file does not exist";
  if (isSyntaxProblem(error)) {
    return `${place(error.startLine, error.startColumn + 1)}${error.message}\n${error.snippet}`;
  }
  if (!(error instanceof Error)) return String(error);
  const [, said = error.message, line, column] =
    /^(.*) at (?:file|data):[^\n]*?:(\d+):(\d+)$/s.exec(error.message) ?? [];
  const [, type] = /does not provide an export named '(\w+)'/.exec(said) ?? [];
  const hint = type === undefined ? "" : `; if that is a type: import { type ${type} }`;
  return `${line === undefined ? "" : place(Number(line), Number(column))}${said}${hint}`;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === "NotFound";
}

function place(line: number, column: number): string {
  return `line ${line}, column ${column}: `;
}

/** The value that amaro throws: not an `Error`, but an object with a message and its position. */
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
