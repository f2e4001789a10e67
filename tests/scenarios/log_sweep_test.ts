import { assertEquals } from "@std/assert";
import { ALL_FAULTS } from "../../lib/bench/nemesis.ts";
import { loadProgram } from "../../lib/bench/programs.ts";
import type { WorkloadName } from "../../lib/checkers/workloads.ts";
import type { SeededRandom } from "../../lib/sim/random.ts";
import { virtualRun } from "../bench/virtual_run.ts";
import { forSeeds } from "../seeds.ts";

/** A test of a random shape, with every kind of fault. */
function shape(workload: WorkloadName, random: SeededRandom): string {
  return [
    `-w ${workload} --node-count ${1 + random.below(5)} --concurrency 4n --time-limit 12 --rate 60`,
    `--latency ${random.pick([0, 5, 50])} --latency-dist ${
      random.pick(["constant", "uniform", "exponential"])
    }`,
    `--nemesis ${ALL_FAULTS.join(",")} --nemesis-interval ${random.pick([1, 3])}`,
  ].join(" ");
}

/** Runs it and fails unless it is valid, or nothing at all was served: when all nodes are dead or paused, nobody serves. */
async function judge(
  workload: WorkloadName,
  options: {
    readonly random: SeededRandom;
    readonly seed: number;
    readonly models?: string;
    readonly args?: readonly string[];
  },
): Promise<void> {
  const { random, seed, models = "read-committed", args = [] } = options;
  const line = `${shape(workload, random)} --consistency-models ${models}`;
  const { history, result } = await virtualRun(line, {
    seed,
    storage: true,
    program: await loadProgram({ workload, args }),
  });
  if (!history.some(({ type, process }) => type === "ok" && process !== "nemesis")) return;
  assertEquals(result.valid, true, `${line}: ${JSON.stringify(result.workload).slice(0, 2000)}`);
}

Deno.test("kafka is valid under all faults together", () =>
  forSeeds({ slice: 12, full: 500 }, (random, seed) => judge("kafka", { random, seed })));

Deno.test("kafka with --acks all and direct dissemination is valid under all faults together", () =>
  forSeeds(
    { slice: 4, full: 100 },
    (random, seed) => judge("kafka", { random, seed, args: ["--acks", "all", "--dissemination", "direct"] }),
  ));

// A test for each model that the node's header names, at exactly that model.
for (
  const [models, slice] of [["strong-session-read-committed", 4], ["monotonic-view", 4], [
    "causal-cerone",
    4,
  ]] as const
) {
  Deno.test(`transactions are ${models} under all faults together`, () =>
    forSeeds({ slice, full: 500 }, (random, seed) => judge("txn-rw-register", { random, seed, models })));
}

Deno.test("transactions in one order are strict-serializable under all faults together", () =>
  forSeeds({ slice: 4, full: 200 }, (random, seed) =>
    judge("txn-rw-register", {
      random,
      seed,
      models: "strict-serializable",
      args: ["--isolation", "strict-serializable", "--max-latency-ms", "50"],
    })));

Deno.test("transactions that are not in one order are not strict-serializable, and the checker says so", async () => {
  const run = await virtualRun(
    "-w txn-rw-register --node-count 2 --concurrency 4n --time-limit 5 --rate 200",
    { seed: 1 },
  );
  assertEquals(run.result.valid, false);
});
