/** The options of `charybdis explore`, and the exploration that they describe. Tested by `tests/bench/explore/command_test.ts`. */

import {
  ArgumentError,
  custom,
  describeSettings,
  flag,
  number,
  parseSettings,
  text,
  type Values,
} from "../../runtime/settings.ts";
import { modelsClaimedBy } from "../cluster/builtin_nodes.ts";
import type { ExplorationSpec } from "../explore/exploration.ts";
import { readFrontier, type SavedExploration } from "../explore/frontier_file.ts";
import { makeTest } from "../run/command_line.ts";
import { splitArguments } from "../run/node_arguments.ts";
import { OPTION_ALIASES, SWEEP_PROGRESS_S, type TestOptions, testSettings } from "../run/options.ts";
import { parseShard, type Shard } from "../sweep/shards.ts";
import type { VirtualJob } from "../worker/job.ts";
import { VERDICT_STATUSES } from "./exit_statuses.ts";

/** The time in which a cluster settles before the first operation, in ms: Raft elects its first leader. */
const SETTLE_MS_DEFAULT = 1000;
const COUNT_MAX = 100;

const count = (byDefault: number, description: string) =>
  number(byDefault, { min: 0, max: COUNT_MAX, whole: true, description });

/** The options of the command. */
export const settings = {
  workload: testSettings.workload,
  nodeCount: number(3, { min: 1, max: 9, whole: true, description: "Number of nodes." }),
  consistencyModels: testSettings.consistencyModels,
  keyCount: testSettings.keyCount,
  concurrency: testSettings.concurrency,
  operations: number(3, {
    min: 1,
    max: COUNT_MAX,
    whole: true,
    description: "Maximum number of operations.",
  }),
  drops: count(0, "Number of messages between nodes that are lost."),
  duplicates: count(0, "Number of messages between nodes that arrive twice."),
  crashes: count(0, "Number of nodes that are killed, and start again at once."),
  partitions: count(0, "Number of partitions of the network into two sides, each of which is healed."),
  timeouts: count(0, "Number of timers that fire while messages are on their way."),
  clockDrift: number(0, {
    min: 0,
    max: 0.9,
    description: "Maximum error of the rate of a node's clock: 0.05 for 5 %.",
  }),
  progressWithin: custom({
    syntax: "SECONDS",
    description: "Time after the last step within which every operation must end; 0 for no check. " +
      `Default: ${SWEEP_PROGRESS_S} s.`,
    parse: testSettings.progressWithin.parse,
  }),
  invariant: testSettings.invariant,
  checkTimeout: testSettings.checkTimeout,
  checkMemory: testSettings.checkMemory,
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
  jobs: number(navigator.hardwareConcurrency, {
    min: 1,
    max: 256,
    whole: true,
    description: "Number of cores that search.",
  }),
  shard: text({
    syntax: "I/N",
    description: "Shard of the schedules to run: 3/16, or auto (from the environment).",
  }),
  resume: text({
    syntax: "FILE",
    description:
      "Continues an exploration that reached a limit: the explore.json in its store. Other options replace its own.",
  }),
  timeLimit: number(600, { min: 0.1, max: 1e6, description: "Maximum duration, in s." }),
  states: flag(false, {
    description:
      "Visits each state once, instead of each order, on one core. Nodes must watch all of their state.",
  }),
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

/** A job that explores. */
export type ExplorationJob = VirtualJob & { readonly exploration: ExplorationSpec };

/** An exploration that a command line or a file describes. */
export interface Task {
  readonly args: readonly string[];
  readonly values: Values<typeof settings>;
  readonly nodeArguments: readonly string[];
  readonly test: TestOptions;
  readonly shard: Shard;
  /** The file of what is done, if the exploration continues one. */
  readonly resumed: SavedExploration | undefined;
  readonly endsAt: number;
}

/** Returns the exploration of a command line, or of the file that it names. */
export function taskOf(given: readonly string[]): Task {
  const began = performance.now();
  const { resume } = parseSettings(settings, splitArguments(given).own, { alias: OPTION_ALIASES });
  const resumed = resume === undefined ? undefined : readFrontier(resume);
  const before = splitArguments(resumed?.args ?? []);
  const now = splitArguments(given);
  const own = [...before.own, ...now.own];
  const nodeArguments = now.nodeArguments.length > 0 ? now.nodeArguments : before.nodeArguments;
  const keys = new Set<string>();
  const values = parseSettings(settings, own, { alias: OPTION_ALIASES, given: keys });
  if (values.states && (values.sample > 0 || values.shard !== undefined)) {
    throw new ArgumentError("--states visits every state on one core. Leave out --sample and --shard");
  }
  return {
    args: nodeArguments.length === 0 ? own : [...own, "--", ...nodeArguments],
    values,
    nodeArguments,
    test: testOf(values, keys),
    shard: values.shard === undefined
      ? { index: 1, total: 1 }
      : parseShard(values.shard, (name) => Deno.env.get(name)),
    resumed,
    endsAt: began + values.timeLimit * 1000,
  };
}

function testOf(
  values: Values<typeof settings>,
  given: ReadonlySet<string>,
): TestOptions {
  const { workload, nodeCount, keyCount, concurrency, consistencyModels, module, invariant } = values;
  const { progressWithin = SWEEP_PROGRESS_S, checkTimeout, checkMemory } = values;
  const { test } = makeTest({
    workload,
    nodeCount,
    keyCount,
    concurrency,
    consistencyModels,
    progressWithin,
    invariant,
    checkTimeout,
    checkMemory,
    virtual: true,
  });
  const claimed = module === undefined && !given.has("consistencyModels")
    ? modelsClaimedBy(test.workload)
    : undefined;
  return { ...test, consistencyModels: claimed ?? test.consistencyModels };
}

/** Returns the job of a number of operations. */
export function jobOf({ values, test, nodeArguments, endsAt }: Task, operations: number): ExplorationJob {
  const { drops, duplicates, crashes, partitions, timeouts, settleMs, clockDrift } = values;
  const { maxSchedules, states } = values;
  return {
    kind: "virtual",
    test,
    seed: values.seed,
    nodeArguments,
    module: values.module,
    storage: crashes > 0 && !values.noData,
    exploration: {
      bounds: { drops, duplicates, crashes, partitions, timeouts },
      operationCount: operations,
      settleMs,
      ...(clockDrift === 0 ? {} : { clockDrift }),
      ...(states ? { states } : {}),
      executionsMax: maxSchedules,
      timeLimitMs: Math.max(0, endsAt - performance.now()),
    },
    keepHistory: "always",
    keepMessages: false,
  };
}

/** Returns the help of the command. */
export function usage(): string {
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
