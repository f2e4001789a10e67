/**
 * Outcomes of operations over all seeds. An operation that never succeeded was not tested.
 *
 * Tested by `tests/bench/sweep/findings_test.ts`.
 */

import { MAY_NEVER_SUCCEED } from "../../checkers/stats.ts";
import { parseResult } from "../store/parse_result.ts";
import type { TestResult } from "../run/verdict.ts";
import type { Cross } from "../run/coverage.ts";

/** Operation → ok, fail, info → count. */
export function outcomesOf(result: TestResult): Cross {
  return Object.fromEntries(
    [...parseResult(result).stats.byFunction].map(([f, { okCount, failCount, infoCount }]) => [
      f,
      { ok: okCount, fail: failCount, info: infoCount },
    ]),
  );
}

/** Returns the operations that were tried, over all seeds, and never succeeded. */
export function neverSucceeded(outcomes: Cross): string[] {
  return Object.entries(outcomes).filter(([f, ends]) => !MAY_NEVER_SUCCEED.has(f) && (ends["ok"] ?? 0) === 0)
    .map(([f]) => f).sort();
}
