/** Workload echo. */

import { rpc } from "./message.ts";
import { json } from "./schema.ts";

/** Asks for the same value back. */
export const echo = rpc("echo", {
  about: "Asks for the same value back.",
  request: { echo: json },
  reply: { echo: json },
});
