/** Points of the trade-off, made up. */

import type { Line, Point } from "../../../lib/bench/tradeoff/measurements.ts";

/** The line of 3d and 3e. */
export const LINE_3D: Line = { rate: 100, latencyMs: 100, timeLimitS: 20, seeds: [1, 2, 3] };

/** A point through the hub of 25 nodes, inside 3d's bounds. */
export function point(more: Partial<Point> = {}): Point {
  return {
    way: "hub",
    nodes: 25,
    allowedMs: 550,
    fanOut: 24,
    valid: true,
    messagesPerOperation: 1.5,
    medianMs: 344,
    longestMs: 498,
    floor: 1.25,
    arguments: [],
    ...more,
  };
}
