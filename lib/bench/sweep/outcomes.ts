/** How operations ended, over all seeds: what never succeeded in any of them was not tested. */

import { MAY_NEVER_SUCCEED } from "../../checkers/stats.ts";
import { operationsOf, type WorkloadName } from "../../checkers/workloads.ts";
import { isObject } from "../../protocol/schema.ts";
import type { TestResult } from "../run/verdict.ts";
import type { Cross } from "../run/coverage.ts";

/** Operations that histories of Jepsen's may hold, but that no test of this bench begins. */
const NEVER_BEGUN: Partial<Readonly<Record<WorkloadName, readonly string[]>>> = {
  "kafka": ["txn", "subscribe", "debug-topic-partitions"],
};

/** The operations that tests of a workload begin. */
export function operationsBegun(workload: WorkloadName): string[] {
  const never = NEVER_BEGUN[workload] ?? [];
  return operationsOf(workload).filter((f) => !never.includes(f));
}

/** Operation → ok, fail, info → how many ended so. */
export function outcomesOf({ stats }: TestResult): Cross {
  const byName = isObject(stats["by-f"]) ? stats["by-f"] : {};
  return Object.fromEntries(
    Object.entries(byName).map(([f, counts]) => [
      f,
      Object.fromEntries(["ok", "fail", "info"].map((end) => [end, countIn(counts, `${end}-count`)])),
    ]),
  );
}

function countIn(counts: unknown, name: string): number {
  const count = isObject(counts) ? counts[name] : undefined;
  return typeof count === "number" ? count : 0;
}

/** The operations that were tried, over all seeds, and never succeeded. */
export function neverSucceeded(outcomes: Cross): string[] {
  return Object.entries(outcomes).filter(([f, ends]) => !MAY_NEVER_SUCCEED.has(f) && (ends["ok"] ?? 0) === 0)
    .map(([f]) => f).sort();
}
