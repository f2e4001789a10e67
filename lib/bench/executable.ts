/** A node's executable: that it is one, and whether it can keep state on disk. */

import { ArgumentError } from "../runtime/settings.ts";
import { reasonOf } from "./bench_error.ts";

/** How long an executable may take to print its help. */
const HELP_MS = 5000;

/** The absolute path of an executable file. Throws `ArgumentError` that says what is wrong with it. */
export function findExecutable(bin: string, option = "--bin"): string {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(bin);
  } catch {
    throw new ArgumentError(`${option} ${bin}: there is no such file`);
  }
  if (!info.isFile) throw new ArgumentError(`${option} ${bin} is not a file`);
  if (info.mode !== null && (info.mode & 0o111) === 0) {
    throw new ArgumentError(`${option} ${bin} is not executable: chmod +x ${bin}`);
  }
  return Deno.realPathSync(bin);
}

/** Why a program could not be started, in words that say what to do. */
export function spawnProblem(error: unknown): string {
  const text = String(error);
  if (text.includes("Exec format error") || text.includes("os error 8")) {
    return "is not a program for this machine: an executable for another platform, or a script without a #! line";
  }
  if (error instanceof Deno.errors.NotFound) {
    return "cannot be started: the interpreter that its #! line names is missing";
  }
  return `cannot be started: ${reasonOf(error)}`;
}

/** Whether an executable says, in its help, that it keeps state in a directory: `--data DIR`. */
export async function keepsData(bin: string): Promise<boolean> {
  try {
    const { stdout } = await new Deno.Command(bin, {
      args: ["--help"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(HELP_MS),
    }).output();
    return new TextDecoder().decode(stdout).includes("--data DIR");
  } catch {
    return false; // it cannot be started: the test itself says so, better
  }
}
