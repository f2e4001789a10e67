/** The set-ups that are measured. Tested by `tests/bench/tradeoff/consensus/setups_test.ts`. */

import type { EngineName } from "./engines.ts";
import { type NetworkName, NETWORKS } from "./networks.ts";

/** The scenarios: without a fault, with one, and with a death in the middle. */
export const SCENARIOS = ["steady", "dead", "slow", "slow-leader", "leader-dies"] as const;

/** One of {@linkcode SCENARIOS}. */
export type ScenarioName = typeof SCENARIOS[number];

/** The shares of operations on a common key, in percent. */
export const CONFLICTS_PERCENT: readonly number[] = [0, 2, 10, 50, 100];
/** The share of operations on a common key in the scenarios, in percent. */
export const SCENARIO_CONFLICT_PERCENT = 10;
/** The factor between the two rates at which messages are counted. */
export const RATE_FACTOR = 10;

/** Settings shared by all set-ups. */
export interface ConsensusConditions {
  /** Operations per second, over all clients. */
  readonly rate: number;
  /** The one-way latency of uniform links, in ms. */
  readonly latencyMs: number;
  /** The measured time, in seconds. */
  readonly timeLimitS: number;
  /** The share of reads, in percent. */
  readonly readPercent: number;
  readonly seeds: readonly number[];
}

/** One set-up. */
export interface ConsensusSetup {
  readonly engine: EngineName;
  readonly network: NetworkName;
  readonly conflictPercent: number;
  readonly scenario: ScenarioName;
  readonly rate: number;
}

/** Returns all set-ups: each network with each share of conflicts and each scenario, and a higher rate on uniform links. */
export function setupsOf(engines: readonly EngineName[], { rate }: ConsensusConditions): ConsensusSetup[] {
  const networks = NETWORKS.flatMap((network) =>
    engines.flatMap((engine) => [
      ...CONFLICTS_PERCENT.map((conflictPercent) =>
        ({ engine, network, conflictPercent, scenario: "steady", rate }) as const
      ),
      ...SCENARIOS.filter((scenario) => scenario !== "steady").map((scenario) =>
        ({ engine, network, conflictPercent: SCENARIO_CONFLICT_PERCENT, scenario, rate }) as const
      ),
    ])
  );
  const busy = engines.map((engine) =>
    ({
      engine,
      network: "uniform",
      conflictPercent: 0,
      scenario: "steady",
      rate: rate * RATE_FACTOR,
    }) as const
  );
  return [...networks, ...busy];
}
