/** Searches for a planted bug as a user would: sweeps, shrinks a failure, and summarizes the shrunk run. */

import {
  type FailureCase,
  failureKinds,
  historyCrc,
  jobOf,
  verdictForSweep,
} from "../../../lib/bench/replay/case.ts";
import { findingLines, indented } from "../../../lib/bench/findings/finding_lines.ts";
import { findingsOfJob } from "../../../lib/bench/findings/job_findings.ts";
import { parseHistory } from "../../../lib/checkers/parse.ts";
import { reportData } from "../../../lib/bench/report/run_page.ts";
import { plural } from "../../../lib/bench/format.ts";
import type { JobResult } from "../../../lib/bench/worker/job.ts";
import { jobsOf } from "../../../lib/bench/sweep/plan.ts";
import { shrinkFailure, tell } from "../../../lib/bench/sweep/failures.ts";
import { decisiveKinds } from "../../../lib/bench/sweep/shrink_run.ts";
import { sweep } from "../../../lib/bench/sweep/sweep.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { plant, type PlantedBug } from "./plant.ts";

/** The result of the search. */
export interface Found {
  /** The number of seeds that ran, including the failing one. */
  readonly seeds: number;
  readonly seed: number;
  /** The number of operations of the shrunk run. */
  readonly operations: number;
  readonly faults: number;
  readonly nodes: number;
  readonly tries: number;
  /** The names of its failures. */
  readonly named: readonly string[];
  readonly story: readonly string[];
  /** The findings of the shrunk run with their causes, as text. */
  readonly causes: readonly string[];
  /** The view on which the page of the shrunk run opens, and its story, as text. */
  readonly opening: readonly string[];
  /** True if a replay of the shrunk run is equal byte for byte. */
  readonly replays: boolean;
  /** The failures of the same run and seed without the bug: normally none. */
  readonly withoutBug: readonly string[];
}

/** Sweeps until a run fails, and shrinks it. Returns undefined if no seed fails. */
export async function search(
  bug: PlantedBug,
  options: { readonly from: number; readonly seedsMax: number; readonly triesMax: number },
): Promise<Found | undefined> {
  const directory = Deno.makeTempDirSync({ prefix: "charybdis-planted-" });
  const worker = new BenchWorker();
  try {
    const [own = "", node] = bug.sweep.split(" -- ");
    const [, workload = ""] = /-w (\S+)/.exec(own) ?? [];
    const command = (
      module: string,
    ) => [...own.split(" "), "--module", module, ...(node === undefined ? [] : ["--", ...node.split(" ")])];
    const right = plant(`${directory}/right`, { workload });
    const wrong = plant(`${directory}/wrong`, { workload, bug });
    const { from, seedsMax, triesMax } = options;
    const seeds = Array.from({ length: seedsMax }, (_, i) => from + i);
    const { result, failures } = await sweep({
      seeds,
      jobs: 1,
      keepGoing: false,
      job: jobsOf(command(wrong)),
    });
    const [failure] = failures;
    if (failure === undefined || failure.verdict !== false) return undefined;
    const shrunk = await shrinkFailure(failure, { triesMax });
    const { recorded, tries } = shrunk;
    const named = decisiveKinds(recorded.failure);
    const again = await worker.run({ ...jobOf(recorded), keepMessages: true });
    const { seed } = failure.job;
    const whole = await worker.run(jobsOf(command(right))(seed));
    const small = await worker.run(jobOf({ ...recorded, module: right }));
    return {
      seeds: result.seeds,
      seed,
      operations: recorded.schedule.operations.length + recorded.schedule.finalOperations.length,
      faults: recorded.schedule.faults.length,
      nodes: recorded.test.nodes.length,
      tries,
      named,
      story: tell(shrunk),
      causes: causesOf(recorded, again),
      opening: openingOf(recorded, again),
      replays: historyCrc(again.history ?? []) === recorded.historyCrc,
      withoutBug: [
        ...(verdictForSweep(whole.result) === false ? failureKinds(whole.result) : []),
        ...[...failureKinds(small.result)].filter((kind) => named.includes(kind)),
      ],
    };
  } finally {
    worker.stop();
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Returns the view on which the page opens, and its story. */
function openingOf({ test, seed }: FailureCase, ran: JobResult): string[] {
  const { data: { opening, story } } = reportData({
    workload: test.workload,
    name: "a case",
    head: { test, seed, virtual: true, state: "done", command: "sweep" },
    result: ran.result,
    history: parseHistory(ran.history ?? [], { cutOff: "drop" }),
    messages: ran.messages,
    states: ran.states,
    logs: [...ran.logs ?? []].map(([node, lines]) => [node, lines.join("\n")]),
  });
  const { at, from, to, messages, operations } = opening;
  return [
    `opens at ${ms(at)}, on ${ms(from)} to ${ms(to)}, with ${plural(messages.length, "message")} and ${
      plural(operations.length, "operation")
    }`,
    ...story.flatMap((moment) =>
      indented(`- ${moment.at < 0 ? "" : `${ms(moment.at)}, `}${moment.kind}: ${moment.text}`)
    ),
  ];
}

function ms(us: number): string {
  return `${(us / 1000).toFixed(1)} ms`;
}

function causesOf({ test }: FailureCase, ran: JobResult): string[] {
  return findingsOfJob(test, ran).filter(({ severity }) => severity === "invalid")
    .flatMap((finding) => findingLines(finding)).flatMap((line) => indented(line));
}
