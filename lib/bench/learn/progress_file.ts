/** How far a learner is: a small JSON file in the learner's folder, so that exercises can be left and taken up again. */

import { isObject } from "../../protocol/schema.ts";
import { BenchError, reasonOf } from "../errors.ts";
import { readJson } from "../store/files.ts";

/** The file's name. */
export const NOTEBOOK_FILE = "progress.json";
/** Increased whenever files written before can no longer be read. */
const FORMAT = 1;

/** What was done of an exercise. */
export interface Entry {
  /** How often it was checked. */
  readonly attempts: number;
  /** How many of its hints were shown. */
  readonly hints: number;
  /** True if the last attempt passed. */
  readonly passed: boolean;
  /** The program that passed. */
  readonly program?: Program;
}

/** A program, told from its later versions. */
export interface Program {
  readonly path: string;
  /** The SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Returns the program in a file. Throws {@linkcode BenchError} when it cannot be read. */
export async function programOf(path: string): Promise<Program> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    throw new BenchError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { path, sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
}

/** Returns true if the program that passed is still the one in its file. */
export async function isUnchanged({ program }: Entry): Promise<boolean> {
  if (program === undefined) return true; // written down before programs were
  try {
    return (await programOf(program.path)).sha256 === program.sha256;
  } catch (error) {
    if (error instanceof BenchError) return false; // it was removed
    throw error;
  }
}

/** What was done, by exercise. */
export type Notebook = ReadonlyMap<string, Entry>;

/** An exercise that was not begun. */
export const NOT_BEGUN: Entry = { attempts: 0, hints: 0, passed: false };

/** Reads the notebook in a folder; empty if there is none. Throws {@linkcode BenchError} when it cannot be read. */
export function readNotebook(directory: string): Notebook {
  const path = `${directory}/${NOTEBOOK_FILE}`;
  const value = readNotes(path);
  if (value === undefined) return new Map();
  if (value["format"] !== FORMAT || !isObject(value["exercises"])) {
    throw new BenchError(
      `${path} is no notebook of this version (format ${FORMAT}): remove it to begin anew, your node files stay`,
    );
  }
  return new Map(
    Object.entries(value["exercises"]).map((
      [id, entry],
    ) => [id, isObject(entry) ? entryOf(entry) : NOT_BEGUN]),
  );
}

function readNotes(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return readJson(path);
  } catch (error) {
    throw new BenchError(`${reasonOf(error)}. Mend it, or remove it to begin anew`);
  }
}

function entryOf({ attempts, hints, passed, program }: Readonly<Record<string, unknown>>): Entry {
  const given =
    isObject(program) && typeof program["path"] === "string" && typeof program["sha256"] === "string"
      ? { program: { path: program["path"], sha256: program["sha256"] } }
      : {};
  const count = (value: unknown) => typeof value === "number" && value >= 0 ? Math.floor(value) : 0;
  return { attempts: count(attempts), hints: count(hints), passed: passed === true, ...given };
}

/** Writes down what changed of one exercise; what else the file holds stays. */
export function writeDown(directory: string, id: string, change: (entry: Entry) => Entry): Entry {
  const notebook = new Map(readNotebook(directory));
  const entry = change(notebook.get(id) ?? NOT_BEGUN);
  notebook.set(id, entry);
  const text = JSON.stringify({ format: FORMAT, exercises: Object.fromEntries(notebook) }, undefined, 1);
  makeFolder(directory);
  // Written beside and renamed, so that an interruption leaves the old file whole.
  const path = `${directory}/${NOTEBOOK_FILE}`;
  Deno.writeTextFileSync(`${path}.new`, `${text}\n`);
  Deno.renameSync(`${path}.new`, path);
  return entry;
}

/** Makes the learner's folder. Throws {@linkcode BenchError} when that cannot be done. */
export function makeFolder(directory: string): void {
  try {
    Deno.mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new BenchError(`cannot make the folder ${directory}: ${reasonOf(error)}. Name another with --dir`);
  }
}
