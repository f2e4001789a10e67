import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { BenchError } from "../../../lib/bench/errors.ts";
import { mergeCommand } from "../../../lib/bench/cli/merge.ts";
import { readShards } from "../../../lib/bench/sweep/shard_file.ts";
import { loadProgram } from "../../../lib/bench/cluster/builtin_nodes.ts";
import { jobsOf } from "../../../lib/bench/sweep/plan.ts";
import { runSeeds } from "../../../lib/bench/sweep/seeds.ts";
import type { JobRunner } from "../../../lib/bench/worker/job.ts";
import { runVirtualJob } from "../../../lib/bench/worker/virtual_job.ts";
import { STORE_FORMAT } from "../../../lib/bench/store/format.ts";

const SHARD = {
  format: STORE_FORMAT,
  charybdis: "0.1.0",
  workload: "echo",
  faults: ["kill"],
  range: { from: 1, to: 4 },
  shard: { index: 1, total: 2 },
  result: {
    seeds: 2,
    invalid: [],
    unknown: [],
    inconclusive: 0,
    operations: 5,
    virtualMs: 2000,
    outcomes: { echo: { ok: 5, fail: 0, info: 0 } },
    coverage: { operations: { kill: { echo: 1 } }, messages: {}, states: {} },
  },
};

const ODD: readonly unknown[] = [null, 1, -1, 1e300, "x", [], [1], {}, { a: 1 }, true];

function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, field]) => pathsIn(field, [...path, key]))];
}

function withValue(value: unknown, [first, ...rest]: readonly string[], odd: unknown): unknown {
  if (first === undefined) return odd;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, key === first ? withValue(field, rest, odd) : field]),
  );
}

async function inFolder(test: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a shard file with a malformed value is merged or refused with the file's name", async () => {
  await inFolder((folder) => {
    let refused = 0;
    for (const path of pathsIn(SHARD)) {
      for (const odd of ODD) {
        Deno.writeTextFileSync(`${folder}/sweep-1-of-2.json`, JSON.stringify(withValue(SHARD, path, odd)));
        try {
          readShards(folder);
        } catch (error) {
          if (!(error instanceof BenchError)) throw error;
          assertStringIncludes(error.message, "sweep-1-of-2.json");
          refused++;
        }
      }
    }
    assertEquals(refused > 150, true);
  });
});

Deno.test("a malformed shard file is refused with the problem", async () => {
  await inFolder(async (folder) => {
    const shard = withValue(SHARD, ["result", "coverage"], null);
    Deno.writeTextFileSync(`${folder}/sweep-1-of-2.json`, JSON.stringify(shard));
    const error = await assertRejects(async () => await mergeCommand([folder]), BenchError);
    assertStringIncludes(error.message, "result.coverage must be");
  });
});

/** Runs jobs in this thread, and ends `jobs` of them at a time: the greatest seed first. */
async function reversingRunner(jobs: number): Promise<JobRunner> {
  const program = await loadProgram({ workload: "g-set", args: [] });
  const waiting = new Map<number, () => void>();
  return {
    run: async (job) => {
      if (job.kind === "judge") throw new Error("a sweep has runs only");
      const ran = await runVirtualJob(job, { program, working: () => {} });
      const turn = new Promise<void>((resolve) => waiting.set(job.seed, resolve));
      if (waiting.size === jobs) {
        for (const [, resolve] of [...waiting].sort(([a], [b]) => b - a)) resolve();
        waiting.clear();
      }
      await turn;
      return ran;
    },
    stop: () => {},
  };
}

Deno.test("the text of a sweep's result does not depend on the order in which seeds end", async () => {
  const job = jobsOf(["-w", "g-set", "--time-limit", "1", "--rate", "20", "--faults", "kill,loss,pause"]);
  const texts = [];
  for (const jobs of [1, 3]) {
    const runner = await reversingRunner(jobs);
    const ended: number[] = [];
    const ran = ({ seed }: { readonly seed: number }) => void ended.push(seed);
    const { result } = await runSeeds({ seeds: [1, 2, 3], jobs, keepGoing: true, job, ran }, () => runner);
    texts.push(JSON.stringify(result));
    assertEquals(ended, jobs === 1 ? [1, 2, 3] : [3, 2, 1]);
  }
  assertEquals(texts[1], texts[0]);
});
