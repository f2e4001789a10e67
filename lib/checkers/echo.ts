/** Echo: each reply contains the payload of its request. Tested by `tests/checkers/recorded_test.ts`. */

import type { History } from "./history.ts";
import { emptyHistoryWarning, pairOperations } from "./operations.ts";
import { sameValue } from "./value_key.ts";

/** A request, and a completion that does not echo it. */
export interface EchoMismatch {
  /** The payload that was sent. */
  readonly expected: unknown;
  /** The value of the completion: the whole reply body if the operation succeeded. */
  readonly received: unknown;
}

/** The result of {@linkcode checkEcho}. */
export interface EchoResult {
  /** The checker. */
  readonly kind: "echo";
  /** True if every reply echoes its request. */
  readonly valid: boolean;
  /** The requests that were not echoed. */
  readonly errors: readonly EchoMismatch[];
  /** The reason why the verdict proves nothing; `null` if it proves something. */
  readonly warning: string | null;
}

/**
 * Compares each request with its reply, as Maelstrom's echo checker does.
 *
 * The value of a successful operation is the whole reply body, whose `echo` must equal the request. A failed operation
 * echoed nothing, so it is an error. An operation that is indeterminate or pending is not judged.
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
export function checkEcho(history: History): EchoResult {
  const errors: EchoMismatch[] = [];
  for (const { invoke, completion } of pairOperations(history)) {
    if (completion === null || completion.type === "info") continue;
    if (!sameValue(invoke.value, echoOf(completion.value))) {
      errors.push({ expected: invoke.value, received: completion.value });
    }
  }
  return { kind: "echo", valid: errors.length === 0, errors, warning: emptyHistoryWarning(history) };
}

function echoOf(reply: unknown): unknown {
  return typeof reply === "object" && reply !== null && "echo" in reply ? reply.echo : null;
}
