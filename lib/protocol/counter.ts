/** Workloads g-counter and pn-counter. Tested by `tests/protocol/message_test.ts`. */

import { type Empty, type Rpc, rpc } from "./message.ts";
import { int64, integer, type WholeNumber } from "./schema.ts";

/** Adds to the counter; a grow-only counter takes no negative delta. */
export const add: Rpc<{ readonly delta: number }, Empty> = rpc("add", {
  description: "Adds delta to the counter; a grow-only counter takes none below 0.",
  request: { delta: integer },
  reply: {},
  example: { request: { delta: 3 }, reply: {} },
});

/** Asks for the counter's value. */
export const read: Rpc<Empty, { readonly value: WholeNumber }> = rpc("read", {
  description: "Asks for the counter's value.",
  request: {},
  reply: { value: int64 },
  example: { request: {}, reply: { value: 42 } },
});
