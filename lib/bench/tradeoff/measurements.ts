/** The points of the trade-off: one strategy and one allowed latency each, on one cluster. */

import { mergeValidity, type Validity } from "../../checkers/result.ts";
import type { JobResult } from "../worker/job.ts";
import { parseResult } from "../store/parse_result.ts";
import { type GivenOptions, makeTest, printTest } from "../run/command_line.ts";
import { BenchWorker } from "../worker/handle.ts";
import { makeTopology, TOPOLOGY_NAMES } from "../workloads/topologies.ts";
import { findingsOf } from "../findings/findings.ts";
import { namesOf } from "../findings/job_findings.ts";
import { frontier, type Load } from "./frontier.ts";

/** The strategies: through a hub, directly to every node, or along a topology with its fan-out. */
export const DISSEMINATIONS = ["hub", "direct", ...TOPOLOGY_NAMES.filter((name) => name !== "tree")] as const;

/** One of {@linkcode DISSEMINATIONS}. */
export type Dissemination = typeof DISSEMINATIONS[number];

/** Fraction of a broadcast test's operations that are values; the others are reads. */
const VALUE_FRACTION = 0.5;

/** Settings shared by all points. */
export interface Conditions {
  /** Operations per second, over all clients, with one client per node. */
  readonly rate: number;
  /** Latency between nodes, in ms. */
  readonly latencyMs: number;
  readonly timeLimitS: number;
  readonly seeds: readonly number[];
}

/** Set-up of one point. */
export interface Configuration {
  readonly strategy: Dissemination;
  readonly nodes: number;
  /** The node's `--max-latency-ms`, which sets the interval. Undefined for direct sends, which have none. */
  readonly latencyBudgetMs: number | undefined;
}

/** Measurements of one set-up, over all seeds. */
export interface Measurement extends Configuration {
  /** Maximum number of nodes that one node sends to. */
  readonly fanOut: number;
  readonly valid: Validity;
  /** Server messages per operation: the median over the seeds. */
  readonly messagesPerOperation: number;
  /** Median stable latency, in ms: the median over the seeds. NaN if no value became stable. */
  readonly medianMs: number;
  /** Longest stable latency, in ms: the worst over the seeds. NaN if no value became stable. */
  readonly longestMs: number;
  /** The frontier at that longest latency, in messages per operation; undefined if there is none. */
  readonly frontierMessages: number | undefined;
  /** Arguments of `charybdis test` that repeat the run, except for the seed. */
  readonly arguments: readonly string[];
  /** The first seed whose run is not valid, and what was found in it; undefined if all are valid. */
  readonly failure: { readonly seed: number; readonly found: string } | undefined;
}

/** Returns the load of a test on a cluster of this size. The final reads, one per client, are operations too. */
export function loadOf({ rate, latencyMs, timeLimitS }: Conditions, nodes: number): Load {
  return {
    nodes,
    hopMs: latencyMs,
    valuesPerS: rate * VALUE_FRACTION,
    operationsPerS: rate + nodes / timeLimitS,
  };
}

/** Returns the options of the test of a set-up. */
export function optionsOf(
  { strategy, nodes }: Configuration,
  { rate, latencyMs, timeLimitS }: Conditions,
): GivenOptions {
  return {
    workload: "broadcast",
    virtual: true,
    nodeCount: nodes,
    rate,
    latency: latencyMs,
    timeLimit: timeLimitS,
    topology: strategy === "hub" || strategy === "direct" ? undefined : strategy,
  };
}

/** Returns the arguments of a set-up's nodes. */
export function nodeArgumentsOf({ strategy, latencyBudgetMs }: Configuration): string[] {
  const dissemination = strategy === "direct" ? strategy : "topology";
  return [
    ...(strategy === "hub" ? [] : ["--dissemination", dissemination]),
    ...(latencyBudgetMs === undefined ? [] : ["--max-latency-ms", String(latencyBudgetMs)]),
  ];
}

/** Returns all set-ups: each strategy with each allowed latency, but direct sends only once. */
export function configurationsOf(
  { strategies, nodeCounts, latencyBudgetMs }: {
    readonly strategies: readonly Dissemination[];
    readonly nodeCounts: readonly number[];
    readonly latencyBudgetMs: readonly number[];
  },
): Configuration[] {
  return strategies.flatMap((strategy) =>
    (strategy === "direct" ? [undefined] : latencyBudgetMs).flatMap((allowed) =>
      nodeCounts.map((nodes) => ({ strategy, nodes, latencyBudgetMs: allowed }))
    )
  );
}

/** Runs every set-up with every seed in virtual time, several at a time. Rejects with `StartError` or `BenchError`. */
export async function measure(
  configurations: readonly Configuration[],
  { conditions, jobs, progress }: {
    readonly conditions: Conditions;
    readonly jobs: number;
    readonly progress?: (done: number, total: number) => void;
  },
): Promise<Measurement[]> {
  const runs = configurations.map((): JobResult[] => []);
  const tasks = configurations.flatMap((configuration, i) =>
    conditions.seeds.map((seed, nth) => ({ configuration, seed, nth, results: runs[i] ?? [] }))
  );
  const queue = tasks.values();
  let done = 0;
  const work = async () => {
    const worker = new BenchWorker();
    try {
      for (const { configuration, seed, nth, results } of queue) {
        const { test, nodeArguments } = makeTest(
          optionsOf(configuration, conditions),
          nodeArgumentsOf(configuration),
        );
        results[nth] = await worker.run({
          kind: "virtual",
          test,
          seed,
          nodeArguments,
          module: undefined,
          storage: false,
          keepHistory: "invalid",
          keepMessages: false,
          form: "objects",
        });
        progress?.(++done, tasks.length);
      }
    } finally {
      worker.stop();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, tasks.length) }, work));
  return configurations.map((configuration, i) =>
    measurementOf(configuration, { conditions, runs: runs[i] ?? [] })
  );
}

/** Combines the runs of one set-up, one per seed. */
export function measurementOf(
  configuration: Configuration,
  { conditions, runs }: {
    readonly conditions: Conditions;
    readonly runs: readonly Pick<JobResult, "result">[];
  },
): Measurement {
  const results = runs.map(({ result }) => parseResult(result));
  const latencies = results.map(({ workload }) => workload.set?.stableLatencies);
  const longestMs = Math.max(...latencies.map((each) => each?.longest ?? NaN));
  return {
    ...configuration,
    fanOut: fanOutOf(configuration),
    valid: mergeValidity(runs.map(({ result }) => result.valid)),
    messagesPerOperation: median(results.map(({ servers }) => servers?.perOperation ?? NaN)),
    medianMs: median(latencies.map((each) => each?.median ?? NaN)),
    longestMs,
    // Reads are too rare to observe a value's last moment, and no value takes less than a hop.
    frontierMessages: frontier(
      Math.max(longestMs, conditions.latencyMs),
      loadOf(conditions, configuration.nodes),
    ),
    arguments: printTest(optionsOf(configuration, conditions), nodeArgumentsOf(configuration)),
    failure: failureOf(runs, conditions.seeds),
  };
}

function failureOf(
  runs: readonly Pick<JobResult, "result">[],
  seeds: readonly number[],
): Measurement["failure"] {
  const failed = runs.findIndex(({ result }) => result.valid !== true);
  const { result } = runs[failed] ?? {};
  const seed = seeds[failed];
  if (result === undefined || seed === undefined) return undefined;
  return { seed, found: namesOf(findingsOf(result, [])) };
}

function fanOutOf({ strategy, nodes }: Configuration): number {
  if (strategy === "hub" || strategy === "direct") return nodes - 1;
  const ids = Array.from({ length: nodes }, (_, i) => `n${i}`);
  return Math.max(...Object.values(makeTopology(strategy, ids)).map(({ length }) => length));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? NaN;
}
