/** The challenges that bound what a line may cost. */

import { type Challenge, CHALLENGES } from "../grade/challenges.ts";
import { parseTest } from "../options.ts";
import { argumentsOf, type Line, type Point } from "./points.ts";

/** A challenge that bounds messages and both latencies. */
export interface Bound {
  readonly id: string;
  readonly msgsPerOp: number;
  readonly medianMs: number;
  readonly maxMs: number;
}

/** The challenges of which this is the line that is measured: 3d and 3e, or none. */
export function boundsOf(line: Line, nodes: number): Bound[] {
  const wanted = shapeOf(argumentsOf({ way: "hub", nodes, allowedMs: undefined }, line));
  return CHALLENGES.filter(({ lines }) =>
    lines.some(({ arguments: args, measured }) => measured && shapeOf([...args, "--virtual"]) === wanted)
  ).flatMap(({ id, bounds: { msgsPerOp, medianMs, maxMs } }: Challenge) =>
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

function shapeOf(args: readonly string[]): string {
  const { workload, nodes, rate, timeLimitS, latency, faults } = parseTest(args).test;
  return JSON.stringify([workload, nodes, rate, timeLimitS, latency, faults]);
}
