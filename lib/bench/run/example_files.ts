/** The files of the example workloads, which the executable includes. Tested by `tests/bench/cli/new_test.ts`. */

/** The names of the examples. */
export const EXAMPLE_NAMES: readonly string[] = ["bank", "leader", "lock", "queue", "sequencer"];

/** Returns the text of an example: `workloads/NAME.ts`, `nodes/NAME.ts`, or `nodes/NAME_wrong.ts`. */
export function exampleText(path: string): string {
  return Deno.readTextFileSync(new URL(`../../../${examplePath(path)}`, import.meta.url));
}

/** Returns the path of an example in the project's sources. */
export function examplePath(path: string): string {
  return `tests/examples/${path}`;
}
