/** Workload g-set: a set that only grows. Tested by `tests/protocol/message_test.ts`. */

import { type Empty, type Rpc, rpc } from "./message.ts";
import { type Json, json, nullableArray } from "./schema.ts";

/** Adds an element. */
export const add: Rpc<{ readonly element: Json }, Empty> = rpc("add", {
  description: "Adds an element to the set.",
  request: { element: json },
  reply: {},
  example: { request: { element: 4 }, reply: {} },
});

/** Asks for the elements. */
export const read: Rpc<Empty, { readonly value: readonly Json[] | null }> = rpc("read", {
  description: "Asks for all elements of the set, in any order.",
  request: {},
  reply: { value: nullableArray(json) },
  example: { request: {}, reply: { value: [0, 4, 1] } },
});
