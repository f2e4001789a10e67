/** The task and the outcome of an exploration. Tested by `tests/bench/explore/command_test.ts`. */

import type { SearchPart, SearchResult } from "./search.ts";
import type { Bounds } from "./world_options.ts";

/** The task of an exploration. */
export interface ExplorationSpec {
  readonly bounds: Bounds;
  /** The number of operations. */
  readonly operationCount: number;
  /** The time that passes before the first operation, in ms. */
  readonly settleMs: number;
  /** The maximum error of the rate of a node's clock: 0.05 for 5 %. Default: 0. */
  readonly clockDrift?: number;
  /** The maximum number of executions. */
  readonly executionsMax: number;
  /** The maximum duration in ms of wall time. */
  readonly timeLimitMs: number;
  /** A sample of random schedules, in the place of all of them. */
  readonly sample?: SampleSpec;
  /** True to count the steps of random schedules, in the place of an exploration. */
  readonly countsSteps?: boolean;
  /** True to visit each state once, in the place of each order. The nodes must watch all of their state. */
  readonly states?: boolean;
  /** The part of the search to run. Default: all. */
  readonly part?: SearchPart;
  /** The number of parts into which the search is divided, in the place of an exploration. At the time limit, fewer are enough. */
  readonly divide?: number;
  /** The schedule to run, in the place of an exploration. */
  readonly steps?: readonly string[];
}

/** Some random schedules. */
export interface SampleSpec {
  /** The number of the first schedule. */
  readonly first: number;
  /** The number of schedules. */
  readonly schedules: number;
  /** The number of steps of a schedule, in which priorities fall. */
  readonly steps: number;
  /** The number of steps whose order makes a failure. */
  readonly depth: number;
}

/** The outcome of an exploration. */
export interface ExplorationOutcome extends SearchResult {
  /** True if an operation succeeded in some schedule. */
  readonly hasSucceeded?: boolean;
  /** The number of different states, if each is visited once. */
  readonly states?: number;
  /** The maximum number of chains in a random schedule. */
  readonly chains?: number;
  /** The guarantee of a sample: it finds a failure of the given depth with at least this probability. */
  readonly probability?: number;
  /** The parts of a divided search. */
  readonly parts?: readonly SearchPart[];
  /** The simplest failing schedule. */
  readonly steps?: readonly string[];
}
