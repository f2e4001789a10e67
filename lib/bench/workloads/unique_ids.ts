/**
 * Workload unique-ids: nodes generate ids that are globally unique.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import { checkerOf } from "../../checkers/check_history.ts";
import { generate } from "../../protocol/unique_ids.ts";
import { call, PROGRESS_TIMEOUT_MS } from "./operations.ts";
import { anyThread, type Workload } from "./workload.ts";

/** The workload unique-ids. */
export const uniqueIdsWorkload: Workload = {
  name: "unique-ids",
  description: "nodes generate ids that are globally unique",
  messages: [generate],
  operations: ["generate"],
  generator: () => anyThread(() => ({ f: "generate", value: null })),
  client: () => ({
    *invoke() {
      return (yield* call(generate, {})).id;
    },
  }),
  keepsClients: true,
  progress: { request: () => call(generate, {}, { timeoutMs: PROGRESS_TIMEOUT_MS }) },
  judge: checkerOf("unique-ids"),
};
