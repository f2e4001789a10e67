/** The points of the trade-off: one strategy and one allowed latency each, on one cluster. */

import { mergeValidity, type Validity } from "../../checkers/result.ts";
import type { JobResult } from "../worker/job.ts";
import { getNumber } from "../store/result_map.ts";
import { parseTest } from "../run/options.ts";
import { BenchWorker } from "../worker/handle.ts";
import { makeTopology, TOPOLOGY_NAMES } from "../workloads/topologies.ts";
import { frontier, type Load } from "./frontier.ts";

/** The strategies: through a hub, directly to every node, or along a topology with its fan-out. */
export const WAYS = ["hub", "direct", ...TOPOLOGY_NAMES.filter((name) => name !== "tree")] as const;

/** One of {@linkcode WAYS}. */
export type Way = typeof WAYS[number];

/** Fraction of a broadcast test's operations that are values; the others are reads. */
const VALUE_SHARE = 0.5;

/** Settings shared by all points. */
export interface Line {
  /** Operations per second, over all clients, with one client per node. */
  readonly rate: number;
  /** Latency between nodes, in ms. */
  readonly latencyMs: number;
  readonly timeLimitS: number;
  readonly seeds: readonly number[];
}

/** Set-up of one point. */
export interface Setup {
  readonly way: Way;
  readonly nodes: number;
  /** The node's `--max-latency-ms`, which sets the interval. Undefined for direct sends, which have none. */
  readonly allowedMs: number | undefined;
}

/** Measurements of one set-up, over all seeds. */
export interface Point extends Setup {
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
  readonly floor: number | undefined;
  /** Arguments of `charybdis test` that repeat the run, except for the seed. */
  readonly arguments: readonly string[];
}

/** Returns the load of a test on a cluster of this size. The final reads, one per client, are operations too. */
export function loadOf({ rate, latencyMs, timeLimitS }: Line, nodes: number): Load {
  return {
    nodes,
    hopMs: latencyMs,
    valuesPerS: rate * VALUE_SHARE,
    operationsPerS: rate + nodes / timeLimitS,
  };
}

/** Returns the arguments of `charybdis test` for a set-up. */
export function argumentsOf(
  { way, nodes, allowedMs }: Setup,
  { rate, latencyMs, timeLimitS }: Line,
): string[] {
  const numbers = { "node-count": nodes, rate, latency: latencyMs, "time-limit": timeLimitS };
  const straight = way === "hub" || way === "direct";
  const node = [
    ...(way === "hub" ? [] : ["--dissemination", straight ? way : "topology"]),
    ...(allowedMs === undefined ? [] : ["--max-latency-ms", String(allowedMs)]),
  ];
  return [
    "-w",
    "broadcast",
    "--virtual",
    ...Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ...(straight ? [] : ["--topology", way]),
    ...(node.length === 0 ? [] : ["--", ...node]),
  ];
}

/** Returns all set-ups: each strategy with each allowed latency, but direct sends only once. */
export function setupsOf(
  { ways, nodeCounts, allowedMs }: {
    readonly ways: readonly Way[];
    readonly nodeCounts: readonly number[];
    readonly allowedMs: readonly number[];
  },
): Setup[] {
  return ways.flatMap((way) =>
    (way === "direct" ? [undefined] : allowedMs).flatMap((allowed) =>
      nodeCounts.map((nodes) => ({ way, nodes, allowedMs: allowed }))
    )
  );
}

/** Runs every set-up with every seed in virtual time, several at a time. Rejects with `StartError` or `BenchError`. */
export async function measure(
  setups: readonly Setup[],
  { line, jobs, progress }: {
    readonly line: Line;
    readonly jobs: number;
    readonly progress?: (done: number, total: number) => void;
  },
): Promise<Point[]> {
  const runs = setups.map((): JobResult[] => []);
  const tasks = setups.flatMap((setup, i) =>
    line.seeds.map((seed) => ({ setup, seed, results: runs[i] ?? [] }))
  );
  const queue = tasks.values();
  let done = 0;
  const work = async () => {
    const worker = new BenchWorker();
    try {
      for (const { setup, seed, results } of queue) {
        const { test, nodeArguments } = parseTest(argumentsOf(setup, line));
        results.push(
          await worker.run({
            kind: "virtual",
            test,
            seed,
            nodeArguments,
            module: undefined,
            storage: false,
            keepHistory: "invalid",
            keepMessages: false,
          }),
        );
        progress?.(++done, tasks.length);
      }
    } finally {
      worker.stop();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, tasks.length) }, work));
  return setups.map((setup, i) => pointOf(setup, { line, runs: runs[i] ?? [] }));
}

/** Combines the runs of one set-up. */
export function pointOf(
  setup: Setup,
  { line, runs }: { readonly line: Line; readonly runs: readonly Pick<JobResult, "result">[] },
): Point {
  const each = (...path: readonly string[]) => runs.map(({ result }) => getNumber(result, ...path) ?? NaN);
  const longestMs = Math.max(...each("workload", "stable-latencies", "1"));
  return {
    ...setup,
    fanOut: fanOutOf(setup),
    valid: mergeValidity(runs.map(({ result }) => result.valid)),
    messagesPerOperation: median(each("net", "servers", "msgs-per-op")),
    medianMs: median(each("workload", "stable-latencies", "0.5")),
    longestMs,
    // Reads are too rare to observe a value's last moment, and no value takes less than a hop.
    floor: frontier(Math.max(longestMs, line.latencyMs), loadOf(line, setup.nodes)),
    arguments: argumentsOf(setup, line),
  };
}

function fanOutOf({ way, nodes }: Setup): number {
  if (way === "hub" || way === "direct") return nodes - 1;
  const ids = Array.from({ length: nodes }, (_, i) => `n${i}`);
  return Math.max(...Object.values(makeTopology(way, ids)).map(({ length }) => length));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? NaN;
}
