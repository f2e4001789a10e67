/**
 * Measures the number of seeds until a sweep finds each planted bug: plain, guided, and with all faults in each run.
 * Writes guided.txt, with the median over several first seeds, next to the executions that an exploration needs.
 *
 * Usage: `deno run -A tests/scenarios/planted/measure_guided.ts [STARTS] [MAX]`.
 */

import { parseSweep, planSweep, type SweepPlan } from "../../../lib/bench/sweep/plan.ts";
import { guidedOptions } from "../../../lib/bench/sweep/guided.ts";
import { runSeeds, type SweepOptions } from "../../../lib/bench/sweep/seeds.ts";
import { programOf } from "../../../lib/bench/cluster/program.ts";
import type { JobRunner } from "../../../lib/bench/worker/job.ts";
import { runVirtualJob } from "../../../lib/bench/worker/virtual_job.ts";
import { say } from "../../../lib/bench/terminal/output.ts";
import { BUGS } from "./bugs.ts";
import { plant, type PlantedBug } from "./plant.ts";
import { SCOPES } from "./scopes.ts";

const [STARTS = 7, SEEDS_MAX = 60] = Deno.args.map(Number);
/** The distance of the first seeds. */
const START_STEP = 1000;
/** The first seed of the first sweep. No seed of it served to choose the parameters of the guided sweep. */
const START = 900_001;

type Sweeper = (options: Omit<SweepOptions, "job">) => SweepOptions;

/** Returns the sweeps to compare. */
function sweepersOf({ base, job }: SweepPlan): Readonly<Record<string, Sweeper>> {
  const withAllFaults = (seed: number) => {
    const drawn = job(seed);
    return { ...drawn, storage: true, test: { ...drawn.test, faults: base.faults } };
  };
  return {
    plain: (options) => ({ ...options, job }),
    guided: (options) => guidedOptions({ ...options, job }),
    "all faults": (options) => ({ ...options, job: withAllFaults }),
  };
}

const NAMES = ["plain", "guided", "all faults"] as const;

/** Returns the numbers of seeds until a bug is found, by sweep; one more than the maximum if it is not. */
async function measure(bug: PlantedBug): Promise<ReadonlyMap<string, readonly number[]>> {
  const directory = Deno.makeTempDirSync({ prefix: "charybdis-guided-" });
  try {
    const [own = "", node] = bug.sweep.split(" -- ");
    const [, workload = ""] = /-w (\S+)/.exec(own) ?? [];
    const name = plant(directory, { workload, bug });
    const args = node?.split(" ") ?? [];
    const program = programOf(await import(name), { name, args });
    // In this thread, a run takes half of the time that it takes as a module.
    const runner: JobRunner = {
      run: (job) => {
        if (job.kind === "judge") throw new Error("a sweep has runs only");
        return runVirtualJob(job, { program, working: () => {} });
      },
      stop: () => {},
    };
    const sweepers = sweepersOf(planSweep(parseSweep([...own.split(" "), "--", ...args])));
    const found = new Map<string, number[]>();
    for (const [name, run] of Object.entries(sweepers)) {
      const counts: number[] = [];
      for (let start = 0; start < STARTS; start++) {
        const from = START + start * START_STEP;
        const seeds = Array.from({ length: SEEDS_MAX }, (_, i) => from + i);
        const { result } = await runSeeds(run({ seeds, jobs: 1, keepGoing: false }), () => runner);
        counts.push(result.invalid.length === 0 ? SEEDS_MAX + 1 : result.seeds);
      }
      found.set(name, counts);
    }
    return found;
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function medianOf(counts: readonly number[]): string {
  const median = counts.toSorted((a, b) => a - b)[counts.length >> 1] ?? SEEDS_MAX + 1;
  return median > SEEDS_MAX ? `>${SEEDS_MAX}` : `${median}`;
}

/** Returns the mean; a sweep that did not find the bug counts as one seed more than the maximum. */
function meanOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0) / counts.length;
}

const rows: string[][] = [["bug", ...NAMES.flatMap((name) => [name, "mean"]), "explore: executions"]];
const logarithms = new Map<string, number>();
for (const bug of BUGS) {
  const found = await measure(bug);
  const cells = NAMES.flatMap((name) => {
    const counts = found.get(name) ?? [];
    logarithms.set(name, (logarithms.get(name) ?? 0) + Math.log(meanOf(counts)) / BUGS.length);
    return [medianOf(counts), meanOf(counts).toFixed(1)];
  });
  const row = [bug.id, ...cells, `${SCOPES[bug.id]?.executions ?? "-"}`];
  rows.push(row);
  say(row.join(" | "));
}
rows.push([
  "geometric mean",
  ...NAMES.flatMap((name) => ["", Math.exp(logarithms.get(name) ?? 0).toFixed(1)]),
  "",
]);
const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
const lines = rows.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`);
lines.splice(1, 0, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
Deno.writeTextFileSync(new URL("./guided.txt", import.meta.url), `${lines.join("\n")}\n`);
