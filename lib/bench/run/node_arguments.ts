/** Splits a command line: the arguments after `--` go to the node. Tested by `tests/bench/run/virtual_run_test.ts`. */

/** The bench's part, and the node's. */
export function splitArguments(
  args: readonly string[],
): { readonly own: readonly string[]; readonly nodeArguments: readonly string[] } {
  const cut = args.indexOf("--");
  return cut < 0
    ? { own: args, nodeArguments: [] }
    : { own: args.slice(0, cut), nodeArguments: args.slice(cut + 1) };
}
