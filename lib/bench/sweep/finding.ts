/** What a seed's run says of the node: chance draws tests, too, in which hardly anything can succeed. */

import { operationsOf, type WorkloadName } from "../../checkers/workloads.ts";
import { isObject } from "../../protocol/schema.ts";
import { failureKinds } from "../case.ts";
import type { TestResult } from "../verdict.ts";
import type { Cross } from "./coverage.ts";

/**
 * `starved`: nothing is wrong, but some operation never succeeded. A single test must not pass so; of a seed that has all
 * nodes dead for as long as it lasts, it says nothing about the node.
 */
export type Finding = "valid" | "invalid" | "unknown" | "starved";

/** What a checker says of a history without successes. */
const STARVATION: ReadonlySet<string> = new Set(["stats", "empty-transaction-graph"]);

/** Operations that need never succeed: see `checkers/stats.ts`. */
const MAY_NEVER_SUCCEED: ReadonlySet<string> = new Set(["crash", "debug-topic-partitions"]);

/** Judges a seed's run. */
export function findingOf(result: TestResult, workload: WorkloadName): Finding {
  if (result.valid === true) return "valid";
  const kinds = failureKinds(result);
  if ([...kinds].some((kind) => !STARVATION.has(kind))) return "invalid";
  if (result.valid === false) return kinds.size === 0 ? "invalid" : "starved";
  const outcomes = outcomesOf(result);
  const starved = operationsOf(workload).some((f) => (outcomes[f]?.["ok"] ?? 0) === 0);
  return starved ? "starved" : "unknown";
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
