/** The challenges that bound the cost of a test. Tested by `tests/bench/tradeoff/measurements_test.ts`. */

import { challengesMatching } from "../grade/challenges_matching.ts";
import { makeTest } from "../run/command_line.ts";
import { type Conditions, type Measurement, optionsOf } from "./measurements.ts";

/** A challenge with bounds on messages and both latencies. */
export interface Bound {
  readonly id: string;
  readonly msgsPerOp: number;
  readonly medianMs: number;
  readonly maxMs: number;
}

/** Returns the challenges whose measured test this is: 3d and 3e, or none. */
export function boundsOf(conditions: Conditions, nodes: number): Bound[] {
  const { test } = makeTest(optionsOf({ strategy: "hub", nodes, latencyBudgetMs: undefined }, conditions));
  return challengesMatching({ ...test }).flatMap(({ id, bounds: { msgsPerOp, medianMs, maxMs } }) =>
    msgsPerOp === undefined || medianMs === undefined || maxMs === undefined
      ? []
      : [{ id, msgsPerOp, medianMs, maxMs }]
  );
}

/** Returns the challenges whose bounds a point satisfies. */
export function inside(
  { valid, messagesPerOperation, medianMs, longestMs }: Measurement,
  bounds: readonly Bound[],
): string[] {
  return bounds.filter((bound) =>
    valid === true && messagesPerOperation < bound.msgsPerOp && medianMs < bound.medianMs &&
    longestMs < bound.maxMs
  ).map(({ id }) => id);
}
