/** Workload echo: a node answers each request with the value that it carried. */

import { echo } from "../../protocol/echo.ts";
import { call, recordFailure } from "./operations.ts";
import { anyThread, type Workload } from "./workload.ts";

const NUMBERS = 128;

/** See the file's head. */
export const echoWorkload: Workload = {
  name: "echo",
  about: "a node answers each request with the value that it carried",
  generator: () => anyThread((random) => ({ f: "echo", value: `Please echo ${random.below(NUMBERS)}` })),
  client: () => ({
    *invoke({ value }) {
      return yield* call(echo, { echo: String(value) });
    },
  }),
  recordFailure,
};
