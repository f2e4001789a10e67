/** The verdict on runs that ended before their time: what their end might have put right is unknown. */

import type { Validity } from "../../checkers/result.ts";
import { failureKinds } from "../replay/case.ts";
import type { TestResult } from "./verdict.ts";

/** What may be found wrong in a history only because its end is missing. */
const NEEDS_END: ReadonlySet<string> = new Set(["lost", "unseen", "stats", "availability"]);

/** Returns the verdict of a run whose end is missing: false only for what no end could have put right. */
export function verdictWithoutEnd(
  result: Pick<TestResult, "valid" | "workload" | "nodes" | "stats" | "availability">,
): Validity {
  if (result.valid !== false) return result.valid;
  return [...failureKinds(result)].some((kind) => !NEEDS_END.has(kind)) ? false : "unknown";
}
