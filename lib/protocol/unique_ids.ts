/** Workload unique-ids. */

import { rpc } from "./message.ts";
import { json } from "./schema.ts";

/** Asks for an id that no other request was or will be given. */
export const generate = rpc("generate", {
  about: "Asks for an id that no other request was or will be given.",
  request: {},
  reply: { id: json },
});
