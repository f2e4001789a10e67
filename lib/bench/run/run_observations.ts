/** What a run leaves behind, before anything is judged. */

import type { NetCounts } from "../../checkers/net.ts";
import type { NodeFault } from "../../sim/cluster.ts";
import type { Remark } from "../../sim/remarks.ts";
import type { Convergence } from "./convergence.ts";
import type { EarlyEnd } from "../store/file_limit.ts";
import type { FaultEffect } from "../nemesis/fault_effects.ts";

/** What happened beside the history. */
export interface RunFacts {
  readonly counts: NetCounts;
  /** What nodes did that is odd; no part of the verdict. */
  readonly remarks: readonly Remark[];
  readonly faults: readonly NodeFault[];
  /** The effects of the faults that were injected. */
  readonly effects: readonly FaultEffect[];
  /** Whether all nodes agreed in the end, where that was asked. */
  readonly convergence?: Convergence | undefined;
  /** The reason for which the bench ended the run before its time. */
  readonly earlyEnd?: EarlyEnd;
  /** Whether the run was ended before its time. */
  readonly interrupted: boolean;
}

/** How many node faults are kept. */
export const NODE_FAULTS_MAX = 64;
