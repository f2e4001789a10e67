/**
 * Workload g-set: a set that only grows, on which all nodes agree in the end.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import { finalReadsOf } from "../../checkers/caveats.ts";
import { checkerOf } from "../../checkers/check_history.ts";
import { add, read } from "../../protocol/g_set.ts";
import { integer } from "../../protocol/schema.ts";
import { call, PROGRESS_TIMEOUT_MS, recordEverythingIndeterminate } from "./operations.ts";
import { anyThread, eachThread, type Workload } from "./workload.ts";

/** The workload g-set. */
export const gSetWorkload: Workload = {
  name: "g-set",
  description: "a set that only grows, on which all nodes agree in the end",
  messages: [add, read],
  operations: ["add", "read"],
  generator: () => {
    let next = 0;
    return anyThread((random) =>
      random.chance(0.5) ? { f: "add", value: next++ } : { f: "read", value: null }
    );
  },
  // Maelstrom does not mark these reads as final, so neither does this bench.
  finalGenerator: ({ concurrency }) => eachThread({ f: "read", value: null }, concurrency),
  client: () => ({
    *invoke({ f, value }) {
      if (f === "read") return (yield* call(read, {})).value;
      yield* call(add, { element: integer.is(value) ? value : null });
      return value;
    },
  }),
  recordFailure: recordEverythingIndeterminate,
  progress: {
    *request() {
      return (yield* call(read, {}, { timeoutMs: PROGRESS_TIMEOUT_MS })).value;
    },
    agrees: true,
  },
  judge: checkerOf("g-set"),
  finalReads: finalReadsOf("g-set"),
};
