/**
 * The verdict on runs that ended early. The missing end might have resolved an anomaly.
 *
 * Tested by `tests/bench/run/interruption_test.ts`.
 */

import type { JepsenHistoryResult } from "../../checkers/jepsen.ts";
import type { Validity } from "../../checkers/result.ts";
import { failureKinds } from "../replay/case.ts";
import type { TestResult } from "./verdict.ts";

/** Anomalies that a missing end of the history can cause. */
const NEEDS_END: ReadonlySet<string> = new Set(["lost", "unseen", "stats", "availability"]);

/**
 * Returns the verdict of a run whose end is missing: false for anomalies that no end could have resolved. Such a run is never valid,
 * because its end may have failed.
 */
export function verdictWithoutEnd(
  result: Pick<TestResult, "valid" | "workload" | "nodes" | "stats" | "availability">,
): Exclude<Validity, true> {
  if (result.valid !== false) return "unknown";
  return [...failureKinds(result)].some((kind) => !NEEDS_END.has(kind)) ? false : "unknown";
}

/** Returns the result of a run that ended early, with the reason. The missing end might have resolved an anomaly. */
export function withoutEnd(result: JepsenHistoryResult, text: string): JepsenHistoryResult {
  const caveats = [{ kind: "ended-early", text } as const, ...result.caveats ?? []];
  return { ...result, valid: verdictWithoutEnd(result), caveats };
}
