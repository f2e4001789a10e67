/**
 * Finds and starts a node's executable, and determines its options.
 *
 * Tested by `tests/bench/cluster/process_cluster_test.ts`.
 */

import { NODE_MARKER } from "../../runtime/marker.ts";
import { ArgumentError } from "../../runtime/settings.ts";
import { reasonOf } from "../errors.ts";

/** Timeout for an executable of this project to print its help, in ms. */
const HELP_TIMEOUT_MS = 5000;
/** The number of bytes at the end of an executable that contain its own modules. The runtime precedes them. */
const MODULES_LENGTH_MAX = 8 * 1024 * 1024;
/** The number of leading bytes of a file that distinguish a script from a binary. */
const HEAD_LENGTH = 512;

/**
 * Returns the absolute path of an executable file. Throws `ArgumentError` with the reason if the path is not an executable
 * file.
 */
export function findExecutable(bin: string, option = "--bin"): string {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(bin);
  } catch {
    throw new ArgumentError(`${option} ${bin}: the file does not exist`);
  }
  if (!info.isFile) throw new ArgumentError(`${option} ${bin} is not a file`);
  if (info.mode !== null && (info.mode & 0o111) === 0) {
    throw new ArgumentError(`${option} ${bin} is not executable: chmod +x ${bin}`);
  }
  return Deno.realPathSync(bin);
}

/** A node's process, or the reason why it could not start. */
export type StartedProcess =
  | { readonly kind: "started"; readonly child: Deno.ChildProcess }
  | { readonly kind: "refused"; readonly problem: string };

/** Returns the command line that runs a program and its arguments, such as in a sandbox. */
export type Launch = (command: readonly string[]) => readonly string[];

/**
 * Starts a node in its own session, with `environment` in addition to the bench's. As Java does for Maelstrom, /bin/sh runs a
 * script without a `#!` line.
 */
export function spawnNode(
  [bin = "", ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
  launch: Launch | undefined,
): StartedProcess {
  const shell = ["/bin/sh", bin, ...args];
  try {
    // A launcher has no format error to report: the kernel refuses the program later, inside the sandbox.
    const command = launch !== undefined && needsShell(bin) ? shell : [bin, ...args];
    return { kind: "started", child: spawn(launch?.(command) ?? command, environment) };
  } catch (error) {
    if (isFormatError(error) && isText(headOf(bin))) {
      return { kind: "started", child: spawn(shell, environment) };
    }
    return { kind: "refused", problem: spawnProblem(error) };
  }
}

function spawn(
  [command = "", ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  return new Deno.Command(command, {
    args,
    env: environment,
    cwd: temporaryDirectory(), // like Maelstrom, which starts nodes in Java's java.io.tmpdir
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
}

function temporaryDirectory(): string {
  return Deno.build.os === "windows" ? Deno.env.get("TEMP") ?? "." : "/tmp";
}

function isFormatError(error: unknown): boolean {
  return error instanceof Error &&
    (("code" in error && error.code === "ENOEXEC") || /os error 8\b/.test(error.message));
}

function headOf(path: string): Uint8Array {
  using file = Deno.openSync(path);
  const head = new Uint8Array(HEAD_LENGTH);
  return head.subarray(0, file.readSync(head) ?? 0);
}

function isText(head: Uint8Array): boolean {
  return head.length > 0 && !head.includes(0);
}

/** Returns true for a script without a `#!` line. */
function needsShell(bin: string): boolean {
  const head = headOf(bin);
  return isText(head) && !new TextDecoder().decode(head).startsWith("#!");
}

function spawnProblem(error: unknown): string {
  if (isFormatError(error)) {
    return "is not a program for this machine: it is an executable for another platform";
  }
  if (error instanceof Deno.errors.NotFound) {
    return "cannot be started: the interpreter that its #! line names is missing";
  }
  return `cannot be started: ${reasonOf(error)}`;
}

/**
 * Returns the options of an executable according to its own help: `--data`, `--max-latency-ms`, …. Starts only executables that
 * include this library. The options of other executables are unknown.
 */
export async function optionsOf(bin: string, launch?: Launch): Promise<ReadonlySet<string>> {
  if (!isMadeWithThisLibrary(bin)) return new Set();
  const [command = bin, ...args] = launch?.([bin, "--help"]) ?? [bin, "--help"];
  const child = new Deno.Command(command, { args, stdin: "null", stdout: "piped", stderr: "null" }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), HELP_TIMEOUT_MS);
  try {
    const { stdout } = await child.output();
    return new Set(new TextDecoder().decode(stdout).match(/(?<=^ *)--[a-z][a-z-]*/gm));
  } finally {
    clearTimeout(timer);
  }
}

/** Returns true if an executable contains the runtime of this library, regardless of its name. */
function isMadeWithThisLibrary(bin: string): boolean {
  using file = Deno.openSync(bin);
  const { size } = file.statSync();
  const length = Math.min(size, MODULES_LENGTH_MAX);
  file.seekSync(size - length, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const count = file.readSync(bytes.subarray(read));
    if (count === null) break;
    read += count;
  }
  return new TextDecoder("latin1").decode(bytes.subarray(0, read)).includes(NODE_MARKER);
}
