/** Finds the sandbox of this machine, and runs programs in it. Tested by `tests/attack/sandbox_test.ts`. */

import { BenchError, reasonOf } from "../errors.ts";
import type { Launch } from "../cluster/executable.ts";
import {
  SANDBOX_FOLDER,
  type SandboxAccess,
  sandboxCommand,
  type SandboxTools,
  type SystemPath,
} from "./bubblewrap.ts";
import { NODE_LIMITS } from "./limits.ts";

/** The parts of the system that programs can read, where they exist. /etc is invisible but for these files. */
const SYSTEM_PATHS = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/opt",
  "/nix/store",
  "/etc/alternatives",
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/localtime",
];
/** Files of /etc that runtimes need, by the start of their name. */
const RUNTIME_FILES = /^java-/;
/** The options of bwrap without which there is no sandbox: `--size` came with version 0.6.3. */
const NEEDED_OPTIONS = ["--size", "--remount-ro", "--clearenv", "--die-with-parent"];
/** The permission of all users to enter a folder. */
const OTHERS_ENTER = 0o001;
/** Timeout for the trial of a tool, in ms. */
const TRIAL_TIMEOUT_MS = 10_000;

/** The sandbox of this machine, or the reason why there is none. */
export type FoundSandbox =
  | { readonly kind: "sandbox"; readonly tools: SandboxTools }
  | { readonly kind: "none"; readonly problem: string };

let found: Promise<FoundSandbox> | undefined;

/** Finds the tools of a sandbox and tries them, once per process. */
export function findSandbox(): Promise<FoundSandbox> {
  return found ??= tryTools();
}

/** Returns the tools of a sandbox. Throws `BenchError` if there is none. */
export async function requireSandbox(): Promise<SandboxTools> {
  const sandbox = await findSandbox();
  if (sandbox.kind === "sandbox") return sandbox.tools;
  throw new BenchError(
    `there is no sandbox for untrusted programs: ${sandbox.problem}. ` +
      "Install bubblewrap, or run them with your own rights with --no-sandbox",
  );
}

async function tryTools(): Promise<FoundSandbox> {
  if (Deno.build.os !== "linux") return none("bubblewrap runs only on Linux");
  const help = await output(["bwrap", "--help"]);
  if (help.kind === "missing") return none("bwrap is not on PATH");
  const options = new Set(help.text.match(/--[a-z-]+/g));
  const lacking = NEEDED_OPTIONS.filter((option) => !options.has(option));
  if (lacking.length > 0) return none(`this version of bwrap has no ${lacking.join(", ")}`);
  const isRoot = Deno.uid() === 0;
  const needed = ["prlimit", ...(isRoot ? ["setpriv"] : [])];
  for (const tool of needed) {
    if ((await output([tool, "--version"])).kind === "missing") return none(`${tool} is not on PATH`);
  }
  const path = (Deno.env.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(":");
  const plain = { system: systemPaths(), options, isRoot, path, scope: [] };
  const trial = await output(trialOf(plain));
  if (trial.kind !== "done") return none(trial.text.trim().split("\n")[0] ?? "bwrap failed");
  const scope = ["systemd-run", ...(isRoot ? [] : ["--user"]), "--scope", "--quiet", "--collect"];
  const grouped = { ...plain, scope };
  const isGrouped = (await output(trialOf(grouped))).kind === "done";
  return { kind: "sandbox", tools: isGrouped ? grouped : plain };
}

function none(problem: string): FoundSandbox {
  return { kind: "none", problem };
}

function trialOf(tools: SandboxTools): string[] {
  return sandboxCommand(tools, { folder: "/usr", readable: [], hidden: [], limits: NODE_LIMITS }, ["true"]);
}

function systemPaths(): readonly SystemPath[] {
  const runtimes = namesIn("/etc").filter((name) => RUNTIME_FILES.test(name)).map((name) => `/etc/${name}`);
  return [...SYSTEM_PATHS, ...runtimes].flatMap((path): SystemPath[] => {
    try {
      return [Deno.lstatSync(path).isSymlink ? { path, target: Deno.readLinkSync(path) } : { path }];
    } catch {
      return [];
    }
  });
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}

/** The outcome of a tool's trial. */
interface Trial {
  readonly kind: "done" | "failed" | "missing";
  readonly text: string;
}

async function output([command = "", ...args]: readonly string[]): Promise<Trial> {
  try {
    const child = new Deno.Command(command, {
      args,
      cwd: "/",
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    })
      .spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), TRIAL_TIMEOUT_MS);
    const { success, stdout, stderr } = await child.output().finally(() => clearTimeout(timer));
    const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    return { kind: success ? "done" : "failed", text };
  } catch (error) {
    return { kind: "missing", text: reasonOf(error) };
  }
}

/** The folders for temporary files of which one is reachable on every system. */
const TEMPORARY_FOLDERS = ["/tmp", "/var/tmp"];

/**
 * Makes a temporary folder that sandboxed programs can reach. A privileged bench runs them as another user, who may not enter the
 * default folder for temporary files.
 */
export function makeReachableFolder(tools: SandboxTools | undefined): string {
  const folder = Deno.makeTempDirSync({ prefix: "charybdis-" });
  if (tools === undefined || closedFolder(tools, folder.replace(/\/[^/]*$/, "")) === undefined) return folder;
  Deno.removeSync(folder);
  const dir = TEMPORARY_FOLDERS.find((each) => isFolder(each) && closedFolder(tools, each) === undefined);
  if (dir === undefined) throw new BenchError(closedText(folder));
  return Deno.makeTempDirSync({ dir, prefix: "charybdis-" });
}

/** Throws `BenchError` if sandboxed programs cannot reach a folder. */
export function requireReachable(tools: SandboxTools, folder: string): void {
  const closed = closedFolder(tools, folder);
  if (closed !== undefined) throw new BenchError(closedText(closed));
}

function closedText(folder: string): string {
  return `sandboxed programs cannot reach ${folder}: a bench that runs as root starts them as another user, who may not ` +
    "enter that folder. Move them to an open folder, or run the bench as an ordinary user";
}

/** Returns the first folder on a path that the user of sandboxed programs cannot enter; undefined if there is none. */
function closedFolder({ isRoot }: SandboxTools, path: string): string | undefined {
  if (!isRoot) return undefined;
  const parts = path.split("/").slice(1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join("/")}`).find((each) =>
    ((Deno.statSync(each).mode ?? 0) & OTHERS_ENTER) === 0
  );
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Returns the function that starts a program of the sandbox's own folder in the sandbox. */
export function launchIn(tools: SandboxTools, access: SandboxAccess): Launch {
  return ([bin = "", ...args]) => {
    const inside = (path: string) =>
      path.startsWith(`${access.folder}/`) ? `${SANDBOX_FOLDER}${path.slice(access.folder.length)}` : path;
    return sandboxCommand(tools, access, [inside(bin), ...args.map(inside)]);
  };
}
