/**
 * Challenge 1: echo. A node replies to each request with the value that it contains.
 *
 * Guarantee: every request is answered, under any fault except the failure of the node itself.
 * Cost: no messages between nodes. Source: https://fly.io/dist-sys/1/.
 */

import { type Node, serve } from "../lib/mod.ts";
import { echo as request } from "../lib/protocol/echo.ts";

/** Answers each request with the value that it carried. */
export function echo(node: Node): void {
  node.on(request, ({ echo }) => ({ echo }));
}

if (import.meta.main) {
  await serve(echo, { description: "Answers each echo request with the value that it carried." });
}
