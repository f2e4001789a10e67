/** Points of the trade-off, made up. */

import type { Conditions, Measurement } from "../../../lib/bench/tradeoff/measurements.ts";

/** The line of 3d and 3e. */
export const CONDITIONS_3D: Conditions = { rate: 100, latencyMs: 100, timeLimitS: 20, seeds: [1, 2, 3] };

/** A measurement of the hub strategy with 25 nodes, within 3d's bounds. */
export function measurement(more: Partial<Measurement> = {}): Measurement {
  return {
    strategy: "hub",
    nodes: 25,
    latencyBudgetMs: 550,
    fanOut: 24,
    valid: true,
    messagesPerOperation: 1.5,
    medianMs: 344,
    longestMs: 498,
    frontierMessages: 1.25,
    arguments: [],
    failure: undefined,
    ...more,
  };
}
