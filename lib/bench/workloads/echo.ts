/** Workload echo: a node answers each request with its value. Tested by `tests/bench/run/virtual_run_test.ts`. */

import { checkerOf } from "../../checkers/check_history.ts";
import { echo } from "../../protocol/echo.ts";
import { call, PROGRESS_TIMEOUT_MS } from "./operations.ts";
import { anyThread, type Workload } from "./workload.ts";

const NUMBERS = 128;

/** The workload echo. */
export const echoWorkload: Workload = {
  name: "echo",
  description: "a node answers each request with its value",
  messages: [echo],
  operations: ["echo"],
  generator: () => anyThread((random) => ({ f: "echo", value: `Please echo ${random.below(NUMBERS)}` })),
  client: () => ({
    *invoke({ value }) {
      return yield* call(echo, { echo: String(value) });
    },
  }),
  progress: { request: () => call(echo, { echo: "progress" }, { timeoutMs: PROGRESS_TIMEOUT_MS }) },
  judge: checkerOf("echo"),
};
