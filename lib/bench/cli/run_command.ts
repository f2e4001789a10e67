/** Runs a command: what all commands need before and after. Tested by `tests/bench/cli/help_test.ts`. */

import { loadInvariantsOf } from "../invariants/registry.ts";
import { loadWorkloadsOf } from "../run/workload_file.ts";
import { FILES_BASE, requireFiles } from "../store/open_files.ts";
import { endProcesses, limitModuleMemory, separateModules } from "../worker/handle.ts";

/** A command: runs with its arguments, and returns the exit status. */
export type RunCommand = (args: readonly string[]) => Promise<number>;

/**
 * Runs a command, with the workload and the invariants of the files that its arguments name. Code that is not the bench's own
 * runs in processes of its own if `separates`.
 */
export async function runCommand(
  load: () => Promise<RunCommand>,
  args: readonly string[],
  { separates }: { readonly separates: boolean },
): Promise<number> {
  limitModuleMemory();
  if (separates) separateModules();
  try {
    requireFiles(FILES_BASE);
    await loadWorkloadsOf(args);
    await loadInvariantsOf(args);
    const run = await load();
    return await run(args);
  } finally {
    await endProcesses();
  }
}
