/** Unique ids: no id is given twice. */

import type { History } from "./history.ts";
import { emptyHistoryWarning } from "./operations.ts";
import type { Result } from "./result.ts";
import { compareValues, type ValueKey, valueKey, valueText } from "./value_key.ts";

const DUPLICATES_SHOWN_MAX = 48;
const GENERATE: ReadonlySet<string> = new Set(["generate"]);

/**
 * Counts acknowledged ids (of any JSON type) and finds those given more than once (jepsen.checker/unique-ids).
 * `duplicated` maps the most frequent of them to how often they came; `range` is the lowest and the highest id.
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
 * assertEquals([valid, duplicated], [false, { a: 2 }]);
 * ```
 */
export function checkUniqueIds(history: History): Result {
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
    if (acknowledged === 1 || compareValues(event.value, lowest) < 0) lowest = event.value;
    if (acknowledged === 1 || compareValues(event.value, highest) > 0) highest = event.value;
  }
  const duplicates = [...times.values()].filter(({ count }) => count > 1);
  // Of equally frequent ones Jepsen keeps the highest.
  const shown = [...duplicates]
    .sort((a, b) => b.count - a.count || compareValues(b.id, a.id))
    .slice(0, DUPLICATES_SHOWN_MAX)
    .sort((a, b) => compareValues(a.id, b.id));
  const warning = emptyHistoryWarning(history, GENERATE);
  return {
    valid: duplicates.length === 0,
    "attempted-count": attempted,
    "acknowledged-count": acknowledged,
    "duplicated-count": duplicates.length,
    duplicated: Object.fromEntries(shown.map(({ id, count }) => [idText(id), count])),
    range: [lowest, highest],
    ...(warning === null ? {} : { warning }),
  };
}

/** An id as the name of a field: strings as they are, `nil` for null as Jepsen prints it, the rest as JSON. */
function idText(id: unknown): string {
  if (typeof id === "string") return id;
  return id === null || id === undefined ? "nil" : valueText(id);
}
