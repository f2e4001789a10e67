/** Workload echo: a node answers each request with its value. Tested by `tests/bench/run/virtual_run_test.ts`. */

import { echo } from "../../protocol/echo.ts";
import { call, recordFailure } from "./operations.ts";
import { anyThread, type Workload } from "./workload.ts";

const NUMBERS = 128;

/** The workload echo. */
export const echoWorkload: Workload = {
  name: "echo",
  description: "a node answers each request with its value",
  generator: () => anyThread((random) => ({ f: "echo", value: `Please echo ${random.below(NUMBERS)}` })),
  client: () => ({
    *invoke({ value }) {
      return yield* call(echo, { echo: String(value) });
    },
  }),
  recordFailure,
};
