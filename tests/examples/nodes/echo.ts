/** A node that echoes. */

import { type Node, serve } from "@charybdis/charybdis";

export function echo(node: Node): void {
  node.on("echo", ({ echo }) => ({ echo: String(echo) }));
}

if (import.meta.main) await serve(echo);
