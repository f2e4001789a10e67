/** The task and the outcome of an exploration. Tested by `tests/bench/explore/command_test.ts`. */

import type { SearchResult } from "./search.ts";
import type { Bounds } from "./world.ts";

/** The task of an exploration. */
export interface ExplorationSpec {
  readonly bounds: Bounds;
  /** The number of operations. */
  readonly operationCount: number;
  /** The time that passes before the first operation, in ms. */
  readonly settleMs: number;
  /** The maximum number of executions. */
  readonly executionsMax: number;
  /** The maximum duration in ms of wall time. */
  readonly timeLimitMs: number;
  /** The schedule to run, in the place of an exploration. */
  readonly steps?: readonly string[];
}

/** The outcome of an exploration. */
export interface ExplorationOutcome extends SearchResult {
  /** The simplest failing schedule. */
  readonly steps?: readonly string[];
}
