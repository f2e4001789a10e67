/** The settings and the outcome of an explored cluster. Tested by `tests/bench/explore/world_test.ts`. */

import type { Event } from "../../checkers/history.ts";
import type { NetCounts } from "../../checkers/net.ts";
import type { NodeFault } from "../../sim/cluster.ts";
import type { NodeProgram } from "../cluster/program.ts";
import type { MessageSink } from "../run/message_journal.ts";
import type { TestOptions } from "../run/options.ts";
import type { Progress } from "../run/progress.ts";
import type { RunObservations } from "../run/run_observations.ts";
import type { Enter } from "../run/workload_guard.ts";
import type { StateLines } from "../run/state_journal.ts";
import type { RemoteProgram } from "../run/virtual_run.ts";
import type { Workload } from "../workloads/workload.ts";

/** The bounds of an exploration: how many of each may happen, anywhere. */
export interface Bounds {
  /** Messages between nodes that are lost. */
  readonly drops: number;
  /** Messages between nodes that arrive twice. */
  readonly duplicates: number;
  /** Nodes that are killed, and start again at once. */
  readonly crashes: number;
  /** Partitions of the network: its nodes are divided into two sides, and later it is healed. Default: 0. */
  readonly partitions?: number;
  /** Timers that fire while messages are on their way, or operations wait to begin. */
  readonly timeouts: number;
}

/** The settings of a world. */
export interface WorldOptions {
  readonly test: TestOptions;
  readonly workload: Workload;
  readonly program: NodeProgram | RemoteProgram;
  readonly seed: number;
  /** True if nodes have a disk. */
  readonly storage: boolean;
  readonly bounds: Bounds;
  /** The number of operations that clients begin. */
  readonly operationCount: number;
  /** The time that passes before the first operation, in which nothing is left to choice, in ms. */
  readonly settleMs: number;
  /** The maximum error of the rate of a node's clock: 0.05 for 5 %. Default: 0, all clocks are equal. */
  readonly clockDrift?: number | undefined;
  /** True if the nodes watch all of their state, so that equal states are known. Default: false. */
  readonly watchesAll?: boolean;
  /** Receives each message, and its end. */
  readonly messages?: MessageSink | undefined;
  /** Makes the journal of the nodes' states. */
  readonly states?: ((now: () => number) => StateLines) | undefined;
  readonly log?: (node: string, text: string, timeMs: number) => void;
  /** Receives the node that runs now, so that the bench can name a node that hangs. */
  readonly working?: (node: string | undefined) => void;
  /** Receives the part of a user's file that runs now. */
  readonly entered?: Enter | undefined;
}

/** The outcome of an execution. */
export interface Explored {
  readonly history: readonly Event[];
  /** The counts of messages. */
  readonly counts: NetCounts;
  readonly faults: readonly NodeFault[];
  /** The result of the liveness check, if an operation was still in progress after the last step. */
  readonly progress?: Progress;
  /** The outcome of the invariants, if there were any. */
  readonly invariants?: RunObservations["invariants"];
}
