/** The example workloads: a right node passes all seeds under faults, and a wrong one is found and explained. */

import { assert, assertEquals } from "@std/assert";
import { jobsOf } from "../../../lib/bench/sweep/plan.ts";
import { findingsOfJob } from "../../../lib/bench/findings/job_findings.ts";
import { verdictForSweep } from "../../../lib/bench/replay/case.ts";
import { stubsOf } from "../../../lib/bench/learn/starters/starter.ts";
import { loadWorkload } from "../../../lib/bench/run/workload_file.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { workloadOf } from "../../../lib/bench/workloads/registry.ts";
import type { JobResult } from "../../../lib/bench/worker/job.ts";
import { folderTest } from "../../folder.ts";
import { sliceOf, soaking } from "../../seeds.ts";
import { EXAMPLES } from "../support/workload_runs.ts";

/** Each workload, with the names of the findings for its wrong node. */
const WORKLOADS: readonly (readonly [name: string, anomalies: readonly string[]])[] = [
  ["bank", ["wrong-total"]],
  ["leader", ["two-leaders"]],
  ["lock", ["old-token", "two-holders"]],
  ["queue", ["duplicated", "lost"]],
  ["sequencer", ["effect-before-cause"]],
];
const LINES_MAX = 100;

/** Runs seeds of a sweep against the node in a file, until `isEnough`. */
async function* runs(workload: string, module: string, seeds: number): AsyncGenerator<JobResult> {
  const path = `${EXAMPLES}/workloads/${workload}.ts`;
  await loadWorkload(path);
  const job = jobsOf(["-w", path, "--module", module, "--faults", "partition,loss,duplicate,reorder"]);
  const worker = new BenchWorker();
  try {
    for (let seed = 1; seed <= seeds; seed++) yield await worker.run(job(seed));
  } finally {
    worker.stop();
  }
}

for (const [name, anomalies] of sliceOf(WORKLOADS, 3)) {
  Deno.test(`example ${name}: the right node passes, and the wrong one is found`, async () => {
    for await (const { result } of runs(name, `${EXAMPLES}/nodes/${name}.ts`, soaking ? 300 : 5)) {
      assert(verdictForSweep(result) !== false, JSON.stringify(result.workload).slice(0, 2000));
    }
    const found = new Set<string>();
    for await (const ran of runs(name, `${EXAMPLES}/nodes/${name}_wrong.ts`, 15)) {
      for (const { severity, name: anomaly } of findingsOfJob({ nodes: [], concurrency: 1 }, ran)) {
        if (severity === "invalid") found.add(anomaly);
      }
      if (found.size >= anomalies.length && !soaking) break;
    }
    assertEquals([...found].sort(), anomalies);
  });
}

folderTest(
  "a node whose replies are empty, like those of a starter, passes no example workload",
  async (folder) => {
    for (const [name] of WORKLOADS) {
      const path = `${EXAMPLES}/workloads/${name}.ts`;
      await loadWorkload(path);
      const handlers = stubsOf(workloadOf(path)).map(({ type, reply }) => {
        const { type: _, ...fields } = JSON.parse(reply);
        return `node.on("${type}", () => (${JSON.stringify(fields)}));`;
      });
      const module = `${folder}/${name}.js`;
      await Deno.writeTextFile(module, `export function node(node) { ${handlers.join(" ")} }`);
      for await (const { result } of runs(name, module, 1)) assertEquals(result.valid, false, name);
    }
  },
);

Deno.test("example workloads have fewer than 100 lines", async () => {
  for (const [name] of WORKLOADS) {
    const text = await Deno.readTextFile(`${EXAMPLES}/workloads/${name}.ts`);
    assert(text.split("\n").length <= LINES_MAX, name);
  }
});
