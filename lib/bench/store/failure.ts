/**
 * Ends a failed bench with one line of output, status 255, and a record in the store.
 *
 * Tested by `tests/bench/store/run_store_test.ts`.
 */

import { BenchError, reasonOf, StartError } from "../errors.ts";
import { readJson, writeText } from "./files.ts";

/** The folders of runs that have not ended. */
const openRuns = new Set<string>();

/** Adds a run's folder until the run has ended. */
export function runBegins(directory: string): void {
  openRuns.add(directory);
}

/** Removes a run's folder, because its test.json states its end. */
export function runEnds(directory: string): void {
  openRuns.delete(directory);
}

/** Records the failure in the folders of all runs that have not ended. Never throws. */
export function failOpenRuns(error: unknown): void {
  for (const directory of openRuns) {
    try {
      const path = `${directory}/test.json`;
      const head = readJson(path);
      writeText(
        path,
        `${JSON.stringify({ ...head, state: "failed", error: failureText(error) }, null, 1)}\n`,
      );
    } catch {
      // the folder cannot be written, which may be the failure itself
    }
  }
  openRuns.clear();
}

/**
 * Returns the error's text, in one line unless it is a message of the bench's own. With `CHARYBDIS_DEBUG=1` the stack follows.
 */
export function failureText(error: unknown): string {
  const debug =
    Deno.permissions.querySync({ name: "env", variable: "CHARYBDIS_DEBUG" }).state === "granted" &&
    (Deno.env.get("CHARYBDIS_DEBUG") ?? "") !== "";
  const stack = debug && error instanceof Error ? `\n${error.stack ?? ""}` : "";
  return `${summaryOf(error)}${stack}`;
}

function summaryOf(error: unknown): string {
  if (error instanceof BenchError || error instanceof StartError) return error.message;
  const [line = ""] = reasonOf(error).split("\n");
  if (isSystemError(error)) return line;
  const name = error instanceof Error ? `${error.name}: ` : "";
  return `internal error: ${name}${line} (CHARYBDIS_DEBUG=1 shows where)`;
}

/** Returns true for an error of the operating system, such as a full disk, a missing folder, or an exhausted limit. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error &&
    (/\(os error \d+\)/.test(error.message) || error instanceof Deno.errors.NotCapable);
}
