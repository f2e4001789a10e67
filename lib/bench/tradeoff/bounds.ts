/** The challenges that bound what a line may cost. */

import { challengesOf } from "../grade/challenges_of.ts";
import { parseTest } from "../run/options.ts";
import { argumentsOf, type Line, type Point } from "./measurements.ts";

/** A challenge that bounds messages and both latencies. */
export interface Bound {
  readonly id: string;
  readonly msgsPerOp: number;
  readonly medianMs: number;
  readonly maxMs: number;
}

/** The challenges of which this is the line that is measured: 3d and 3e, or none. */
export function boundsOf(line: Line, nodes: number): Bound[] {
  const { test } = parseTest(argumentsOf({ way: "hub", nodes, allowedMs: undefined }, line));
  return challengesOf({ ...test }).flatMap(({ id, bounds: { msgsPerOp, medianMs, maxMs } }) =>
    msgsPerOp === undefined || medianMs === undefined || maxMs === undefined
      ? []
      : [{ id, msgsPerOp, medianMs, maxMs }]
  );
}

/** The challenges inside whose bounds a point is. */
export function inside(
  { valid, messagesPerOperation, medianMs, longestMs }: Point,
  bounds: readonly Bound[],
): string[] {
  return bounds.filter((bound) =>
    valid === true && messagesPerOperation < bound.msgsPerOp && medianMs < bound.medianMs &&
    longestMs < bound.maxMs
  ).map(({ id }) => id);
}
