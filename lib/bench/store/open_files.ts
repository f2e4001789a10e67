/**
 * Checks the limit of open files before a run, because the runtime does not survive exhaustion in every situation.
 *
 * Tested by `tests/bench/cluster/process_cluster_test.ts`.
 */

import { BenchError, reasonOf } from "../errors.ts";

/** The maximum number of files that any command needs at a time. */
export const FILES_BASE = 48;
/** The number of files per node: three pipes, the process itself, its log. */
const FILES_PER_NODE = 5;

/** Returns the number of files that a cluster needs. */
export function filesFor(nodes: number): number {
  return FILES_BASE + nodes * FILES_PER_NODE;
}

/** Throws `BenchError` if that number of additional files cannot be open at the same time. */
export function requireFiles(count: number): void {
  if (Deno.build.os === "windows") return;
  const files: Deno.FsFile[] = [];
  try {
    while (files.length < count) files.push(Deno.openSync("/dev/null"));
  } catch (error) {
    throw new BenchError(`${count} more files must be open at the same time: ${reasonOf(error)}`);
  } finally {
    for (const file of files) file.close();
  }
}
