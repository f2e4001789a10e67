/** Workload g-set: a set that only grows. */

import { rpc } from "./message.ts";
import { array, json } from "./schema.ts";

/** Adds an element. */
export const add = rpc("add", {
  about: "Adds an element to the set.",
  request: { element: json },
  reply: {},
});

/** Asks for the elements. */
export const read = rpc("read", {
  about: "Asks for all elements of the set, in any order.",
  request: {},
  reply: { value: array(json) },
});
