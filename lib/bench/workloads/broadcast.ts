/**
 * Workload broadcast: a value sent to one node must reach every node.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import { finalReadsOf } from "../../checkers/caveats.ts";
import { checkerOf } from "../../checkers/check_history.ts";
import { broadcast, read, topology } from "../../protocol/broadcast.ts";
import { integer } from "../../protocol/schema.ts";
import { call, PROGRESS_TIMEOUT_MS, recordFailure } from "./operations.ts";
import { makeTopology } from "./topologies.ts";
import { anyThread, eachThread, type Workload } from "./workload.ts";

const IDEMPOTENT = new Set(["read"]);

/** The workload broadcast. */
export const broadcastWorkload: Workload = {
  name: "broadcast",
  description: "a value sent to one node must reach every node",
  messages: [topology, broadcast, read],
  operations: ["broadcast", "read"],
  generator: () => {
    let next = 0;
    return anyThread((random) =>
      random.chance(0.5) ? { f: "broadcast", value: next++ } : { f: "read", value: null }
    );
  },
  finalGenerator: ({ concurrency }) => eachThread({ f: "read", value: null, final: true }, concurrency),
  *setup(options) {
    yield* call(topology, { topology: makeTopology(options.topology, options.nodes) });
  },
  client: () => ({
    *invoke({ f, value }) {
      if (f === "read") return (yield* call(read, {})).messages;
      yield* call(broadcast, { message: integer.is(value) ? value : null });
      return value;
    },
  }),
  recordFailure: (error, operation) => recordFailure(error, operation, IDEMPOTENT),
  progress: {
    *request() {
      return (yield* call(read, {}, { timeoutMs: PROGRESS_TIMEOUT_MS })).messages;
    },
    agrees: true,
  },
  judge: checkerOf("broadcast"),
  finalReads: finalReadsOf("broadcast"),
};
