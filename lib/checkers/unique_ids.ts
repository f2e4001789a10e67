/** Unique ids: no id is returned twice. Tested by `tests/checkers/recorded_test.ts`. */

import type { History } from "./history.ts";
import { emptyHistoryWarning } from "./operations.ts";
import { compareValues, type ValueKey, valueKey } from "./value_key.ts";

const DUPLICATES_SHOWN_MAX = 48;
const GENERATE: ReadonlySet<string> = new Set(["generate"]);

/** An id that several operations returned. */
export interface DuplicatedId {
  /** The id. */
  readonly id: unknown;
  /** The number of operations that returned it. */
  readonly count: number;
}

/** The result of {@linkcode checkUniqueIds}. */
export interface UniqueIdsResult {
  /** The checker. */
  readonly kind: "unique-ids";
  /** True if no id was returned twice. */
  readonly valid: boolean;
  /** The number of requests for an id. */
  readonly attemptedCount: number;
  /** The number of ids that were returned. */
  readonly acknowledgedCount: number;
  /** The number of different ids that were returned more than once. */
  readonly duplicatedCount: number;
  /** The most frequent of them, ascending. */
  readonly duplicated: readonly DuplicatedId[];
  /** The lowest and the highest id that is not null; nulls if there is none. */
  readonly range: readonly [lowest: unknown, highest: unknown];
  /** The reason why the verdict proves nothing; `null` if it proves something. */
  readonly warning: string | null;
}

/**
 * Finds ids that were returned more than once, as Jepsen's `checker/unique-ids` does. An id may be any JSON value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkUniqueIds, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "generate", value: null },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "generate", value: "a" },
 *   { index: 2, time: 2000000, process: 1, type: "invoke", f: "generate", value: null },
 *   { index: 3, time: 3000000, process: 1, type: "ok", f: "generate", value: "a" },
 * ];
 * const { valid, duplicated } = checkUniqueIds(history);
 * assertEquals([valid, duplicated], [false, [{ id: "a", count: 2 }]]);
 * ```
 */
export function checkUniqueIds(history: History): UniqueIdsResult {
  let attempted = 0;
  let acknowledged = 0;
  const times = new Map<ValueKey, { id: unknown; count: number }>();
  let lowest: unknown = null;
  let highest: unknown = null;
  for (const event of history) {
    if (event.f !== "generate") continue;
    if (event.type === "invoke") attempted++;
    if (event.type !== "ok") continue;
    acknowledged++;
    const key = valueKey(event.value);
    const seen = times.get(key);
    if (seen === undefined) times.set(key, { id: event.value, count: 1 });
    else seen.count++;
    if (event.value === null) continue; // Jepsen's range ignores it.
    if (lowest === null || compareValues(event.value, lowest) < 0) lowest = event.value;
    if (highest === null || compareValues(event.value, highest) > 0) highest = event.value;
  }
  const duplicates = [...times.values()].filter(({ count }) => count > 1);
  // Of equally frequent ids Jepsen keeps the highest.
  const shown = [...duplicates]
    .sort((a, b) => b.count - a.count || compareValues(b.id, a.id))
    .slice(0, DUPLICATES_SHOWN_MAX)
    .sort((a, b) => compareValues(a.id, b.id));
  return {
    kind: "unique-ids",
    valid: duplicates.length === 0,
    attemptedCount: attempted,
    acknowledgedCount: acknowledged,
    duplicatedCount: duplicates.length,
    duplicated: shown,
    range: [lowest, highest],
    warning: emptyHistoryWarning(history, GENERATE),
  };
}
