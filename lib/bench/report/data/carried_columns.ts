/**
 * Converts the values that clients gave, and the messages that carry them, to columns.
 *
 * Tested by `tests/bench/report/follow_test.ts`.
 */

import { canonicalJson } from "../../../protocol/canonical_json.ts";
import type { CarriedValue } from "../../findings/causes/find_cause.ts";
import { microseconds } from "./operation_columns.ts";
import type { CarriedColumns } from "./report_data.ts";

/** The maximum number of pairs of a value and a message. */
const PAIRS_MAX = 300_000;
/** The maximum number of characters of a value. A longer one is not followed. */
const VALUE_LENGTH_MAX = 200;

/** Returns the columns. A value that was given to several keys counts once. */
export function carriedColumns(
  carried: readonly CarriedValue[],
  rowOfMessage: ReadonlyMap<number, number>,
): CarriedColumns {
  const byValue = new Map<string, { given: number; readonly rows: Set<number> }>();
  let pairs = 0;
  for (const { value, operation, messages } of carried) {
    const name = canonicalJson(value);
    if (name.length > VALUE_LENGTH_MAX) continue;
    const given = microseconds(operation.invoke.time);
    let known = byValue.get(name);
    if (known === undefined) {
      if (pairs > PAIRS_MAX) break;
      byValue.set(name, known = { given, rows: new Set() });
    }
    known.given = Math.min(known.given, given);
    for (const { id } of messages) {
      const row = rowOfMessage.get(id);
      if (row !== undefined) known.rows.add(row);
    }
    pairs += messages.length;
  }
  const all = [...byValue.values()];
  return {
    values: [...byValue.keys()],
    given: all.map(({ given }) => given),
    rows: all.map(({ rows }) => [...rows].sort((a, b) => a - b)),
    isComplete: pairs <= PAIRS_MAX,
  };
}
