/** Operations: each invocation of a history with the event that completed it. */

import { type Event, type EventType, type History, NEMESIS } from "./history.ts";

/** An invocation, and how it ended: `null` while the history does not say. */
export interface Operation {
  /** Its beginning. */
  readonly invoke: Event;
  /** Its end; `null` if the history has none. */
  readonly completion: Event | null;
}

/** Whether a client did it, rather than the nemesis. */
export function isClientEvent(event: Event): boolean {
  return event.process !== NEMESIS;
}

/**
 * For each position of a history, the position of its partner: an invocation's completion, a completion's invocation;
 * -1 where there is none. The nemesis' events have no partners.
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

/** The clients' operations, in the order in which they were invoked. */
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
 * The warning that a verdict rests on nothing: no client operation, or none that is known to have happened.
 * `names` limits it to operations of those names. `null` when something was checked.
 */
export function nothingChecked(history: History, names?: ReadonlySet<string>): string | null {
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
