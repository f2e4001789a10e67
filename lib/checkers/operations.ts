/**
 * Operations: the invocations of a history with their completions.
 *
 * Tested by `tests/checkers/check_history_test.ts`.
 */

import { type Event, type EventType, type History, NEMESIS } from "./history.ts";

/** An invocation and its completion. */
export interface Operation {
  /** The invocation. */
  readonly invoke: Event;
  /** The completion; `null` if the history has none. */
  readonly completion: Event | null;
}

/**
 * Returns true for an event of a client, and false for one of the nemesis.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type History, isClientEvent } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "read", value: null },
 *   { index: 1, time: 1000000, process: "nemesis", type: "info", f: "start-partition", value: null },
 * ];
 * assertEquals(history.map(isClientEvent), [true, false]);
 * ```
 */
export function isClientEvent(event: Event): boolean {
  return event.process !== NEMESIS;
}

/**
 * Returns the position of the partner of each event, or -1.
 *
 * The partner of an invocation is its completion and vice versa. Events of the nemesis have no partners.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type History, pairPositions } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "read", value: null },
 *   { index: 1, time: 1000000, process: 1, type: "invoke", f: "read", value: null },
 *   { index: 2, time: 2000000, process: 1, type: "ok", f: "read", value: 7 },
 * ];
 * assertEquals([...pairPositions(history)], [-1, 2, 1]);
 * ```
 */
export function pairPositions(history: History): Int32Array {
  const partners = new Int32Array(history.length).fill(-1);
  const pending = new Map<number, number>();
  for (let i = 0; i < history.length; i++) {
    const event = history[i];
    if (event === undefined || event.process === NEMESIS) continue;
    if (event.type === "invoke") {
      pending.set(event.process, i);
      continue;
    }
    const invoked = pending.get(event.process);
    if (invoked === undefined) continue;
    pending.delete(event.process);
    partners[invoked] = i;
    partners[i] = invoked;
  }
  return partners;
}

/**
 * Returns the operations of clients in the order of their invocations.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type History, pairOperations } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "read", value: null },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "read", value: 7 },
 * ];
 * const [read] = pairOperations(history);
 * assertEquals(read?.completion?.value, 7);
 * ```
 */
export function pairOperations(history: History): Operation[] {
  const partners = pairPositions(history);
  const operations: Operation[] = [];
  for (let i = 0; i < history.length; i++) {
    const invoke = history[i];
    if (invoke === undefined || invoke.type !== "invoke" || invoke.process === NEMESIS) continue;
    const partner = partners[i] ?? -1;
    operations.push({ invoke, completion: partner < 0 ? null : history[partner] ?? null });
  }
  return operations;
}

/**
 * Returns a warning if no client operation succeeded, because a verdict then proves nothing; otherwise `null`.
 *
 * @param names the operations to consider. The default is all.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { emptyHistoryWarning } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(emptyHistoryWarning([]), "The history is empty: nothing was checked.");
 * ```
 */
export function emptyHistoryWarning(history: History, names?: ReadonlySet<string>): string | null {
  const seen = new Set<EventType>();
  for (const event of history) {
    if (event.process === NEMESIS || (names !== undefined && !names.has(event.f))) continue;
    if (event.type === "ok") return null;
    seen.add(event.type);
  }
  if (history.length === 0) return "The history is empty: nothing was checked.";
  if (seen.size === 0) return "No client performed any operation: nothing was checked.";
  return "No operation succeeded: nothing was checked.";
}
