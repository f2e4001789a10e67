/** A command line with two readers: what stands after `--` goes to the node. */

/** The bench's part, and the node's. */
export function splitArguments(
  args: readonly string[],
): { readonly own: readonly string[]; readonly nodeArguments: readonly string[] } {
  const cut = args.indexOf("--");
  return cut < 0
    ? { own: args, nodeArguments: [] }
    : { own: args.slice(0, cut), nodeArguments: args.slice(cut + 1) };
}
