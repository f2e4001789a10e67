/** Reads the members of `Node` with their descriptions, for the editor. Tested by `tests/bench/playground/node_reference_test.ts`. */

/** A member of `Node`. */
export interface NodeMember {
  readonly name: string;
  readonly signature: string;
  readonly description: string;
}

/** Returns the members of the interface `Node` in the text of `lib/runtime/node.ts`. Overloads are one member. */
export function nodeMembers(source: string): NodeMember[] {
  const [, body = ""] = /\nexport interface Node \{\n([\s\S]*?)\n\}\n/.exec(source) ?? [];
  const members = new Map<string, NodeMember>();
  for (
    const [, comment = "", text = ""] of body.matchAll(
      /\/\*\*([\s\S]*?)\*\/\s+([\s\S]*?;)(?=\n {2}\/\*\*|$)/g,
    )
  ) {
    const signature = text.replace(/^readonly /, "").replaceAll(/\s+/g, " ");
    const name = /^\w+/.exec(signature)?.[0] ?? "";
    const description = comment.replaceAll(/\s*\n\s*\* ?/g, " ").replaceAll(/\{@linkcode (\w+)\}/g, "$1")
      .trim();
    const known = members.get(name);
    members.set(name, {
      name,
      signature: known === undefined ? signature : `${known.signature}\n${signature}`,
      description: known === undefined ? description : `${known.description} ${description}`,
    });
  }
  return [...members.values()];
}
