/** Workload broadcast. Tested by `tests/protocol/message_test.ts`. */

import { type Empty, type Rpc, rpc } from "./message.ts";
import { array, type Json, json, nullableArray, record, string } from "./schema.ts";

/** Suggests which nodes are neighbors. Sent to every node before the first operation. */
export const topology: Rpc<{ readonly topology: Readonly<Record<string, readonly string[]>> }, Empty> = rpc(
  "topology",
  {
    description: "Suggests which nodes are neighbors: node id → neighbors' ids.",
    request: { topology: record(array(string)) },
    reply: {},
    example: { request: { topology: { n0: ["n1"], n1: ["n0", "n2"], n2: ["n1"] } }, reply: {} },
  },
);

/** Broadcasts a value to every node. */
export const broadcast: Rpc<{ readonly message: Json }, Empty> = rpc("broadcast", {
  description: "Broadcasts a value to every node.",
  request: { message: json },
  reply: {},
  example: { request: { message: 7 }, reply: {} },
});

/** Asks for the values that this node knows. */
export const read: Rpc<Empty, { readonly messages: readonly Json[] | null }> = rpc("read", {
  description: "Asks for the values that this node knows, in any order.",
  request: {},
  reply: { messages: nullableArray(json) },
  example: { request: {}, reply: { messages: [7, 3, 12] } },
});
