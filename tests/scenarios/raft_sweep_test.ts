import { assert, assertEquals } from "@std/assert";
import { ALL_FAULTS, type FaultKind } from "../../lib/bench/nemesis.ts";
import { loadProgram } from "../../lib/bench/programs.ts";
import type { WorkloadName } from "../../lib/checkers/workloads.ts";
import type { SeededRandom } from "../../lib/sim/random.ts";
import { virtualRun } from "../bench/virtual_run.ts";
import { forSeeds } from "../seeds.ts";

interface Sweep {
  readonly slice: number;
  readonly full: number;
  readonly faults?: readonly FaultKind[];
  readonly models?: string;
  readonly args?: readonly string[];
  /** Whether nodes have a disk. */
  readonly storage?: boolean;
}

/** A test of a random shape, with seenMany kinds of faults. */
function shape(
  workload: WorkloadName,
  random: SeededRandom,
  { faults = ALL_FAULTS, models = "strict-serializable" }: Sweep,
): string {
  return [
    `-w ${workload} --node-count ${1 + random.below(5)} --concurrency 4n --time-limit 12 --rate 60`,
    `--latency ${random.pick([0, 5, 50])} --latency-dist ${
      random.pick(["constant", "uniform", "exponential"])
    }`,
    `--nemesis ${faults.join(",")} --nemesis-interval ${random.pick([1, 3])} --consistency-models ${models}`,
  ].join(" ");
}

/**
 * Runs tests of random shapes; fails unless nothing is wrong with any of them, and much was answered over all. Single ones
 * may answer next to nothing, when most nodes are dead or cut off; a graph without dependencies or a kind of operation
 * without a success then says nothing of the node. Faults begin with the first message, and a cluster starts only after all
 * its nodes have met, so that about a third of the runs are over before. Snapshots are taken so often that they matter.
 */
async function sweep(workload: WorkloadName, options: Sweep): Promise<void> {
  let seeds = 0;
  let answered = 0;
  await forSeeds(options, async (random, seed) => {
    const line = shape(workload, random, options);
    const snapshots = ["--snapshot-entries", String(random.pick([10, 100, 10_000]))];
    const program = await loadProgram({ workload, args: [...snapshots, ...options.args ?? []] });
    const { history, result } = await virtualRun(line, { seed, storage: options.storage ?? true, program });
    const { workload: verdict, net, nodes } = result;
    const found = verdict["anomaly-types"];
    const empty = Array.isArray(found) && found.length === 1 && found[0] === "empty-transaction-graph";
    assert(verdict.valid === true || empty, `${line}: ${JSON.stringify(verdict).slice(0, 2000)}`);
    assertEquals([net.valid, nodes], [true, undefined], line);
    seeds++;
    answered += history.filter(({ type, process }) => type === "ok" && process !== "nemesis").length;
  });
  assert(answered > 30 * seeds, `only ${answered} operations succeeded in ${seeds} runs`);
}

/** What a node without a disk is asked to bear: a majority that forgets at once is beyond it. */
const WITHOUT_KILLS = ALL_FAULTS.filter((kind) => kind !== "kill");

Deno.test("lin-kv is linearizable under all faults together", () =>
  sweep("lin-kv", { slice: 12, full: 500 }));

Deno.test("lin-kv without leases is linearizable whatever clocks do", () =>
  sweep("lin-kv", {
    slice: 4,
    full: 200,
    faults: [...ALL_FAULTS.filter((kind) => kind !== "clock"), "clock-unbounded"],
    args: ["--no-lease"],
  }));

Deno.test("lin-kv without a disk is linearizable under all faults but kills", () =>
  sweep("lin-kv", { slice: 4, full: 200, faults: WITHOUT_KILLS, storage: false }));

// A test for each model that the node offers, at exactly that model.
for (const models of ["strict-serializable", "strong-session-serializable", "serializable"]) {
  Deno.test(`list transactions are ${models} under all faults together`, () =>
    sweep("txn-list-append", { slice: 4, full: 500, models, args: ["--consistency", models] }));
}

Deno.test("list transactions without a disk are strict-serializable under all faults but kills", () =>
  sweep("txn-list-append", { slice: 3, full: 200, faults: WITHOUT_KILLS, storage: false }));

/** Whether some seed shows that a node promises less than a model. */
async function isRefuted(line: string, workload: WorkloadName, args: readonly string[]): Promise<boolean> {
  for (let seed = 0; seed < 20; seed++) {
    const program = await loadProgram({ workload, args });
    const { result } = await virtualRun(line, { seed, storage: true, program });
    if (result.workload.valid === false) return true;
  }
  return false;
}

Deno.test("each lower level is lower, and the checkers say so", async () => {
  const faults =
    "--concurrency 4n --time-limit 5 --rate 100 --latency 5 --nemesis kill,partition --nemesis-interval 1";
  const txn = `-w txn-list-append --node-count 3 ${faults} --consistency-models`;
  const sessions = ["--consistency", "strong-session-serializable"];
  assert(await isRefuted(`${txn} strict-serializable`, "txn-list-append", sessions));
  const any = ["--consistency", "serializable"];
  assert(await isRefuted(`${txn} strong-session-serializable`, "txn-list-append", any));
  const kv = `-w lin-kv --node-count 3 ${faults}`;
  assert(await isRefuted(kv, "lin-kv", ["--consistency", "sequential"]));
});
