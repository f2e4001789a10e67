/** The observations from a run, before the checkers judge it. Tested by `tests/bench/run/virtual_run_test.ts`. */

import type { NetCounts } from "../../checkers/net.ts";
import type { NodeFault } from "../../sim/cluster.ts";
import type { Remark } from "../../sim/remarks.ts";
import type { Violation } from "../invariants/journal.ts";
import type { Progress } from "./progress.ts";
import type { Convergence } from "./convergence.ts";
import type { EarlyEnd } from "../store/file_limit.ts";
import type { FaultEffect } from "../nemesis/fault_effects.ts";

/** Observations in addition to the history. */
export interface RunObservations {
  readonly counts: NetCounts;
  /** Odd behavior of nodes. Not part of the verdict. */
  readonly remarks: readonly Remark[];
  readonly faults: readonly NodeFault[];
  /** The effects of the injected faults. */
  readonly effects: readonly FaultEffect[];
  /** The result of the convergence check, if it ran. */
  readonly convergence?: Convergence | undefined;
  /** The result of the liveness check, if it ran. */
  readonly progress?: Progress | undefined;
  /** The outcome of the invariants, if there were any. */
  readonly invariants?: { readonly steps: number; readonly violations: readonly Violation[] };
  /** The reason why the bench ended the run early. */
  readonly earlyEnd?: EarlyEnd;
  /** True if the run ended early. */
  readonly interrupted: boolean;
}

/** The maximum number of recorded node faults. */
export const NODE_FAULTS_MAX = 64;
