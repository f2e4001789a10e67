/**
 * Unhandled errors: the exceptions that left operations indeterminate, by class.
 *
 * Tested by `tests/checkers/recorded_test.ts`.
 */

import type { Event, History } from "./history.ts";

/** A class of exceptions. */
export interface ExceptionClass {
  /** The name of the class. */
  readonly class: string;
  /** The number of operations that such an exception ended. */
  readonly count: number;
  /** The completion of the first of them. */
  readonly example: Event;
}

/** The result of {@linkcode checkUnhandledErrors}. */
export interface UnhandledErrorsResult {
  /** The checker. */
  readonly kind: "unhandled-errors";
  /** The checker only informs. */
  readonly valid: true;
  /** The classes of exceptions, the most frequent first. */
  readonly exceptions: readonly ExceptionClass[];
}

/**
 * Groups the indeterminate operations that carry an `exception` by its class, as Jepsen's `unhandled-exceptions` does.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkUnhandledErrors } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(checkUnhandledErrors([]).exceptions, []);
 * ```
 */
export function checkUnhandledErrors(history: History): UnhandledErrorsResult {
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
  const exceptions: ExceptionClass[] = [...byClass]
    .map(([name, { count, example }]) => ({ class: name, count, example }))
    .sort((a, b) => b.count - a.count);
  return { kind: "unhandled-errors", valid: true, exceptions };
}

/** Returns the class from the fields of an exception: `via` as Jepsen records it, `type` if the trace was cut, or a name. */
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
