/** Workload unique-ids: nodes give out ids that differ from all others. */

import { generate } from "../../protocol/unique_ids.ts";
import { call, recordFailure } from "./operations.ts";
import { anyThread, type Workload } from "./workload.ts";

/** See the file's head. */
export const uniqueIdsWorkload: Workload = {
  name: "unique-ids",
  about: "nodes give out ids that differ from all others",
  generator: () => anyThread(() => ({ f: "generate", value: null })),
  client: () => ({
    *invoke() {
      return (yield* call(generate, {})).id;
    },
  }),
  recordFailure,
};
