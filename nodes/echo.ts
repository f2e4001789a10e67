/**
 * Challenge 1: echo. A node answers each request with the value that it carried.
 *
 * Guarantee: every request is answered, under any fault but the loss of the node itself. Messages between nodes: none.
 * Source: https://fly.io/dist-sys/1/.
 */

import { type Node, serve } from "../lib/mod.ts";
import { echo as request } from "../lib/protocol/echo.ts";

/** Answers each request with the value that it carried. */
export function echo(node: Node): void {
  node.on(request, ({ echo }) => ({ echo }));
}

if (import.meta.main) {
  await serve(echo, { about: "Answers each echo request with the value that it carried." });
}
