/**
 * Runs checks within their limits, under the watch of the main thread.
 *
 * Tested by `tests/bench/workloads/workload_file_test.ts`.
 */

import type { Caveat } from "../../checkers/caveats.ts";
import type { CheckControl } from "../../checkers/result.ts";
import type { CheckLimits } from "../run/options.ts";
import { WORKLOAD_PARTS, type WorkloadPart } from "../run/workload_guard.ts";

/** Shows the main thread the part of a workload that runs now. */
export function enter(watch: Int32Array, part: WorkloadPart | undefined): void {
  watch[1] = part === undefined ? 0 : -1 - WORKLOAD_PARTS.indexOf(part);
  Atomics.add(watch, 0, 1);
}

/**
 * Runs a check that ends itself at its time limit, and then says so. The main thread watches it, because a checker may ignore
 * that it should end.
 */
export function limitedCheck<R extends { readonly caveats?: readonly Caveat[] }>(
  check: (control: CheckControl) => R,
  { watch, limits }: { readonly watch: Int32Array; readonly limits: CheckLimits | undefined },
): R {
  if (limits === undefined) return check({});
  const { timeoutS = Infinity } = limits;
  const endsAt = performance.now() + timeoutS * 1000;
  let hasEnded = false;
  enter(watch, "judge");
  try {
    const result = check({ stopped: () => hasEnded ||= performance.now() > endsAt });
    if (!hasEnded) return result;
    const text =
      `The check ended at its limit of ${timeoutS} s: the verdict rests on what it had found by then.`;
    return { ...result, caveats: [{ kind: "check-limit", text }, ...result.caveats ?? []] };
  } finally {
    enter(watch, undefined);
  }
}
