/**
 * The command `charybdis tradeoff`, which measures a node's messages and latency by interval and fan-out.
 *
 * Tested by `tests/bench/tradeoff/command_test.ts`.
 */

import { settings as nodeSettings } from "../../../nodes/broadcast.ts";
import {
  ArgumentError,
  custom,
  describeSettings,
  flag,
  list,
  number,
  parseSettings,
  text,
  wrap,
} from "../../runtime/settings.ts";
import { mergeValidity } from "../../checkers/result.ts";
import { say, styleFor } from "../terminal/output.ts";
import { ensureFolder, writeText } from "../store/files.ts";
import { seedsSetting } from "../sweep/settings.ts";
import { STORE_DEFAULT } from "../store/run_store.ts";
import { exitStatus } from "../exit_status.ts";
import { boundsOf } from "../tradeoff/bounds.ts";
import {
  type Conditions,
  configurationsOf,
  type Dissemination,
  DISSEMINATIONS,
  measure,
  type Measurement,
} from "../tradeoff/measurements.ts";
import { describeConditions, failureLines, tableLines } from "../tradeoff/table.ts";
import { tradeoffPage } from "../tradeoff/page.ts";
import { showProgress } from "../tradeoff/progress.ts";
import { programName } from "./program_name.ts";
import { asksForConsensus, tradeoffConsensusCommand } from "./tradeoff_consensus.ts";

/** The line of challenges 3d and 3e. */
const NODE_COUNT_DEFAULT = 25;
const RATE_DEFAULT = 100;
const LATENCY_BUDGETS_MS_DEFAULT: readonly number[] = [250, 400, 550, 800, 1200, 1900, 3000];
const STRATEGIES_DEFAULT: readonly Dissemination[] = [
  "hub",
  "direct",
  "tree4",
  "tree3",
  "tree2",
  "grid",
  "line",
];
/** The same with growing clusters. Nodes have the arguments of 3e and a higher rate of operations. */
const GROWING_RATE_DEFAULT = 1000;
const GROWING_LATENCY_BUDGETS_MS_DEFAULT: readonly number[] = [1900];
const GROWING_STRATEGIES_DEFAULT: readonly Dissemination[] = ["hub"];
const SEEDS_DEFAULT = { from: 1, to: 3 } as const;
const SEEDS_MAX = 1000;
/** The path of the page. */
const PAGE_DEFAULT = `${STORE_DEFAULT}/tradeoff.html`;
const GROWING_PAGE_DEFAULT = `${STORE_DEFAULT}/tradeoff-nodes.html`;

const settings = {
  maxLatencyMs: list<number>([], {
    syntax: "MS,…",
    description:
      `Latency bounds to try. Each sets the maximum age of an update, and thus the node's waiting time ` +
      `between rounds. Form of each: ${nodeSettings.maxLatencyMs.syntax}. Default: ${LATENCY_BUDGETS_MS_DEFAULT}; with --node-counts ${GROWING_LATENCY_BUDGETS_MS_DEFAULT}.`,
    parse: (item) => nodeSettings.maxLatencyMs.parse(item),
  }),
  strategies: list<Dissemination>([], {
    syntax: "STRATEGY,…",
    description:
      `Dissemination strategies: ${
        DISSEMINATIONS.join(", ")
      }. In a topology each node sends to its neighbors, so that a topology determines ` +
      `a fan-out. Default: ${STRATEGIES_DEFAULT}; with --node-counts ${GROWING_STRATEGIES_DEFAULT}.`,
    parse: (item) => DISSEMINATIONS.find((strategy) => strategy === item),
  }),
  nodeCount: custom({
    syntax: "2…1000",
    description: `Number of nodes. Default: ${NODE_COUNT_DEFAULT}.`,
    parse: nodeCount,
  }),
  nodeCounts: list<number>([], {
    syntax: "N,N,…",
    description: "Numbers of nodes, separated by commas: shows the cost of a growing cluster.",
    parse: nodeCount,
  }),
  rate: custom({
    syntax: "1…100000",
    description: "Operations per second, over all clients. " +
      `Default: ${RATE_DEFAULT}; with --node-counts ${GROWING_RATE_DEFAULT}.`,
    parse: (given) => number(0, { min: 1, max: 100_000, description: "" }).parse(given),
  }),
  latency: number(100, { min: 0, max: 60_000, description: "Message latency between nodes, in ms." }),
  timeLimit: number(20, { min: 1, max: 3600, description: "Duration of the main phase, in seconds." }),
  seeds: {
    ...seedsSetting,
    description: `Seeds for each point. Default: ${SEEDS_DEFAULT.from}..${SEEDS_DEFAULT.to}.`,
  },
  jobs: number(navigator.hardwareConcurrency, {
    min: 1,
    max: 256,
    whole: true,
    description: "Number of concurrent runs.",
  }),
  output: text({
    syntax: "FILE",
    description:
      `File for the page with the plots. Default: ${PAGE_DEFAULT}; with --node-counts ${GROWING_PAGE_DEFAULT}.`,
  }),
  json: flag(false, { description: "Prints the points as JSON, and nothing else, on stdout." }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Runs the command and returns the exit status of all its runs. */
export async function tradeoffCommand(args: readonly string[]): Promise<number> {
  if (asksForConsensus(args)) return await tradeoffConsensusCommand(args);
  const values = parseSettings(settings, args);
  if (values.help) {
    say(usage());
    return 0;
  }
  const growing = values.nodeCounts.length > 0;
  if (growing && values.nodeCount !== undefined) {
    throw new ArgumentError(
      "--node-count and --node-counts exclude each other: name all counts in the latter",
    );
  }
  const { from, to } = values.seeds ?? SEEDS_DEFAULT;
  if (to - from >= SEEDS_MAX) throw new ArgumentError(`--seeds names more than ${SEEDS_MAX} seeds`);
  const conditions: Conditions = {
    rate: values.rate ?? (growing ? GROWING_RATE_DEFAULT : RATE_DEFAULT),
    latencyMs: values.latency,
    timeLimitS: values.timeLimit,
    seeds: Array.from({ length: to - from + 1 }, (_, i) => from + i),
  };
  const configurations = configurationsOf({
    strategies: orDefault(values.strategies, growing ? GROWING_STRATEGIES_DEFAULT : STRATEGIES_DEFAULT),
    nodeCounts: growing ? values.nodeCounts : [values.nodeCount ?? NODE_COUNT_DEFAULT],
    latencyBudgetMs: orDefault(
      values.maxLatencyMs,
      growing ? GROWING_LATENCY_BUDGETS_MS_DEFAULT : LATENCY_BUDGETS_MS_DEFAULT,
    ),
  });
  const measurements = await measure(configurations, {
    conditions,
    jobs: values.jobs,
    progress: showProgress,
  });
  const bounds = growing ? [] : boundsOf(conditions, measurements[0]?.nodes ?? 0);
  const page = values.output ?? (growing ? GROWING_PAGE_DEFAULT : PAGE_DEFAULT);
  if (values.json) say(JSON.stringify(resultMap({ conditions, measurements, page })));
  else {
    for (const row of wrap(`${describeConditions(conditions, measurements)}.`, 80)) say(row);
    for (const row of tableLines(measurements, { bounds, style: styleFor("stdout") })) say(row);
    for (const row of failureLines(measurements, programName())) say(row);
  }
  if (values.output === undefined) ensureFolder(STORE_DEFAULT);
  writeText(
    page,
    tradeoffPage({ conditions, measurements, bounds, command: ["charybdis", "tradeoff", ...args].join(" ") }),
  );
  if (!values.json) say(`plots in ${page}`);
  return exitStatus(mergeValidity(measurements.map(({ valid }) => valid)));
}

/** Returns the output of `--json`. Missing figures are null. */
function resultMap(
  { conditions, measurements, page }: {
    readonly conditions: Conditions;
    readonly measurements: readonly Measurement[];
    readonly page: string;
  },
): Readonly<Record<string, unknown>> {
  return {
    conditions: {
      rate: conditions.rate,
      "latency-ms": conditions.latencyMs,
      "time-limit-s": conditions.timeLimitS,
      seeds: conditions.seeds,
    },
    measurements: measurements.map((measurement) => ({
      strategy: measurement.strategy,
      nodes: measurement.nodes,
      "fan-out": measurement.fanOut,
      "max-latency-ms": measurement.latencyBudgetMs ?? null,
      valid: measurement.valid,
      "msgs-per-op": measurement.messagesPerOperation,
      "stable-latency-ms": { "0.5": measurement.medianMs, "1": measurement.longestMs },
      frontier: measurement.frontierMessages ?? null,
      arguments: measurement.arguments,
    })),
    page,
  };
}

function orDefault<T>(given: readonly T[], initial: readonly T[]): readonly T[] {
  return given.length === 0 ? initial : given;
}

function nodeCount(given: string): number | undefined {
  return number(0, { min: 2, max: 1000, whole: true, description: "" }).parse(given);
}

function usage(): string {
  return [
    "Usage: charybdis tradeoff [options]",
    "       charybdis tradeoff --consensus [ENGINE,…] [options]",
    "",
    "Shows the effect of the gossip interval on latency: runs challenge 3d's line with the built-in broadcast node in",
    "virtual time, over a range of intervals and fan-outs, and prints messages per operation, the median and the",
    "longest stable latency, and the frontier: a derived lower bound on the messages for such a latency.",
    "",
    describeSettings(settings),
    "",
    "With --consensus it compares consensus engines instead, and takes other options: see tradeoff --consensus --help.",
    "",
    "Exit status: 0 all runs valid, 1 one invalid, 2 one unknown, 254 wrong arguments, 255 the bench failed.",
  ].join("\n");
}
