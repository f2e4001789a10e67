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

/** Returns the verdict of a run whose end is missing: false only for anomalies that no end could have resolved. */
export function verdictWithoutEnd(
  result: Pick<TestResult, "valid" | "workload" | "nodes" | "stats" | "availability">,
): Validity {
  if (result.valid !== false) return result.valid;
  return [...failureKinds(result)].some((kind) => !NEEDS_END.has(kind)) ? false : "unknown";
}

/** Returns the result of a run that ended early. The missing end might have resolved an anomaly. */
export function withoutEnd(result: JepsenHistoryResult): JepsenHistoryResult {
  const text = "The run ended early: the verdict covers only the recorded part.";
  const caveats = [{ kind: "ended-early", text } as const, ...result.caveats ?? []];
  return { ...result, valid: verdictWithoutEnd(result), caveats };
}
