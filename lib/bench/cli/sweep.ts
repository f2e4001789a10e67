/**
 * The command `charybdis sweep`, which runs many seeds in virtual time, and shrinks and keeps the first failing run.
 *
 * Tested by `tests/bench/cli/messages_test.ts`.
 */

import { SEEDS_STATUSES } from "./exit_statuses.ts";
import { mergeValidity } from "../../checkers/result.ts";
import { ArgumentError, describeSettings, type Values } from "../../runtime/settings.ts";
import { say } from "../terminal/output.ts";
import { Interruption, SIGNAL_STATUS } from "../run/interruption.ts";
import { programName } from "./program_name.ts";
import { plural } from "../format.ts";
import { STORE_DEFAULT } from "../store/run_store.ts";
import { exitStatus } from "../exit_status.ts";
import { untried } from "../run/coverage.ts";
import { describeDifference, type Difference, type SourceFile } from "../sweep/determinism.ts";
import { keepFailure, runSeedAgain, sayShrunk, sayVerdict, shrinkFailure } from "../sweep/failures.ts";
import type { GuidedOptions } from "../sweep/guided.ts";
import { parseSweep, planSweep, type SweepPlan, sweepSettings } from "../sweep/plan.ts";
import { type FailedRun, type SweepResult, verdictOf } from "../sweep/seeds.ts";
import { parseShard, seedsOf } from "../sweep/shards.ts";
import { writeShard } from "../sweep/shard_file.ts";
import { resultMap, summaryLines } from "../sweep/summary.ts";
import { sweep, sweepGuided, sweepTwice } from "../sweep/sweep.ts";
import { findWorkload, workloadOf } from "../workloads/registry.ts";

const PROGRESS_MS = 1000;

/** The outcome of a sweep, with the seeds whose two runs differ. */
type Swept = Awaited<ReturnType<typeof sweep>> & { readonly differences?: readonly Difference[] };

/** Runs the command and returns its exit status. */
export async function sweepCommand(args: readonly string[]): Promise<number> {
  const parsed = parseSweep(args);
  const { values } = parsed;
  if (values.help) {
    say(usage());
    return 0;
  }
  if (values.guided && values.checkDeterminism) {
    throw new ArgumentError("--guided and --check-determinism exclude each other: omit one of them");
  }
  const { base, job } = planSweep(parsed);
  const range = values.seeds ?? { from: 1, to: 100 };
  const shard = values.shard === undefined
    ? { index: 1, total: 1 }
    : parseShard(values.shard, (name) => Deno.env.get(name));
  const seeds = [...seedsOf(range, shard)];
  const began = performance.now();
  const sweepAs: (options: GuidedOptions & Pick<SweepPlan, "job">) => Promise<Swept> = values.checkDeterminism
    ? sweepTwice
    : values.guided
    ? sweepGuided
    : sweep;
  const interruption = new Interruption();
  const { result, failures, differences = [] } = await sweepAs({
    interruption,
    seeds,
    jobs: Math.min(values.jobs, seeds.length),
    keepGoing: values.keepGoing,
    job,
    progress: (sofar) => progress(sofar, { of: seeds.length, began }),
  });
  const quiet = values.json;
  const stopped = () => interruption.signal !== undefined;
  for (const failure of failures) await report(failure, { args, values, quiet, stopped });
  const seconds = (performance.now() - began) / 1000;
  const missing = untried(result.coverage, {
    faults: base.faults,
    operations: workloadOf(base.workload).operations,
  });
  const sources = sourcesOf(values.module, base.workload);
  if (quiet) {
    const compared = values.checkDeterminism ? { differences } : {};
    say(JSON.stringify({ ...resultMap(result, missing), ...compared }));
  } else {
    for (const difference of differences) {
      for (const line of [...describeDifference(difference, sources), ""]) say(line);
    }
    for (const line of summaryLines(result, { seconds, missing })) say(line);
    if (values.checkDeterminism) say(comparedLine(result, differences));
  }
  if (values.shard !== undefined && interruption.signal === undefined) {
    writeShard(values.store ?? STORE_DEFAULT, {
      workload: base.workload,
      faults: base.faults,
      range,
      shard,
      result,
    });
  }
  interruption.end();
  if (interruption.signal !== undefined) {
    const { signal } = interruption;
    if (!quiet) {
      say(`Interrupted by ${signal}: ${result.seeds} of ${plural(seeds.length, "seed")} were tried.`);
    }
    return SIGNAL_STATUS[signal];
  }
  return exitStatus(mergeValidity([verdictOf(result), differences.length === 0]));
}

function comparedLine({ seeds }: SweepResult, differences: readonly Difference[]): string {
  return differences.length === 0
    ? `Each seed ran twice: the histories and messages of ${plural(seeds, "seed")} are identical.`
    : `Not deterministic: ${differences.map(({ seed }) => seed).join(", ")}.`;
}

/** Returns the files of the user that take part in a run. */
function sourcesOf(module: string | undefined, workload: string): SourceFile[] {
  const files = [
    { kind: "node", name: module },
    { kind: "workload", name: findWorkload(workload)?.source?.name },
  ] as const;
  return files.flatMap(({ kind, name }) =>
    name === undefined ? [] : [{ kind, name, text: Deno.readTextFileSync(name) }]
  );
}

async function report(
  failure: FailedRun,
  { args, values, quiet, stopped }: {
    /** True if shrinking must stop. It is called before each attempt; the smallest case so far is kept. */
    readonly stopped: () => boolean;
    readonly args: readonly string[];
    readonly values: Pick<Values<typeof sweepSettings>, "store" | "shrinkTries">;
    readonly quiet: boolean;
  },
): Promise<void> {
  const shrunk = failure.verdict === false
    ? await shrinkFailure(failure, {
      triesMax: values.shrinkTries,
      stopped,
      progress: (tries, { schedule }) =>
        progressLine(
          `shrinking: ${plural(tries, "attempt")}, ${plural(schedule.operations.length, "operation")}`,
        ),
    })
    : undefined;
  const run = shrunk ?? await runSeedAgain(failure);
  const kept = keepFailure(values.store ?? STORE_DEFAULT, { ...run, command: "sweep", argv: args });
  const { writeCaseReport } = await import("../report/write_report.ts"); // only a failure needs it
  await writeCaseReport(kept.directory, run);
  if (quiet) return;
  if (shrunk !== undefined) sayShrunk(failure.job, shrunk);
  sayVerdict(run, kept.directory);
  say(`To replay it byte for byte: ${programName()} replay ${kept.directory}/case.json`);
  say("");
}

let shown = 0;

function progressLine(line: string): void {
  const now = performance.now();
  if (now - shown < PROGRESS_MS) return;
  shown = now;
  say(line, "stderr");
}

function progress(
  { seeds, operations }: SweepResult,
  { of, began }: { readonly of: number; readonly began: number },
): void {
  const perMinute = seeds / (performance.now() - began) * 60_000;
  const leftS = (of - seeds) / perMinute * 60;
  progressLine(
    `${seeds} of ${plural(of, "seed")}, ${plural(operations, "operation")}, ${
      perMinute.toFixed(0)
    } seeds/min, ${leftS.toFixed(0)} s left`,
  );
}

function usage(): string {
  return [
    "Usage: charybdis sweep -w WORKLOAD --seeds A..B [options] [-- arguments of the node]",
    "",
    "Runs a built-in node under many seeds in virtual time, and stops at the first that is not valid. The command",
    "shrinks, describes and keeps the failing run. Each seed determines the parameters that the command line leaves open",
    "(nodes, clients, rate, latency, faults and their interval).",
    "",
    describeSettings(sweepSettings),
    "",
    SEEDS_STATUSES,
  ].join("\n");
}
