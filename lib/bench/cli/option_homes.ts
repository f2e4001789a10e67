/**
 * Finds the commands that take an option, for a hint when another command receives it.
 *
 * Tested by `tests/bench/cli/help_test.ts`.
 */

import { nearest } from "../../runtime/settings.ts";

/** The options of each command. */
export const OPTION_HOMES: Readonly<Record<string, readonly string[]>> = {
  sweep: [
    "--seeds",
    "--jobs",
    "--shard",
    "--keep-going",
    "--shrink-tries",
    "--check-determinism",
    "--guided",
    "--module",
  ],
  fuzz: ["--bin", "--seeds", "--shrink-tries"],
  explore: [
    "--module",
    "--operations",
    "--drops",
    "--duplicates",
    "--crashes",
    "--partitions",
    "--timeouts",
    "--settle-ms",
    "--max-schedules",
    "--jobs",
    "--shard",
    "--resume",
    "--sample",
    "--states",
    "--depth",
  ],
  grade: [
    "--only",
    "--bin-dir",
    "--map",
    "--node-args",
    "--bench",
    "--submissions",
    "--grading",
    "--out",
    "--build",
    "--budget",
    "--resume",
  ],
  replay: ["--inevitable", "--futures"],
  report: ["--output"],
  serve: ["--port"],
  playground: ["--port"],
  learn: ["--dir"],
  test: [
    "--bin",
    "--virtual",
    "--seed",
    "--module",
    "--log-stderr",
    "--log-messages",
    "--test-count",
    "--report",
  ],
  check: ["--report"],
};

/**
 * Returns a hint for an option that its command does not know: `sweep and fuzz take --seeds`. With `exact`, only an option of
 * exactly this name matches.
 */
export function homeOf(
  option: string,
  { exact = false }: { readonly exact?: boolean } = {},
): string | undefined {
  const all = [...new Set(Object.values(OPTION_HOMES).flat())];
  const name = all.includes(option) ? option : exact ? undefined : nearest(option, all);
  if (name === undefined) return undefined;
  const commands = Object.keys(OPTION_HOMES).filter((command) => OPTION_HOMES[command]?.includes(name));
  return `${new Intl.ListFormat("en-GB").format(commands)} ${
    commands.length === 1 ? "takes" : "take"
  } ${name}`;
}
