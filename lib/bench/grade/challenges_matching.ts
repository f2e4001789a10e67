/** Maps a test to the challenges whose measured test it is. Tested by `tests/bench/grade/grade_test.ts`. */

import { parseTest } from "../run/options.ts";
import { type Challenge, CHALLENGES } from "./challenges.ts";

/** Returns the identity of a test, independent of its executable. */
const SHAPE = ["workload", "nodes", "rate", "timeLimitS", "latency", "faults", "consistencyModels"] as const;

/** Returns the challenges whose measured test this is. `test` is the configuration in test.json. */
export function challengesMatching(test: Readonly<Record<string, unknown>>): readonly Challenge[] {
  const wanted = randomizeOptions(test);
  return CHALLENGES.filter(({ lines }) =>
    lines.some(({ arguments: args, providesMetrics }) =>
      providesMetrics && randomizeOptions({ ...parseTest(args).test }) === wanted
    )
  );
}

function randomizeOptions(test: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(SHAPE.map((name) => test[name]));
}
