/** Each node that keeps a store is killed at every single write, sync and rename of a run; nothing acknowledged is missing. */

import { assert, assertEquals } from "@std/assert";
import { loadProgram } from "../../../lib/bench/cluster/builtin_nodes.ts";
import { soaking } from "../../seeds.ts";
import { LogCluster } from "../log_cluster.ts";
import { missingFrom, STORED_WORKLOADS, type StoredWorkload, writeValues } from "./stored_workloads.ts";

const WRITES = soaking ? 20 : 4;
/** The number of tries per step. Each draws which unsynced writes survive. */
const SEEDS = soaking ? 3 : 1;

async function run(
  workload: StoredWorkload,
  { killAfter, seed }: { readonly killAfter: number; readonly seed: number },
): Promise<number> {
  const program = await loadProgram({ workload: workload.name, args: workload.args ?? [] });
  const cluster = await LogCluster.started(program, {
    nodes: 1,
    storage: true,
    seed,
    prepare: (cluster) => cluster.diskOf("n0").killAfter(killAfter),
  });
  const acknowledged = await writeValues(cluster, workload, WRITES);
  const { steps } = cluster.diskOf("n0");
  cluster.kill(["n0"]);
  await cluster.start(["n0"]);
  const missing = await missingFrom(cluster, workload, { node: "n0", acknowledged });
  assertEquals(
    missing,
    [],
    `seed ${seed}, killed after ${killAfter} steps, ${acknowledged.length} acknowledged`,
  );
  return steps;
}

for (const workload of STORED_WORKLOADS) {
  Deno.test(`${workload.name}: after a kill at any step of its store, every acknowledged write remains`, async () => {
    const steps = await run(workload, { killAfter: Infinity, seed: 0 });
    assert(
      steps >= 4 * WRITES,
      `${steps} steps: each write takes a write and a sync, of the log and of the mark`,
    );
    for (let seed = 0; seed < SEEDS; seed++) {
      for (let killAfter = 0; killAfter <= steps; killAfter++) await run(workload, { killAfter, seed });
    }
  });
}
