/**
 * Reads and writes files that users name or read. Errors name the file and the reason.
 *
 * Tested by `tests/bench/store/run_store_test.ts`.
 */

import { isObject } from "../../protocol/schema.ts";
import { BenchError, reasonOf } from "../errors.ts";

/** The size of a file system's block, in bytes: a file occupies whole blocks. */
const BLOCK_LENGTH = 4096;

/** Returns true if a file of that path exists. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Returns the object in a JSON file; undefined if the file does not exist. Throws `BenchError` for anything else. */
export function readJson(path: string): Readonly<Record<string, unknown>> | undefined {
  let text: string;
  try {
    const { isFile, isDirectory } = Deno.statSync(path); // reading a pipe could block forever
    if (!isFile && !isDirectory) throw new BenchError(`${path} is not a file`);
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof BenchError) throw error;
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw new BenchError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BenchError(`${path} is not JSON: ${reasonOf(error)}`);
  }
  if (isObject(value)) return value;
  throw new BenchError(`${path} does not contain a JSON object`);
}

/**
 * Writes a file of an existing folder atomically. Concurrent readers see the old content. Throws `BenchError` with the reason
 * if the file cannot be written.
 */
export function writeText(path: string, text: string): void {
  const bytes = new TextEncoder().encode(text);
  const fresh = `${path}.${Deno.pid}.new`;
  try {
    if (isSpecial(path)) return writeInto(path, bytes);
    try {
      Deno.writeFileSync(fresh, bytes);
      Deno.renameSync(fresh, path);
    } catch (error) {
      remove(fresh);
      // On a full disk, only the file's own space is available.
      if (!isFull(error) || !isFile(path) || bytes.length > blocksOf(path)) throw error;
      writeInto(path, bytes);
    }
  } catch (error) {
    throw new BenchError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** Overwrites a file, and truncates the rest. */
function writeInto(path: string, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { write: true });
  writeAll(file, bytes);
  if (file.statSync().isFile) file.truncateSync(bytes.length);
}

/** Writes bytes to an open file. One write may take only some of them. */
export function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
}

/** Returns the number of bytes that a file can hold without more space. */
function blocksOf(path: string): number {
  return Math.ceil(Deno.statSync(path).size / BLOCK_LENGTH) * BLOCK_LENGTH;
}

/** Returns true for a path that a file must not replace: a device, a pipe, or a link to one. */
function isSpecial(path: string): boolean {
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    return !isFile && !isDirectory;
  } catch {
    return false;
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && /os error (28|122)\b/.test(error.message); // ENOSPC, EDQUOT
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // it was not created
  }
}

/** Creates a folder and its parents, unless it exists. Throws `BenchError` with the reason if it cannot be created. */
export function ensureFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new BenchError(`cannot make the folder ${path}: ${reasonOf(error)}`);
  }
}
