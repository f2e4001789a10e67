/**
 * Reads the module of a node or of a workload from a path, strips its types and checks its imports.
 *
 * Tested by `tests/bench/cluster/module_test.ts`.
 */

import { ArgumentError } from "../../runtime/settings.ts";
import type { ModuleSource } from "./module/messages.ts";
import { isFile } from "../store/files.ts";
import { OFFERED_NAMES } from "./module/offered_names.ts";

const PACKAGE = "@charybdis/charybdis";

/** The names that each kind of module may import. They have already been loaded. */
const OFFERED: Readonly<Record<"node" | "workload", readonly string[]>> = {
  node: OFFERED_NAMES,
  workload: [`${PACKAGE}/workload`, `${PACKAGE}/protocol`, `${PACKAGE}/checkers`],
};

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
    const { isFile: isPlain, size } = await Deno.stat(url);
    if (!isPlain) throw new Error("it is not a file");
    if (size > SOURCE_LENGTH_MAX) throw new Error(`it is longer than ${SOURCE_LENGTH_MAX >> 20} MiB`);
    const text = await Deno.readTextFile(url);
    const code = path.endsWith(".ts") ? await withoutTypes(text) : text;
    const offered = OFFERED[kind];
    // A relative import means a file next to the module, if there is one.
    const others = importsOf(code).filter((name) =>
      !offered.includes(name) ||
      (name.startsWith(".") && isFile(decodeURIComponent(new URL(name, url).pathname)))
    );
    const [other] = others;
    if (other === undefined) return { source: sourceOf(code, path), files: [] };
    const areRelative = others.every((name) => /^(\.\.?\/|file:)/.test(name));
    if (!areRelative || Deno.build.standalone) {
      throw new Error(importProblem(other, kind));
    }
    return { source: { name: path, url: url.href }, files: filesFrom(url) };
  } catch (error) {
    throw new ArgumentError(moduleProblem(error, { name: path, url: url.href }));
  }
}

/** Returns a module without a file. Throws `ArgumentError` with the reason if it cannot run. */
export async function moduleOfCode(text: string): Promise<ReadModule> {
  const source = { name: "node.ts", url: "" };
  try {
    const code = await withoutTypes(text);
    const other = importsOf(code).find((name) => !OFFERED.node.includes(name));
    if (other !== undefined) throw new Error(importProblem(other, "node"));
    return { source: sourceOf(code, source.name), files: [] };
  } catch (error) {
    throw new ArgumentError(moduleProblem(error, source));
  }
}

function importProblem(name: string, kind: ModuleKind): string {
  return `it imports ${JSON.stringify(name)}, but a ${kind} imports ${OFFERED[kind][0]} only`;
}

/** Returns the source of a module whose imports are all offered. The worker has already loaded them. */
function sourceOf(code: string, name: string): ModuleSource {
  const resolved = code.replaceAll(IMPORT, (all, _quote, imported: string) => {
    const file = /^\.\.\/(lib\/.*)$/.exec(imported)?.[1];
    return file === undefined
      ? all
      : all.replace(imported, new URL(`../../../${file}`, import.meta.url).href);
  });
  return { name, url: dataUrl(resolved) };
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

/** Matches an import or export of another module. */
const IMPORT = /^[ \t]*(?:import|export)\b(?:[^"'`;=()]*?\bfrom)?\s*(["'])([^"'\n]+)\1/gm;

/**
 * Returns the names in a module's import statements, from a scan of its text. The scan does not find dynamic imports, which the
 * worker's permissions restrict.
 */
function importsOf(code: string): string[] {
  return [...code.matchAll(IMPORT)].flatMap(([, , name]) => name ?? []);
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

/** The methods of the console that write to stdout. */
const PRINTERS = ["log", "info", "debug", "dir", "dirxml", "table"] as const;

/** Time limit of the top level of a workload or of invariants, in ms. */
const LOADING_MS_MAX = 4000;

/** Imports a workload or invariants into this thread. Their output goes to stderr, because stdout has the results. */
export async function importFile({ url }: ModuleSource): Promise<Readonly<Record<string, unknown>>> {
  const { console } = globalThis;
  for (const printer of PRINTERS) console[printer] = console.error;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const text = `its top level did not end within ${
    LOADING_MS_MAX / 1000
  } s. It may await something that never happens`;
  const timer = setTimeout(() => reject(new ArgumentError(text)), LOADING_MS_MAX);
  try {
    return await Promise.race([import(url), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the problem of a module and its position. Syntax errors include the line and a mark under the position. */
export function moduleProblem(error: unknown, { name, url }: ModuleSource): string {
  return `cannot load ${name}: ${problemOf(error)}`.replaceAll(url === "" ? name : url, name);
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
