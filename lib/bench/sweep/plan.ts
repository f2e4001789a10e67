/** The options of a sweep, and the run of each seed. Tested by `tests/bench/sweep/merge_test.ts`. */

import { flag, number, parseSettings, text, type Values } from "../../runtime/settings.ts";
import { modelsClaimedBy } from "../cluster/builtin_nodes.ts";
import { needDisk } from "../nemesis/faults.ts";
import { splitArguments } from "../run/node_arguments.ts";
import {
  OPTION_ALIASES,
  runSettings,
  SWEEP_PROGRESS_S,
  type TestOptions,
  testOptions,
  testSettings,
} from "../run/options.ts";
import type { VirtualJob } from "../worker/job.ts";
import { explicitOptions, randomizeOptions } from "./random_options.ts";
import { seedsSetting } from "./settings.ts";

/** One of this number of seeds also runs with messages as text, which shows nodes that share state through messages. */
const TEXT_SEEDS = 100;

/** The options of a sweep. */
export const sweepSettings = {
  ...testSettings,
  seeds: seedsSetting,
  jobs: number(navigator.hardwareConcurrency, {
    min: 1,
    max: 256,
    whole: true,
    description: "Number of concurrent runs.",
  }),
  shard: text({
    syntax: "I/N",
    description: "Shard of the seeds to run: 3/16, or auto (from the environment).",
  }),
  keepGoing: flag(false, { description: "Does not stop at the first seed that is not valid." }),
  checkDeterminism: flag(false, {
    description: "Runs each seed twice, and names the first event that differs and its probable cause.",
  }),
  guided: flag(false, {
    description:
      "Chooses the settings of each seed by what earlier seeds reached: rare states, messages and outcomes.",
  }),
  shrinkTries: number(400, {
    min: 0,
    max: 100_000,
    whole: true,
    description: "Maximum number of smaller runs tried to shrink a failing run; 0 keeps it as it is.",
  }),
  module: text({ syntax: "FILE", description: "Node module, instead of the built-in node." }),
  noData: flag(false, { description: "Gives nodes no disk, even when they are killed." }),
  store: text({
    syntax: "DIR",
    description: "Directory for failing runs and a shard's result. Default: store.",
  }),
  fileLimitMb: runSettings.fileLimitMb,
  json: flag(false, { description: "Prints the result as JSON, and nothing else, on stdout." }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Returns the run of each seed of the sweep that a command line requests. Throws `ArgumentError`. */
export function jobsOf(args: readonly string[]): (seed: number) => VirtualJob {
  return planSweep(parseSweep(args)).job;
}

/** The command line of a sweep. */
export interface ParsedSweep {
  readonly values: Values<typeof sweepSettings>;
  /** The options that the command line gives, which no seed changes. */
  readonly fixed: ReadonlySet<string>;
  readonly nodeArguments: readonly string[];
}

/** Reads the command line of a sweep. Throws `ArgumentError`. */
export function parseSweep(args: readonly string[]): ParsedSweep {
  const { own, nodeArguments } = splitArguments(args);
  const given = new Set<string>();
  const values = parseSettings(sweepSettings, own, { alias: OPTION_ALIASES, given });
  return { values, fixed: explicitOptions(given), nodeArguments };
}

/** The runs of a sweep. */
export interface SweepPlan {
  /** The test without the draws of a seed. */
  readonly base: TestOptions;
  /** Returns the run of a seed. `shape` is the seed that draws the settings; by default, it is the same. */
  readonly job: (seed: number, shape?: number) => VirtualJob;
}

/** Returns the runs of a sweep. Throws `ArgumentError`. */
export function planSweep({ values, fixed, nodeArguments }: ParsedSweep): SweepPlan {
  const { progressWithin = SWEEP_PROGRESS_S } = values;
  const asked = testOptions({ ...values, progressWithin }, { lenient: !fixed.has("concurrency") });
  // A built-in node must satisfy the models that it claims, unless the command line requests others.
  const claimed = values.module === undefined && !fixed.has("consistencyModels")
    ? modelsClaimedBy(asked.workload)
    : undefined;
  const base: TestOptions = {
    ...asked,
    consistencyModels: claimed ?? asked.consistencyModels,
  };
  const job = (seed: number, shape = seed): VirtualJob => {
    const test = randomizeOptions(base, { seed: shape, fixed, concurrency: values.concurrency });
    return {
      kind: "virtual",
      test,
      seed,
      nodeArguments,
      module: values.module,
      storage: needDisk(test.faults) && !values.noData,
      keepHistory: "invalid",
      // A run whose module hangs is not repeated. Messages of modules are text in any case.
      keepMessages: values.module !== undefined,
      keepCoverage: true,
      fileLimitMb: values.fileLimitMb,
      form: seed % TEXT_SEEDS === 0 ? "both" : "objects",
    };
  };
  return { base, job };
}
