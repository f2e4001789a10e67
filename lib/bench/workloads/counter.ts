/**
 * Workloads g-counter and pn-counter: a counter that all nodes agree on in the end.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import { finalReadsOf } from "../../checkers/caveats.ts";
import { checkerOf } from "../../checkers/check_history.ts";
import { add, read } from "../../protocol/counter.ts";
import { integer } from "../../protocol/schema.ts";
import { call, PROGRESS_TIMEOUT_MS, recordEverythingIndeterminate } from "./operations.ts";
import { anyThread, eachThread, type Workload } from "./workload.ts";

interface CounterOptions {
  readonly description: string;
  /** The bounds of the deltas, which are uniform. */
  readonly low: number;
  readonly high: number;
  /** The share of operations that add. */
  readonly additions: number;
}

function counterWorkload(name: "g-counter" | "pn-counter", options: CounterOptions): Workload {
  const { description, low, high, additions } = options;
  return {
    name,
    description,
    messages: [add, read],
    operations: ["add", "read"],
    generator: () =>
      anyThread((random) =>
        random.chance(additions)
          ? { f: "add", value: low + random.below(high - low + 1) }
          : { f: "read", value: null }
      ),
    finalGenerator: ({ concurrency }) => eachThread({ f: "read", value: null, final: true }, concurrency),
    client: () => ({
      *invoke({ f, value }) {
        if (f === "read") return (yield* call(read, {})).value;
        yield* call(add, { delta: integer.is(value) ? value : 0 });
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
    judge: checkerOf(name),
    finalReads: finalReadsOf(name),
  };
}

/** A counter that only increases. Maelstrom drops the negative half of pn-counter's additions, so that a third of all operations add. */
export const gCounterWorkload: Workload = counterWorkload("g-counter", {
  description: "a counter that only increases, on which all nodes agree in the end",
  low: 0,
  high: 4,
  additions: 1 / 3,
});

/** A counter that increases and decreases. */
export const pnCounterWorkload: Workload = counterWorkload("pn-counter", {
  description: "a counter that increases and decreases, on which all nodes agree in the end",
  low: -5,
  high: 4,
  additions: 1 / 2,
});
