import { assert, assertEquals } from "@std/assert";
import { ALL_FAULTS } from "../../lib/bench/nemesis/faults.ts";
import { loadProgram } from "../../lib/bench/cluster/builtin_nodes.ts";
import type { WorkloadName } from "../../lib/checkers/workloads.ts";
import type { SeededRandom } from "../../lib/sim/random.ts";
import { virtualRun } from "../bench/support/virtual_run.ts";
import { forSeeds } from "../seeds.ts";

/** A test with random options and every kind of fault, except kills of nodes without a disk. */
function shape(
  workload: WorkloadName,
  { random, storage }: { readonly random: SeededRandom; readonly storage: boolean },
): string {
  const faults = ALL_FAULTS.filter((kind) => storage || kind !== "kill");
  return [
    `-w ${workload} --node-count ${1 + random.below(5)} --concurrency 4n --time-limit 12 --rate 60`,
    `--latency ${random.pick([0, 5, 50])} --latency-dist ${
      random.pick(["constant", "uniform", "exponential"])
    }`,
    `--nemesis ${faults.join(",")} --nemesis-interval ${random.pick([1, 3])}`,
  ].join(" ");
}

/**
 * Runs tests of random shapes; fails unless nothing is wrong with any of them, and much was served over all. Single ones may
 * serve next to nothing, when all nodes are dead or paused; a graph without dependencies or a kind of operation without a
 * success then says nothing of the node.
 */
async function sweep(
  workload: WorkloadName,
  options: {
    readonly slice: number;
    readonly full: number;
    readonly models?: string;
    readonly args?: readonly string[];
    /** The minimum number of served operations per run, on average. */
    readonly servedMin?: number;
  },
): Promise<void> {
  const { models = "read-committed", args = [], servedMin = 50, ...counts } = options;
  let seeds = 0;
  let served = 0;
  await forSeeds(counts, async (random, seed) => {
    const storage = random.chance(0.75);
    const line = `${shape(workload, { random, storage })} --consistency-models ${models}`;
    const program = await loadProgram({ workload, args });
    const { history, result } = await virtualRun(line, { seed, storage, program });
    const { workload: verdict, net, nodes } = result;
    const found = verdict["anomaly-types"] ?? verdict["bad-error-types"];
    const empty = Array.isArray(found) && found.length === 1 && found[0] === "empty-transaction-graph";
    assert(verdict.valid === true || empty, `${line}: ${JSON.stringify(verdict).slice(0, 2000)}`);
    assertEquals([net.valid, nodes], [true, undefined], line);
    seeds++;
    served += history.filter(({ type, process }) => type === "ok" && process !== "nemesis").length;
  });
  assert(served > servedMin * seeds, `only ${served} operations were served in ${seeds} runs`);
}

Deno.test("kafka is valid under all faults together", () => sweep("kafka", { slice: 6, full: 500 }));

Deno.test("kafka with --acks all and direct dissemination is valid under all faults together", () =>
  sweep("kafka", { slice: 2, full: 200, args: ["--acks", "all", "--dissemination", "direct"] }));

// A test for each model that the node's header names, at exactly that model.
for (const models of ["strong-session-read-committed", "monotonic-view", "causal-cerone"]) {
  Deno.test(`transactions are ${models} under all faults together`, () =>
    sweep("txn-rw-register", { slice: 2, full: 500, models }));
}

Deno.test("transactions in one order are strict-serializable under all faults together", () =>
  sweep("txn-rw-register", {
    slice: 4,
    full: 200,
    models: "strict-serializable",
    servedMin: 20, // none is served while any node is dead, paused or cut off
    args: ["--isolation", "strict-serializable", "--max-latency-ms", "50"],
  }));

Deno.test("transactions in causal order are found not to be strict-serializable", async () => {
  const line = "-w txn-rw-register --node-count 2 --concurrency 4n --time-limit 5 --rate 200";
  assertEquals((await virtualRun(line, { seed: 1 })).result.valid, false);
});
