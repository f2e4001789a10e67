/** Files that people name or look at: one that cannot be read or written is named, with the reason. */

import { isObject } from "../protocol/schema.ts";
import { BenchError, reasonOf } from "./bench_error.ts";

/** Whether there is a file of that path. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The object in a JSON file; undefined when there is no such file. Throws `BenchError` for anything else. */
export function readJson(path: string): Readonly<Record<string, unknown>> | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
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
  throw new BenchError(`${path} holds no JSON object`);
}

/** Writes a file, and makes the folder that it stands in. Throws `BenchError` when that cannot be done. */
export function writeText(path: string, text: string): void {
  try {
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (folder !== "") Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(path, text);
  } catch (error) {
    throw new BenchError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}
