/** From a test to the challenges of which it is the line that is measured. */

import { parseTest } from "../run/options.ts";
import { type Challenge, CHALLENGES } from "./challenges.ts";

/** What makes two tests the same, whatever runs them. */
const SHAPE = ["workload", "nodes", "rate", "timeLimitS", "latency", "faults", "consistencyModels"] as const;

/** The challenges that a test is a measured line of. `test` is what test.json says of it. */
export function challengesOf(test: Readonly<Record<string, unknown>>): readonly Challenge[] {
  const wanted = shapeOf(test);
  return CHALLENGES.filter(({ lines }) =>
    lines.some(({ arguments: args, measured }) => measured && shapeOf({ ...parseTest(args).test }) === wanted)
  );
}

function shapeOf(test: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(SHAPE.map((name) => test[name]));
}
