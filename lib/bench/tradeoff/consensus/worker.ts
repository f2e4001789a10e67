/** Runs set-ups outside the main thread. Tested by `tests/bench/tradeoff/consensus/command_test.ts`. */

/// <reference lib="deno.worker" />

import { reasonOf } from "../../errors.ts";
import { type ConsensusFigures, figuresOf } from "./figures.ts";
import { runConsensus } from "./run.ts";
import type { ConsensusConditions, ConsensusSetup } from "./setups.ts";

/** The request to the worker. */
export interface MeasureRequest {
  readonly setup: ConsensusSetup;
  readonly conditions: ConsensusConditions;
  readonly seed: number;
}

/** The worker's reply: the figures, or the reason for its failure. */
export interface MeasureAnswer {
  readonly figures?: ConsensusFigures;
  readonly problem?: string;
}

self.onmessage = async ({ data }: MessageEvent<MeasureRequest>) => {
  let answer: MeasureAnswer;
  try {
    answer = { figures: figuresOf(await runConsensus(data.setup, data.conditions, data.seed)) };
  } catch (error) {
    answer = { problem: reasonOf(error) };
  }
  self.postMessage(answer);
};
