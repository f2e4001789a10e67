/**
 * Outcomes of operations over all seeds. An operation that never succeeded was not tested.
 *
 * Tested by `tests/bench/sweep/findings_test.ts`.
 */

import { MAY_NEVER_SUCCEED } from "../../checkers/stats.ts";
import { operationsOf, type WorkloadName } from "../../checkers/workloads.ts";
import { parseResult } from "../store/parse_result.ts";
import type { TestResult } from "../run/verdict.ts";
import type { Cross } from "../run/coverage.ts";

/** Operations that Jepsen's histories may contain, but that no test of this bench starts. */
const NEVER_STARTED: Partial<Readonly<Record<WorkloadName, readonly string[]>>> = {
  "kafka": ["txn", "subscribe", "debug-topic-partitions"],
};

/** Returns the operations that tests of a workload start. */
export function operationsStarted(workload: WorkloadName): string[] {
  const never = NEVER_STARTED[workload] ?? [];
  return operationsOf(workload).filter((f) => !never.includes(f));
}

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
