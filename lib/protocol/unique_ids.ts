/** Workload unique-ids. Tested by `tests/protocol/message_test.ts`. */

import { type Empty, type Rpc, rpc } from "./message.ts";
import { type Json, json } from "./schema.ts";

/** Asks for an id that no other request was or will be given. */
export const generate: Rpc<Empty, { readonly id: Json }> = rpc("generate", {
  description: "Asks for an id that no other request was or will be given.",
  request: {},
  reply: { id: json },
  example: { request: {}, reply: { id: "n1-8f2c-0" } },
});
