import { assert, assertEquals } from "@std/assert";
import { ALL_FAULTS, type FaultKind } from "../../lib/bench/nemesis/faults.ts";
import { loadProgram } from "../../lib/bench/cluster/builtin_nodes.ts";
import type { WorkloadName } from "../../lib/checkers/workloads.ts";
import type { SeededRandom } from "../../lib/sim/random.ts";
import { virtualRun } from "../bench/support/virtual_run.ts";
import { forSeeds } from "../seeds.ts";

interface Sweep {
  readonly slice: number;
  readonly full: number;
  readonly faults?: readonly FaultKind[];
  readonly models?: string;
  readonly args?: readonly string[];
  /** True if nodes have a disk. */
  readonly storage?: boolean;
}

/** A test with random options and several kinds of faults. */
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
 * Runs random tests. Fails unless all of them are valid, and many operations succeeded in total. A single run may complete almost
 * nothing, if most nodes are killed or partitioned: faults begin with the first message, and a cluster starts only after all of its
 * nodes have met. A graph without dependencies, or an operation that never succeeded, then does not count against the node. Snapshots
 * are frequent, so that they matter.
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

/** The faults for nodes without a disk, which do not survive the loss of a majority at once. */
const WITHOUT_KILLS = ALL_FAULTS.filter((kind) => kind !== "kill");

Deno.test("lin-kv is linearizable under all faults together", () =>
  sweep("lin-kv", { slice: 12, full: 500 }));

Deno.test("lin-kv without leases is linearizable under unbounded clock errors", () =>
  sweep("lin-kv", {
    slice: 4,
    full: 200,
    faults: [...ALL_FAULTS.filter((kind) => kind !== "clock"), "clock-unbounded"],
    args: ["--no-lease"],
  }));

Deno.test("lin-kv without a disk is linearizable under all faults but kills", () =>
  sweep("lin-kv", { slice: 4, full: 200, faults: WITHOUT_KILLS, storage: false }));

// One test for each model that the node offers, checked at exactly that model.
for (const models of ["strict-serializable", "strong-session-serializable", "serializable"]) {
  Deno.test(`list transactions are ${models} under all faults together`, () =>
    sweep("txn-list-append", { slice: 4, full: 500, models, args: ["--consistency", models] }));
}

Deno.test("list transactions without a disk are strict-serializable under all faults but kills", () =>
  sweep("txn-list-append", { slice: 3, full: 200, faults: WITHOUT_KILLS, storage: false }));

/** Returns true if a seed shows that a node does not keep a model. */
async function isRefuted(line: string, workload: WorkloadName, args: readonly string[]): Promise<boolean> {
  for (let seed = 0; seed < 20; seed++) {
    const program = await loadProgram({ workload, args });
    const { result } = await virtualRun(line, { seed, storage: true, program });
    if (result.workload.valid === false) return true;
  }
  return false;
}

Deno.test("each weaker consistency level is refuted at the stronger one", async () => {
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
