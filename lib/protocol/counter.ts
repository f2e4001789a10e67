/** Workloads g-counter and pn-counter. */

import { rpc } from "./message.ts";
import { integer } from "./schema.ts";

/** Adds to the counter; a grow-only counter takes no negative delta. */
export const add = rpc("add", {
  about: "Adds delta to the counter; a grow-only counter takes none below 0.",
  request: { delta: integer },
  reply: {},
});

/** Asks for the counter's value. */
export const read = rpc("read", {
  about: "Asks for the counter's value.",
  request: {},
  reply: { value: integer },
});
