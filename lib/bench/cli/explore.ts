/**
 * The command `charybdis explore`, which runs every schedule of a small cluster.
 *
 * Tested by `tests/bench/explore/command_test.ts`.
 */

import { VERDICT_STATUSES } from "./exit_statuses.ts";
import {
  custom,
  describeSettings,
  flag,
  number,
  parseSettings,
  text,
  type Values,
} from "../../runtime/settings.ts";
import { modelsClaimedBy } from "../cluster/builtin_nodes.ts";
import type { ExplorationOutcome } from "../explore/exploration.ts";
import { findingsOfJob } from "../findings/job_findings.ts";
import { plural } from "../format.ts";
import { narrate } from "../replay/narrative.ts";
import { seedCaseOf, verdictForSweep } from "../replay/case.ts";
import { parseHistory } from "../../checkers/parse.ts";
import { writeCaseReport } from "../report/write_report.ts";
import { Interruption, SIGNAL_STATUS } from "../run/interruption.ts";
import { splitArguments } from "../run/node_arguments.ts";
import { makeTest } from "../run/command_line.ts";
import { OPTION_ALIASES, SWEEP_PROGRESS_S, type TestOptions, testSettings } from "../run/options.ts";
import { EXIT } from "../run/verdict.ts";
import { STORE_DEFAULT } from "../store/run_store.ts";
import { keepFailure } from "../sweep/failures.ts";
import { say, styleFor } from "../terminal/output.ts";
import { summarize } from "../terminal/summary.ts";
import type { JobResult, VirtualJob } from "../worker/job.ts";
import { BenchWorker } from "../worker/handle.ts";
import { programName } from "./program_name.ts";

/** The time in which a cluster settles before the first operation, in ms: Raft elects its first leader. */
const SETTLE_MS_DEFAULT = 1000;
const COUNT_MAX = 100;

const count = (byDefault: number, description: string) =>
  number(byDefault, { min: 0, max: COUNT_MAX, whole: true, description });

const settings = {
  workload: testSettings.workload,
  nodeCount: number(3, { min: 1, max: 9, whole: true, description: "Number of nodes." }),
  consistencyModels: testSettings.consistencyModels,
  keyCount: testSettings.keyCount,
  operations: number(3, {
    min: 1,
    max: COUNT_MAX,
    whole: true,
    description: "Maximum number of operations.",
  }),
  drops: count(0, "Number of messages between nodes that are lost."),
  duplicates: count(0, "Number of messages between nodes that arrive twice."),
  crashes: count(0, "Number of nodes that are killed, and start again at once."),
  timeouts: count(0, "Number of timers that fire while messages are on their way."),
  progressWithin: custom({
    syntax: "SECONDS",
    description: "Time after the last step within which every operation must end; 0 for no check. " +
      `Default: ${SWEEP_PROGRESS_S} s.`,
    parse: testSettings.progressWithin.parse,
  }),
  invariant: testSettings.invariant,
  settleMs: number(SETTLE_MS_DEFAULT, {
    min: 0,
    max: 100_000,
    description: "Time before the first operation in which nothing is left to choice, in ms.",
  }),
  maxSchedules: number(1_000_000, {
    min: 1,
    max: 1e9,
    whole: true,
    description: "Maximum number of schedules per number of operations.",
  }),
  timeLimit: number(600, { min: 0.1, max: 1e6, description: "Maximum duration, in s." }),
  sample: number(0, {
    min: 0,
    max: 1e9,
    whole: true,
    description: "Number of random schedules, instead of all: with --operations operations at once.",
  }),
  depth: number(2, {
    min: 1,
    max: 10,
    whole: true,
    description: "Number of steps whose order makes a failure, for the guarantee of --sample.",
  }),
  seed: number(1, {
    min: 0,
    max: 2 ** 53,
    whole: true,
    description: "Seed of the operations and of the nodes.",
  }),
  module: text({ syntax: "FILE", description: "Node module, instead of the built-in node." }),
  noData: flag(false, { description: "Gives nodes no disk, even when they are killed." }),
  store: text({ syntax: "DIR", description: "Directory for a failing schedule. Default: store." }),
  json: flag(false, { description: "Prints the result as JSON, and nothing else, on stdout." }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** The outcome of one number of operations. */
interface Stage extends ExplorationOutcome {
  readonly operations: number;
  readonly seconds: number;
}

/** Runs the command and returns its exit status. */
export async function exploreCommand(args: readonly string[]): Promise<number> {
  const { own, nodeArguments } = splitArguments(args);
  const given = new Set<string>();
  const values = parseSettings(settings, own, { alias: OPTION_ALIASES, given });
  if (values.help) {
    say(usage());
    return 0;
  }
  const test = testOf(values, given);
  const interruption = new Interruption();
  const worker = new BenchWorker();
  const stages: Stage[] = [];
  const endsAt = performance.now() + values.timeLimit * 1000;
  try {
    for (
      let operations = values.sample > 0 ? values.operations : 1;
      operations <= values.operations;
      operations++
    ) {
      const job = jobOf(values, { test, nodeArguments, operations, endsAt });
      const began = performance.now();
      const exploring = (counts: ExplorationOutcome) => {
        if (!values.json) say(`${head(operations)}${countsText(counts)} so far`, "stderr");
      };
      const ran = await interruption.orSignal(worker.run(job, { exploring }));
      if (ran === undefined || interruption.signal !== undefined) break;
      const { exploration } = ran;
      // A node that hangs ends the exploration without an outcome.
      if (exploration === undefined) return await failed(job, ran, { args, values, stages });
      const stage = { ...exploration, operations, seconds: (performance.now() - began) / 1000 };
      stages.push(stage);
      if (exploration.steps !== undefined) return await failed(job, ran, { args, values, stages });
      if (!values.json) say(stageText(stage, values.depth));
      if (!exploration.exhausted) break; // a sample, too
    }
  } finally {
    worker.stop();
    interruption.end();
  }
  const isTested = stages.some(({ hasSucceeded }) => hasSucceeded);
  if (!isTested && !values.json) {
    say(
      "No operation succeeded in any schedule: nothing was tested. Try another --seed, or more --operations.",
    );
  }
  if (values.json) {
    say(JSON.stringify({ valid: (isTested && isComplete(stages, values)) || "unknown", stages }));
  }
  if (interruption.signal !== undefined) return SIGNAL_STATUS[interruption.signal];
  return isTested && isComplete(stages, values) ? EXIT.valid : EXIT.unknown;
}

/** Returns true if all that was asked for has run. */
function isComplete(
  stages: readonly Stage[],
  { operations, sample }: Pick<Values<typeof settings>, "operations" | "sample">,
): boolean {
  if (sample > 0) return stages[0]?.schedules === sample;
  return stages.length === operations && stages.every(({ exhausted }) => exhausted);
}

/** Reports a failing schedule, and returns the exit status. */
async function failed(
  job: VirtualJob,
  found: JobResult,
  { args, values, stages }: {
    readonly args: readonly string[];
    readonly values: Values<typeof settings>;
    readonly stages: readonly Stage[];
  },
): Promise<number> {
  const steps = found.exploration?.steps ?? [];
  const { exploration } = job;
  const replayed = exploration === undefined ? job : { ...job, exploration: { ...exploration, steps } };
  const ran = await withMessages(replayed, found);
  const recorded = seedCaseOf(replayed, ran);
  const { directory } = keepFailure(values.store ?? STORE_DEFAULT, {
    command: "sweep",
    argv: args,
    recorded,
    ran,
  });
  await writeCaseReport(directory, recorded);
  if (values.json) {
    say(JSON.stringify({ valid: false, stages, steps, case: `${directory}/case.json` }));
    return EXIT.invalid;
  }
  const last = stages.at(-1);
  if (last !== undefined) say(`${head(last.operations)}one of ${countsText(last)} fails.`);
  say("");
  for (const line of narrate(recorded, parseHistory(ran.history ?? [], { cutOff: "drop" }), ran.messages)) {
    say(line);
  }
  say("");
  const { test, seed } = job;
  const findings = findingsOfJob(test, ran);
  for (
    const line of summarize(ran.result, { test, seed, style: styleFor("stdout"), store: directory, findings })
  ) {
    say(line);
  }
  say(`To replay it byte for byte: ${programName()} replay ${directory}/case.json`);
  return verdictForSweep(ran.result) === false ? EXIT.invalid : EXIT.unknown;
}

/** Runs a schedule again and keeps its messages. A node that hangs is not run again. */
async function withMessages(job: VirtualJob, found: JobResult): Promise<JobResult> {
  if (found.exploration === undefined) return found;
  const worker = new BenchWorker();
  try {
    return await worker.run({ ...job, keepMessages: true });
  } finally {
    worker.stop();
  }
}

function testOf(
  values: Values<typeof settings>,
  given: ReadonlySet<string>,
): TestOptions {
  const { workload, nodeCount, keyCount, consistencyModels, module, invariant } = values;
  const { progressWithin = SWEEP_PROGRESS_S } = values;
  const { test } = makeTest({
    workload,
    nodeCount,
    keyCount,
    consistencyModels,
    progressWithin,
    invariant,
    virtual: true,
  });
  const claimed = module === undefined && !given.has("consistencyModels")
    ? modelsClaimedBy(test.workload)
    : undefined;
  return { ...test, consistencyModels: claimed ?? test.consistencyModels };
}

function jobOf(
  values: Values<typeof settings>,
  { test, nodeArguments, operations, endsAt }: {
    readonly test: TestOptions;
    readonly nodeArguments: readonly string[];
    readonly operations: number;
    readonly endsAt: number;
  },
): VirtualJob {
  const { drops, duplicates, crashes, timeouts, settleMs, maxSchedules, sample, depth } = values;
  return {
    kind: "virtual",
    test,
    seed: values.seed,
    nodeArguments,
    module: values.module,
    storage: crashes > 0 && !values.noData,
    exploration: {
      bounds: { drops, duplicates, crashes, timeouts },
      operationCount: operations,
      settleMs,
      ...(sample === 0 ? {} : { sample: { schedules: sample, depth } }),
      executionsMax: maxSchedules,
      timeLimitMs: Math.max(0, endsAt - performance.now()),
    },
    keepHistory: "always",
    keepMessages: false,
  };
}

function head(operations: number): string {
  return `${plural(operations, "operation")}: `;
}

function countsText({ schedules, pruned }: ExplorationOutcome): string {
  return `${plural(schedules, "schedule")}${pruned === 0 ? "" : ` and ${pruned} pruned`}`;
}

function stageText(stage: Stage, failureDepth: number): string {
  const { operations, schedules, pruned, depth, exhausted, seconds } = stage;
  const rate = Math.round((schedules + pruned) / seconds);
  if (stage.probability !== undefined) {
    return `${head(operations)}${
      plural(schedules, "random schedule")
    }: no anomaly. A failure of depth ${failureDepth} is found ` +
      `with a probability of at least ${(stage.probability * 100).toPrecision(3)} % (${
        plural(depth, "step")
      }, ${seconds.toFixed(1)} s, ${rate} per second)`;
  }
  const all = exhausted ? `all ${countsText(stage)}` : `the first ${countsText(stage)}, not all`;
  return `${head(operations)}${all}: no anomaly (at most ${plural(depth, "step")}, ${
    seconds.toFixed(1)
  } s, ${rate} per second)`;
}

function usage(): string {
  return [
    "Usage: charybdis explore -w WORKLOAD --node-count 3 --operations 4 [options] [-- arguments of the node]",
    "",
    "Runs a small cluster under every order of deliveries, timers and faults within the bounds. Begins with one operation,",
    "and then adds one at a time, so that the first failing schedule has the fewest. Orders that differ only in independent",
    "steps count as one.",
    "",
    describeSettings(settings),
    "",
    VERDICT_STATUSES,
  ].join("\n");
}
