/** Workload broadcast. */

import { type Empty, type Rpc, rpc } from "./message.ts";
import { array, type Json, json, nullableArray, record, string } from "./schema.ts";

/** Advises which nodes are neighbours. Sent by every client before the first operation. */
export const topology: Rpc<{ readonly topology: Readonly<Record<string, readonly string[]>> }, Empty> = rpc(
  "topology",
  {
    about: "Advises which nodes are neighbours: node id → neighbours' ids.",
    request: { topology: record(array(string)) },
    reply: {},
    example: { request: { topology: { n0: ["n1"], n1: ["n0", "n2"], n2: ["n1"] } }, reply: {} },
  },
);

/** Hands in a value that every node shall come to know. */
export const broadcast: Rpc<{ readonly message: Json }, Empty> = rpc("broadcast", {
  about: "Hands in a value that every node shall come to know.",
  request: { message: json },
  reply: {},
  example: { request: { message: 7 }, reply: {} },
});

/** Asks which values this node knows. */
export const read: Rpc<Empty, { readonly messages: readonly Json[] | null }> = rpc("read", {
  about: "Asks which values this node knows, in any order.",
  request: {},
  reply: { messages: nullableArray(json) },
  example: { request: {}, reply: { messages: [7, 3, 12] } },
});
