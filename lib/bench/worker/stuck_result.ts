/** The result of a run with a node that hangs. Tested by `tests/bench/worker/job_process_test.ts`. */

import type { JepsenResult as Result } from "../../checkers/result.ts";
import type { NodeFault } from "../../sim/cluster.ts";
import type { JobResult } from "./job.ts";

/** Returns the result of a run in which a node ran one event for longer than `limitMs`, in ms of wall time. */
export function stuckResult(node: string, limitMs: number): JobResult {
  const text = `did not come back from one event within ${
    limitMs / 1000
  } s: a handler or timer that never returns`;
  const fault: NodeFault = { node, kind: "stuck", text };
  const unknown: Result = { valid: "unknown", error: "the run did not end" };
  return {
    result: {
      valid: false,
      workload: unknown,
      net: unknown,
      stats: unknown,
      availability: unknown,
      exceptions: unknown,
      nodes: { valid: false, faults: [fault] },
    },
    operations: 0,
    tookMs: limitMs,
    checkMs: 0,
    events: 0,
    hasHung: true,
  };
}
