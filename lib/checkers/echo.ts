/** Echo: what comes back is what was sent. */

import type { History } from "./history.ts";
import { emptyHistoryWarning, pairOperations } from "./operations.ts";
import type { Result } from "./result.ts";
import { sameValue } from "./value_key.ts";

/**
 * Compares each request with its answer. An ok's value is the whole reply body, whose `echo` must equal the request; a
 * failed operation echoed nothing and counts as wrong; one that ended in doubt, or never, is passed over (Maelstrom's
 * echo checker). `errors` are lists of four: what was expected, what came.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkEcho, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "echo", value: "hi" },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "echo", value: { type: "echo_ok", echo: "hi" } },
 * ];
 * assertEquals(checkEcho(history).valid, true);
 * ```
 */
export function checkEcho(history: History): Result {
  const errors: unknown[] = [];
  for (const { invoke, completion } of pairOperations(history)) {
    if (completion === null || completion.type === "info") continue;
    if (!sameValue(invoke.value, echoOf(completion.value))) {
      errors.push(["Expected a message with :echo", invoke.value, "But received", completion.value]);
    }
  }
  const warning = emptyHistoryWarning(history);
  return { valid: errors.length === 0, errors, ...(warning === null ? {} : { warning }) };
}

function echoOf(reply: unknown): unknown {
  return typeof reply === "object" && reply !== null && "echo" in reply ? reply.echo : null;
}
