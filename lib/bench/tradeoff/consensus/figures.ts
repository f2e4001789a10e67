/**
 * The figures of runs: latencies, throughput, failures, pauses and messages.
 *
 * Tested by `tests/bench/tradeoff/consensus/figures_test.ts`.
 */

import { quantile } from "../../../checkers/quantile.ts";
import { mergeValidity, type Validity } from "../../../checkers/result.ts";
import type { MeasuredOperation } from "./load.ts";
import { NODE_COUNT } from "./networks.ts";
import type { ConsensusRun } from "./run.ts";
import type { ConsensusSetup } from "./setups.ts";

/** The width of a bin of completed operations over time, in ms. */
export const BIN_MS = 250;

/** The figures of one node's client. NaN if it completed no such operation. */
export interface NodeFigures {
  /** Median and 99th percentile of the latency of writes, in ms. */
  readonly medianMs: number;
  readonly p99Ms: number;
  /** The longest time without a completed operation, in ms. */
  readonly pauseMs: number;
}

/** The figures of one run, or the medians of several. Latencies are those of completed operations. */
export interface ConsensusFigures {
  readonly valid: Validity;
  /** Median and 99th percentile of the latency of writes at all nodes, in ms. */
  readonly medianMs: number;
  readonly p99Ms: number;
  /** The longest latency of any operation, in ms. */
  readonly longestMs: number;
  /** The median latency of reads at all nodes, in ms. */
  readonly readMedianMs: number;
  /** The clients of all nodes, in the order of the nodes. Undefined for a dead node. */
  readonly nodes: readonly (NodeFigures | undefined)[];
  /** Operations that clients started, per second. */
  readonly offeredPerS: number;
  /** Operations that were completed, per second. */
  readonly completedPerS: number;
  /** The fraction of the started operations that failed or stayed unanswered. */
  readonly failedShare: number;
  /** Messages between nodes per completed operation. */
  readonly messagesPerOperation: number;
  /** The longest time in which no node completed an operation, in ms. */
  readonly pauseMs: number;
  /** Completed operations per second over time, in bins of {@linkcode BIN_MS}. */
  readonly completions: readonly number[];
}

/** A set-up with its figures: the medians over all seeds. */
export interface ConsensusMeasurement extends ConsensusSetup, ConsensusFigures {}

/** Returns the figures of a run. Dead nodes count only in the failures and the throughput. */
export function figuresOf(run: ConsensusRun): ConsensusFigures {
  const { operations, fromMs, toMs, dead, serverMessages, valid } = run;
  const durationS = (toMs - fromMs) / 1000;
  const started = operations.filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
  const answered = started.filter(({ outcome }) => outcome === "ok");
  const completed = operations.filter(({ outcome, endMs = NaN }) =>
    outcome === "ok" && endMs >= fromMs && endMs < toMs
  );
  const alive = completed.filter(({ node }) => node !== dead);
  const writes = answered.filter(({ f, node }) => f === "write" && node !== dead);
  const latencies = latenciesOf(writes);
  return {
    valid,
    medianMs: quantile(latencies, 0.5) ?? NaN,
    p99Ms: quantile(latencies, 0.99) ?? NaN,
    longestMs: latenciesOf(answered.filter(({ node }) => node !== dead)).at(-1) ?? NaN,
    readMedianMs: quantile(latenciesOf(answered.filter(({ f }) => f === "read")), 0.5) ?? NaN,
    nodes: Array.from({ length: NODE_COUNT }, (_, node) => {
      if (node === dead) return undefined;
      const own = latenciesOf(writes.filter((operation) => operation.node === node));
      return {
        medianMs: quantile(own, 0.5) ?? NaN,
        p99Ms: quantile(own, 0.99) ?? NaN,
        pauseMs: longestPause(alive.filter((operation) => operation.node === node), run),
      };
    }),
    offeredPerS: started.length / durationS,
    completedPerS: completed.length / durationS,
    failedShare: (started.length - answered.length) / started.length,
    messagesPerOperation: serverMessages / completed.length,
    pauseMs: longestPause(alive, run),
    completions: completionsOf(alive, run),
  };
}

/** Returns the medians of several runs of one set-up. */
export function mediansOf(runs: readonly ConsensusFigures[]): ConsensusFigures {
  const of = (pick: (figures: ConsensusFigures) => number) => median(runs.map(pick));
  const nodeOf = (node: number): NodeFigures | undefined => {
    const all = runs.flatMap(({ nodes }) => nodes[node] ?? []);
    if (all.length === 0) return undefined;
    return {
      medianMs: median(all.map(({ medianMs }) => medianMs)),
      p99Ms: median(all.map(({ p99Ms }) => p99Ms)),
      pauseMs: median(all.map(({ pauseMs }) => pauseMs)),
    };
  };
  return {
    valid: mergeValidity(runs.map(({ valid }) => valid)),
    medianMs: of(({ medianMs }) => medianMs),
    p99Ms: of(({ p99Ms }) => p99Ms),
    longestMs: of(({ longestMs }) => longestMs),
    readMedianMs: of(({ readMedianMs }) => readMedianMs),
    nodes: Array.from({ length: NODE_COUNT }, (_, node) => nodeOf(node)),
    offeredPerS: of(({ offeredPerS }) => offeredPerS),
    completedPerS: of(({ completedPerS }) => completedPerS),
    failedShare: of(({ failedShare }) => failedShare),
    messagesPerOperation: of(({ messagesPerOperation }) => messagesPerOperation),
    pauseMs: of(({ pauseMs }) => pauseMs),
    completions: (runs[0]?.completions ?? []).map((_, bin) => of(({ completions }) => completions[bin] ?? 0)),
  };
}

/** Returns the longest pause of a single surviving node, in ms. */
export function nodePauseMs({ nodes }: ConsensusFigures): number {
  return Math.max(...nodes.map((node) => node?.pauseMs ?? 0));
}

/** Returns latencies in ms, ascending. */
function latenciesOf(operations: readonly MeasuredOperation[]): number[] {
  return operations.map(({ startMs, endMs = NaN }) => endMs - startMs).sort((a, b) => a - b);
}

/** Returns the longest time between two completions in the measured time, with its ends, in ms. */
function longestPause(
  completed: readonly MeasuredOperation[],
  { fromMs, toMs }: Pick<ConsensusRun, "fromMs" | "toMs">,
): number {
  const ends = completed.map(({ endMs = NaN }) => endMs).sort((a, b) => a - b);
  let longest = 0;
  let before = fromMs;
  for (const end of [...ends, toMs]) {
    longest = Math.max(longest, end - before);
    before = end;
  }
  return longest;
}

function completionsOf(
  completed: readonly MeasuredOperation[],
  { fromMs, toMs }: Pick<ConsensusRun, "fromMs" | "toMs">,
): number[] {
  const counts = Array.from({ length: Math.ceil((toMs - fromMs) / BIN_MS) }, () => 0);
  for (const { endMs = NaN } of completed) {
    const bin = Math.floor((endMs - fromMs) / BIN_MS);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count) => count * 1000 / BIN_MS);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? NaN;
}
