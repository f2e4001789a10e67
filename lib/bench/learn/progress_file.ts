/**
 * A learner's progress: a small JSON file in the learner's folder, so that exercises can be interrupted and resumed.
 */

import { isObject } from "../../protocol/schema.ts";
import { BenchError, reasonOf } from "../errors.ts";
import { readJson } from "../store/files.ts";
import type { Figures } from "./next_steps.ts";

/** The file's name. */
export const PROGRESS_FILE = "progress.json";
/** Version of the file format. Increased when older files become unreadable. */
const FORMAT = 1;

/** Progress of an exercise. */
export interface Entry {
  /** Id of the language of the file that was started. */
  readonly lang?: string;
  /** Number of checks. */
  readonly attempts: number;
  /** Number of hints shown. */
  readonly hints: number;
  /** True if the last attempt passed. */
  readonly passed: boolean;
  /** The program that passed. */
  readonly program?: Program;
  /** The figures of the passed attempt with the fewest messages. */
  readonly best?: Figures;
}

/** A program, identified by its content. */
export interface Program {
  readonly path: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Returns the program in a file. Throws {@linkcode BenchError} if the file cannot be read. */
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

/** True if the file still contains the program that passed. */
export async function isUnchanged({ program }: Entry): Promise<boolean> {
  if (program === undefined) return true; // written by a version without programs
  try {
    return (await programOf(program.path)).sha256 === program.sha256;
  } catch (error) {
    if (error instanceof BenchError) return false; // the file was removed
    throw error;
  }
}

/** Progress by exercise. */
export type Progress = ReadonlyMap<string, Entry>;

/** Progress of an exercise that was not started. */
export const NOT_STARTED: Entry = { attempts: 0, hints: 0, passed: false };

/** Reads the progress file in a folder; empty if there is none. Throws {@linkcode BenchError} if it cannot be read. */
export function readProgress(directory: string): Progress {
  const path = `${directory}/${PROGRESS_FILE}`;
  const value = readNotes(path);
  if (value === undefined) return new Map();
  if (value["format"] !== FORMAT || !isObject(value["exercises"])) {
    throw new BenchError(
      `${path} was written by an incompatible version (expected format ${FORMAT}). Delete it to start over; your node files are kept`,
    );
  }
  return new Map(
    Object.entries(value["exercises"]).map((
      [id, entry],
    ) => [id, isObject(entry) ? entryOf(entry) : NOT_STARTED]),
  );
}

function readNotes(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return readJson(path);
  } catch (error) {
    throw new BenchError(`${reasonOf(error)}. Fix it, or delete it to start over`);
  }
}

function entryOf({ lang, attempts, hints, passed, program, best }: Readonly<Record<string, unknown>>): Entry {
  const given =
    isObject(program) && typeof program["path"] === "string" && typeof program["sha256"] === "string"
      ? { program: { path: program["path"], sha256: program["sha256"] } }
      : {};
  const count = (value: unknown) => typeof value === "number" && value >= 0 ? Math.floor(value) : 0;
  const figures = isObject(best) ? figuresFrom(best) : undefined;
  return {
    ...(typeof lang === "string" ? { lang } : {}),
    attempts: count(attempts),
    hints: count(hints),
    passed: passed === true,
    ...given,
    ...(figures === undefined ? {} : { best: figures }),
  };
}

/** Reads figures; undefined if they are not figures. */
function figuresFrom(given: Readonly<Record<string, unknown>>): Figures | undefined {
  const { messagesPerOperation, medianMs, longestMs } = given;
  if (typeof messagesPerOperation !== "number") return undefined;
  return typeof medianMs === "number" && typeof longestMs === "number"
    ? { messagesPerOperation, medianMs, longestMs }
    : { messagesPerOperation };
}

/** Writes the changes of one exercise, and keeps the rest of the file. */
export function updateProgress(directory: string, id: string, change: (entry: Entry) => Entry): Entry {
  const progress = new Map(readProgress(directory));
  const entry = change(progress.get(id) ?? NOT_STARTED);
  progress.set(id, entry);
  const text = JSON.stringify({ format: FORMAT, exercises: Object.fromEntries(progress) }, undefined, 1);
  makeFolder(directory);
  // Written to a temporary file and renamed, so that an interruption leaves the old file intact.
  const path = `${directory}/${PROGRESS_FILE}`;
  Deno.writeTextFileSync(`${path}.new`, `${text}\n`);
  Deno.renameSync(`${path}.new`, path);
  return entry;
}

/** Creates the learner's folder. Throws {@linkcode BenchError} on failure. */
export function makeFolder(directory: string): void {
  try {
    Deno.mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new BenchError(
      `cannot create the folder ${directory}: ${reasonOf(error)}. Choose another with --dir`,
    );
  }
}
