/**
 * Repeats a measurement that a busy machine may have spoiled. Load only ever raises latencies, so that a later measurement within
 * the bounds counts.
 *
 * Tested by `tests/bench/grade/measure_again_test.ts`.
 */

import { exceededBounds } from "../run/bounds.ts";
import { parseResult } from "../store/parse_result.ts";
import type { ChallengeBounds } from "./challenges.ts";
import type { RunWithResult } from "./grade.ts";
import type { ChallengeRun } from "./run_lines.ts";

/** The maximum number of measurements. */
const MEASUREMENTS_MAX = 3;

/** Runs a measured line, and again while its latencies exceed their bounds and more processes wait than there are CPUs. */
export async function measure(
  run: () => Promise<ChallengeRun>,
  { bounds, loadPerCpu }: { readonly bounds: ChallengeBounds; readonly loadPerCpu: () => number },
): Promise<ChallengeRun> {
  let ran = await run();
  for (let count = 1; count < MEASUREMENTS_MAX && isLate(ran, bounds) && loadPerCpu() > 1; count++) {
    ran = await run();
  }
  return ran;
}

/** Returns true if a run is valid, but its latencies exceed their bounds. */
function isLate({ run, signal }: ChallengeRun, { medianMs, maxMs }: ChallengeBounds): boolean {
  if (signal !== undefined || run.valid !== true) return false;
  const limits = {
    ...(medianMs === undefined ? {} : { medianMs }),
    ...(maxMs === undefined ? {} : { maxMs }),
  };
  return exceededBounds(limits, { messagesPerOperation: null, stableLatencyMs: latenciesOf(run) }).length > 0;
}

function latenciesOf(
  { result }: RunWithResult,
): { readonly median: number; readonly longest: number } | null {
  const { median, longest } = result === undefined
    ? {}
    : parseResult(result).workload.set?.stableLatencies ?? {};
  return median === undefined || longest === undefined ? null : { median, longest };
}
