/** Measurements of engines, made up. */

import type { EngineName } from "../../../../lib/bench/tradeoff/consensus/engines.ts";
import type { ConsensusMeasurement } from "../../../../lib/bench/tradeoff/consensus/figures.ts";
import { type ConsensusConditions, setupsOf } from "../../../../lib/bench/tradeoff/consensus/setups.ts";

/** The default conditions. */
export const CONSENSUS_CONDITIONS: ConsensusConditions = {
  rate: 100,
  latencyMs: 100,
  timeLimitS: 8,
  readPercent: 10,
  seeds: [1, 2, 3],
};

/** Returns a measurement of every set-up: Raft takes four hops and pauses for 1.5 s, EPaxos takes two and more with conflicts. */
export function sampleMeasurements(
  engines: readonly EngineName[] = ["raft", "epaxos"],
): ConsensusMeasurement[] {
  return setupsOf(engines, CONSENSUS_CONDITIONS).map((setup) => {
    const isRaft = setup.engine === "raft";
    const medianMs = isRaft ? 400 : 200 + setup.conflictPercent;
    const dies = setup.scenario === "leader-dies";
    const pauseMs = isRaft && dies ? 1500 : 80;
    return {
      ...setup,
      valid: true,
      medianMs,
      p99Ms: medianMs + 7,
      longestMs: medianMs + 9,
      readMedianMs: medianMs,
      nodes: [0, 1, 2, 3, 4].map((node) =>
        node === 0 && dies
          ? undefined
          : { medianMs: node === 0 ? 200 : medianMs, p99Ms: medianMs + 7, pauseMs: pauseMs + 10 }
      ),
      offeredPerS: setup.rate,
      completedPerS: setup.rate,
      failedShare: dies ? 0.004 : 0,
      messagesPerOperation: isRaft ? 7.4 : 13,
      pauseMs,
      completions: Array.from({ length: 32 }, (_, bin) => isRaft && dies && bin > 8 && bin < 14 ? 0 : 100),
    };
  });
}
