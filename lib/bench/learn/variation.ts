/** One further seed of a passing attempt, in virtual time. Tested by `tests/bench/learn/attempt_test.ts`. */

import type { ChallengeTest } from "../grade/challenges.ts";
import type { VirtualJob } from "../worker/job.ts";

/** Mean latencies in ms, exponentially distributed, for tests without a latency of their own. */
const LATENCIES_MS = [0, 1, 5, 10, 20] as const;
/** Maximum duration of a variation, in s. More seeds find more bugs than longer runs. */
const TIME_LIMIT_S_MAX = 8;
/** Mean time between a fault's start and its end, and until the next start, in s. */
const FAULT_INTERVAL_S = 2;

/** Returns the job that a seed makes from a test's own job. */
export function variationOf(job: VirtualJob, line: ChallengeTest, seed: number): VirtualJob {
  const { test } = job;
  const meanMs = LATENCIES_MS[seed % LATENCIES_MS.length] ?? 0;
  const isOpen = line.options.latency === undefined;
  return {
    ...job,
    seed,
    test: {
      ...test,
      ...(isOpen ? { latency: { dist: "exponential", meanMs }, latencyMs: meanMs } : {}),
      timeLimitS: Math.min(test.timeLimitS, TIME_LIMIT_S_MAX),
      nemesisIntervalS: Math.min(test.nemesisIntervalS, FAULT_INTERVAL_S),
    },
  };
}
