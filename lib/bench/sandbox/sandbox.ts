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

/** Returns the function that starts a program of the sandbox's own folder in the sandbox. */
export function launchIn(tools: SandboxTools, access: SandboxAccess): Launch {
  return ([bin = "", ...args]) => {
    const inside = (path: string) =>
      path.startsWith(`${access.folder}/`) ? `${SANDBOX_FOLDER}${path.slice(access.folder.length)}` : path;
    return sandboxCommand(tools, access, [inside(bin), ...args.map(inside)]);
  };
}
