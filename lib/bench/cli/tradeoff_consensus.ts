/**
 * The command `charybdis tradeoff --consensus`, which measures consensus engines side by side.
 *
 * Tested by `tests/bench/tradeoff/consensus/command_test.ts`.
 */

import {
  ArgumentError,
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
import { ENGINE_NAMES, type EngineName } from "../tradeoff/consensus/engines.ts";
import type { ConsensusMeasurement } from "../tradeoff/consensus/figures.ts";
import { measureConsensus } from "../tradeoff/consensus/measure.ts";
import { REGIONS_SOURCE } from "../tradeoff/consensus/networks.ts";
import { consensusPage } from "../tradeoff/consensus/page.ts";
import {
  CONFLICTS_PERCENT,
  type ConsensusConditions,
  RATE_FACTOR,
  setupsOf,
} from "../tradeoff/consensus/setups.ts";
import { describeFaults, describeLoad, figureLines, tablesOf } from "../tradeoff/consensus/tables.ts";
import { showProgress } from "../tradeoff/progress.ts";

const SEEDS_DEFAULT = { from: 1, to: 3 } as const;
const SEEDS_MAX = 1000;
/** The width of the text above the tables. */
const TEXT_WIDTH = 100;
/** The path of the page. */
const PAGE_DEFAULT = `${STORE_DEFAULT}/tradeoff-consensus.html`;

const settings = {
  consensus: list<EngineName>(ENGINE_NAMES, {
    syntax: "ENGINE,…",
    description: `Engines: ${
      ENGINE_NAMES.join(", ")
    }. Raft and EPaxos run lin-kv; Accord runs txn-list-append, with one operation per transaction.`,
    parse: (item) => ENGINE_NAMES.find((name) => name === item),
  }),
  rate: number(100, {
    min: 1,
    max: 10_000,
    description:
      `Operations per second, over all clients. Messages are also counted at ${RATE_FACTOR} times this rate.`,
  }),
  latency: number(100, { min: 1, max: 1000, description: "Latency of uniform links, in ms." }),
  timeLimit: number(8, { min: 2, max: 600, description: "Measured time of each run, in seconds." }),
  reads: number(10, {
    min: 0,
    max: 100,
    description: "Share of operations that read, in percent. The others write.",
  }),
  seeds: {
    ...seedsSetting,
    description:
      `Seeds for each figure, which is their median. Default: ${SEEDS_DEFAULT.from}..${SEEDS_DEFAULT.to}.`,
  },
  jobs: number(navigator.hardwareConcurrency, {
    min: 1,
    max: 256,
    whole: true,
    description: "Number of concurrent runs.",
  }),
  output: text({
    syntax: "FILE",
    description: `File for the page with the plots. Default: ${PAGE_DEFAULT}.`,
  }),
  json: flag(false, { description: "Prints the figures as JSON, and nothing else, on stdout." }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Returns true if these arguments of `tradeoff` ask for consensus engines. */
export function asksForConsensus(args: readonly string[]): boolean {
  return args.some((arg) => arg === OPTION || arg.startsWith(`${OPTION}=`));
}

const OPTION = "--consensus";

/** Runs the command and returns the exit status of all its runs. */
export async function tradeoffConsensusCommand(args: readonly string[]): Promise<number> {
  const values = parseSettings(settings, withEngines(args));
  if (values.help) {
    say(usage());
    return 0;
  }
  const { from, to } = values.seeds ?? SEEDS_DEFAULT;
  if (to - from >= SEEDS_MAX) throw new ArgumentError(`--seeds names more than ${SEEDS_MAX} seeds`);
  const conditions: ConsensusConditions = {
    rate: values.rate,
    latencyMs: values.latency,
    timeLimitS: values.timeLimit,
    readPercent: values.reads,
    seeds: Array.from({ length: to - from + 1 }, (_, i) => from + i),
  };
  const measurements = await measureConsensus(setupsOf([...new Set(values.consensus)], conditions), {
    conditions,
    jobs: values.jobs,
    progress: showProgress,
  });
  const page = values.output ?? PAGE_DEFAULT;
  if (values.json) say(JSON.stringify(resultMap({ conditions, measurements, page })));
  else for (const line of outputLines(conditions, measurements)) say(line);
  if (values.output === undefined) ensureFolder(STORE_DEFAULT);
  const command = ["charybdis", "tradeoff", ...args].join(" ");
  writeText(page, consensusPage({ conditions, measurements, command }));
  if (!values.json) say(`plots in ${page}`);
  return exitStatus(mergeValidity(measurements.map(({ valid }) => valid)));
}

/** Names all engines if the option has no value. */
function withEngines(args: readonly string[]): string[] {
  return args.map((arg, i) => {
    const after = args[i + 1];
    const hasValue = after !== undefined && !after.startsWith("-");
    return arg === OPTION && !hasValue ? `${OPTION}=${ENGINE_NAMES.join(",")}` : arg;
  });
}

function outputLines(
  conditions: ConsensusConditions,
  measurements: readonly ConsensusMeasurement[],
): string[] {
  const style = styleFor("stdout");
  return [
    ...wrap(`${describeLoad(conditions)}. ${describeFaults(conditions)}`, TEXT_WIDTH),
    ...wrap(
      `Regions: CA Canada, IE Ireland, US California, SG Singapore, BR São Paulo: ${REGIONS_SOURCE}.`,
      TEXT_WIDTH,
    ),
    ...tablesOf(measurements, conditions).flatMap((table) => ["", table.title, ...figureLines(table, style)]),
    "",
  ];
}

/** Returns the output of `--json`. Missing figures are null. */
function resultMap(
  { conditions, measurements, page }: {
    readonly conditions: ConsensusConditions;
    readonly measurements: readonly ConsensusMeasurement[];
    readonly page: string;
  },
): Readonly<Record<string, unknown>> {
  return {
    conditions: {
      rate: conditions.rate,
      "latency-ms": conditions.latencyMs,
      "time-limit-s": conditions.timeLimitS,
      "reads-percent": conditions.readPercent,
      seeds: conditions.seeds,
    },
    measurements: measurements.map((measurement) => ({
      engine: measurement.engine,
      network: measurement.network,
      "conflicts-percent": measurement.conflictPercent,
      scenario: measurement.scenario,
      rate: measurement.rate,
      valid: measurement.valid,
      "write-latency-ms": { "0.5": measurement.medianMs, "0.99": measurement.p99Ms },
      "read-latency-ms": { "0.5": measurement.readMedianMs },
      "longest-latency-ms": measurement.longestMs,
      nodes: measurement.nodes.map((node) =>
        node === undefined
          ? null
          : { "write-latency-ms": { "0.5": node.medianMs, "0.99": node.p99Ms }, "pause-ms": node.pauseMs }
      ),
      "pause-ms": measurement.pauseMs,
      "offered-per-s": measurement.offeredPerS,
      "completed-per-s": measurement.completedPerS,
      "failed-fraction": measurement.failedShare,
      "msgs-per-op": measurement.messagesPerOperation,
      "completed-per-s-over-time": measurement.completions,
    })),
    page,
  };
}

function usage(): string {
  return [
    "Usage: charybdis tradeoff --consensus [ENGINE,…] [options]",
    "",
    "Compares consensus engines in virtual time: five nodes, on uniform links and in five regions, with " +
    `${CONFLICTS_PERCENT.join(", ")} %`,
    "of operations on one common key, and with a dead node, a slow node, and a node that dies. Prints the latency at",
    "each node, the completed and failed operations, the longest pause, and the messages per operation.",
    "",
    describeSettings(settings),
    "",
    "Exit status: 0 all runs valid, 1 one invalid, 2 one unknown, 254 wrong arguments, 255 the bench failed.",
  ].join("\n");
}
