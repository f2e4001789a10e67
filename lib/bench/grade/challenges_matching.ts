/** Maps a test to the challenges whose measured test it is. Tested by `tests/bench/report/findings_test.ts`. */

import { makeTest } from "../run/command_line.ts";
import { type Challenge, CHALLENGES } from "./challenges.ts";

/** The settings that identify a test, independent of its executable. */
const IDENTITY = [
  "workload",
  "nodes",
  "rate",
  "timeLimitS",
  "latency",
  "faults",
  "consistencyModels",
] as const;

/** Returns the challenges whose measured test this is. `test` is the configuration in test.json. */
export function challengesMatching(test: Readonly<Record<string, unknown>>): readonly Challenge[] {
  const wanted = identityOf(test);
  return CHALLENGES.filter(({ lines }) =>
    lines.some(({ options, providesMetrics }) =>
      providesMetrics && identityOf({ ...makeTest(options).test }) === wanted
    )
  );
}

function identityOf(test: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(IDENTITY.map((name) => test[name]));
}
