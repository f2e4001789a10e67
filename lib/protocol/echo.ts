/** Workload echo. Tested by `tests/protocol/message_test.ts`. */

import { type Rpc, rpc } from "./message.ts";
import { type Json, json } from "./schema.ts";

/** Asks for the same value back. */
export const echo: Rpc<{ readonly echo: Json }, { readonly echo: Json }> = rpc("echo", {
  description: "Asks for the same value back.",
  request: { echo: json },
  reply: { echo: json },
  example: { request: { echo: "Please echo 35" }, reply: { echo: "Please echo 35" } },
});
