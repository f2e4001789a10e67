/** Errors that a client did not expect, by class: what to look at when operations end in doubt. */

import type { Event, History } from "./history.ts";
import type { Result } from "./result.ts";

/** One class of unexpected error. */
export interface ExceptionClass {
  /** Which class the exception is of. */
  readonly class: string;
  /** How many operations it ended. */
  readonly count: number;
  /** The first operation that it ended. */
  readonly example: Event;
}

/**
 * Groups indeterminate operations that carry an `exception` by its class, the commonest first. Always valid: it informs
 * (jepsen.checker/unhandled-exceptions).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkUnhandledErrors } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(checkUnhandledErrors([]), { valid: true });
 * ```
 */
export function checkUnhandledErrors(history: History): Result {
  const byClass = new Map<string, { count: number; example: Event }>();
  for (const event of history) {
    if (event.type !== "info") continue;
    const exception = event["exception"];
    if (exception === undefined || exception === null) continue;
    const name = className(exception);
    const seen = byClass.get(name);
    if (seen === undefined) byClass.set(name, { count: 1, example: event });
    else seen.count++;
  }
  if (byClass.size === 0) return { valid: true };
  const exceptions: ExceptionClass[] = [...byClass]
    .map(([name, { count, example }]) => ({ class: name, count, example }))
    .sort((a, b) => b.count - a.count);
  return { valid: true, exceptions };
}

/** The class as Jepsen records it (`via`, or `type` where the trace was cut), or by plain name. */
function className(exception: unknown): string {
  if (typeof exception === "string") return exception;
  if (!isRecord(exception)) return "unknown";
  const via = exception["via"];
  const first: unknown = Array.isArray(via) ? via[0] : undefined;
  if (isRecord(first) && typeof first["type"] === "string") return first["type"];
  for (const field of ["type", "class", "name"]) {
    const value = exception[field];
    if (typeof value === "string") return value;
    const head: unknown = Array.isArray(value) ? value[0] : undefined;
    if (typeof head === "string") return head;
  }
  return "unknown";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
