/** The sandbox of the nodes of a test. Tested by `tests/attack/sandbox_test.ts`. */

import { ArgumentError } from "../../runtime/settings.ts";
import type { NodeSandbox } from "../cluster/process_cluster.ts";
import { reasonOf } from "../errors.ts";
import { NODE_LIMITS, totalMemoryMb } from "./limits.ts";
import { launchIn, requireReachable, requireSandbox } from "./sandbox.ts";

/** Returns the sandbox of the nodes. They can read one folder, and neither the store nor the bench's own folder. */
export async function sandboxOf(bin: string, { sandboxDir, sandboxRead, store }: {
  readonly sandboxDir: string | undefined;
  readonly sandboxRead: readonly string[];
  readonly store: string;
}): Promise<NodeSandbox> {
  const tools = await requireSandbox();
  const folder = sandboxDir === undefined
    ? bin.replace(/\/[^/]*$/, "")
    : realFolder("--sandbox-dir", sandboxDir);
  if (!bin.startsWith(`${folder}/`)) {
    throw new ArgumentError(
      `--bin ${bin} is not in --sandbox-dir ${folder}: sandboxed nodes read only that folder`,
    );
  }
  requireReachable(tools, folder);
  const launch = launchIn(tools, {
    folder,
    readable: sandboxRead.map((path) => realFolder("--sandbox-read", path)),
    hidden: [Deno.cwd(), ...existing(store)],
    limits: NODE_LIMITS,
  });
  return { launch, totalMb: totalMemoryMb(), processes: NODE_LIMITS.processes };
}

function realFolder(option: string, path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    throw new ArgumentError(`${option} ${path} cannot be read: ${reasonOf(error)}`);
  }
}

function existing(path: string): string[] {
  try {
    return [Deno.realPathSync(path)];
  } catch {
    return [];
  }
}
