/**
 * The command line of bubblewrap (`bwrap`), which runs an untrusted program in a sandbox.
 *
 * The program has no network, no other processes in sight, a read-only system without the files of /etc, an empty home and /tmp
 * of bounded size, and one folder of its own, read-only. All of its processes end with the sandbox.
 */

import type { SandboxLimits } from "./limits.ts";

/** The folder of the program, inside the sandbox. */
export const SANDBOX_FOLDER = "/submission";
/** The folder that a build copies, inside the sandbox. */
export const SOURCE_FOLDER = "/source";
/** The id of the user without rights, under which the programs of a privileged bench run. */
const UNPRIVILEGED_ID = 65534;
/** The number of open files of a process. */
const OPEN_FILES_MAX = 1024;
const MB = 2 ** 20;

/** A part of the system that programs can read. */
export interface SystemPath {
  readonly path: string;
  /** The target, if the path is a symbolic link. */
  readonly target?: string;
}

/** The sandboxing tools of a machine. */
export interface SandboxTools {
  readonly system: readonly SystemPath[];
  /** The options that this version of bwrap knows. */
  readonly options: ReadonlySet<string>;
  /** True if the bench runs as root. Limits on the number of processes do not hold for root. */
  readonly isRoot: boolean;
  /** The folders of PATH. */
  readonly path: readonly string[];
  /** The start of a command that runs its arguments in a control group of systemd; empty if there is none. */
  readonly scope: readonly string[];
}

/** The files and limits of one sandbox. */
export interface SandboxAccess {
  /** The folder of the program. Read-only. */
  readonly folder: string;
  /** The size of a writable {@linkcode SANDBOX_FOLDER}, in MB. The program's folder is then {@linkcode SOURCE_FOLDER}. */
  readonly buildMb?: number;
  /** Additional folders that the program can read. */
  readonly readable: readonly string[];
  /** Folders that stay invisible if they are inside readable ones. */
  readonly hidden: readonly string[];
  readonly limits: SandboxLimits;
}

/** Returns the command line that runs `command` in a sandbox. */
export function sandboxCommand(
  tools: SandboxTools,
  access: SandboxAccess,
  command: readonly string[],
): string[] {
  const { limits } = access;
  return [
    ...groupOf(tools.scope, limits),
    ...(tools.isRoot
      ? ["setpriv", `--reuid=${UNPRIVILEGED_ID}`, `--regid=${UNPRIVILEGED_ID}`, "--clear-groups"]
      : []),
    "bwrap",
    ...["--unshare-all", "--unshare-user", "--die-with-parent", "--clearenv"],
    ...(tools.options.has("--disable-userns") ? ["--disable-userns"] : []),
    ...["--setenv", "PATH", tools.path.filter((path) => isShown(path, tools, access)).join(":")],
    ...["--setenv", "HOME", "/home/student", "--setenv", "LANG", "C.UTF-8"],
    ...tools.system.flatMap(({ path, target }) =>
      target === undefined ? ["--ro-bind", path, path] : ["--symlink", target, path]
    ),
    ...access.readable.flatMap((path) => ["--ro-bind", path, path]),
    ...hiddenIn(tools, access).flatMap((path) => ["--tmpfs", path, "--remount-ro", path]),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...["/dev/shm", "/tmp", "/home/student"].flatMap((path) => temporary(path, limits.temporaryMb)),
    ...(access.buildMb === undefined
      ? ["--ro-bind", access.folder, SANDBOX_FOLDER]
      : ["--ro-bind", access.folder, SOURCE_FOLDER, ...temporary(SANDBOX_FOLDER, access.buildMb)]),
    ...["--remount-ro", "/dev", "--remount-ro", "/"],
    ...["--chdir", access.buildMb === undefined ? "/tmp" : SANDBOX_FOLDER, "--"],
    "prlimit",
    "--core=0",
    `--nproc=${limits.processes}`,
    `--data=${limits.memoryMb * MB}`, // not --as: V8 and Go reserve address space that they never use
    `--cpu=${limits.cpuS}`,
    `--fsize=${limits.fileMb * MB}`,
    `--nofile=${OPEN_FILES_MAX}`,
    "--",
    ...command,
  ];
}

function groupOf(scope: readonly string[], { memoryMb, processes }: SandboxLimits): string[] {
  if (scope.length === 0) return [];
  const properties = [`MemoryMax=${memoryMb}M`, "MemorySwapMax=0", `TasksMax=${processes}`];
  return [...scope, ...properties.flatMap((property) => ["-p", property]), "--"];
}

/** Returns the options for an empty writable folder of bounded size. */
function temporary(path: string, sizeMb: number): string[] {
  return ["--size", String(sizeMb * MB), "--tmpfs", path];
}

/** Returns the hidden folders that would otherwise be readable. */
function hiddenIn(tools: SandboxTools, access: SandboxAccess): string[] {
  return [...new Set(access.hidden)].filter((path) => isShown(path, tools, access));
}

/** Returns true if a path is inside a readable folder. */
function isShown(path: string, { system }: SandboxTools, { readable }: SandboxAccess): boolean {
  return [...system.map(({ path }) => path), ...readable].some((folder) =>
    `${path}/`.startsWith(`${folder}/`)
  );
}
