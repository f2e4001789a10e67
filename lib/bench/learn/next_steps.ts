/**
 * Figures to compare a passed exercise with, and experiments beyond it.
 *
 * Tested by `tests/bench/learn/next_steps_test.ts`.
 */

import { type Challenge } from "../grade/challenges.ts";
import type { Grade } from "../grade/grade.ts";
import { printTest } from "../run/command_line.ts";
import { shortNumber } from "../format.ts";

/** The figures of a valid run. */
export interface Figures {
  /** Messages between nodes per operation. */
  readonly messagesPerOperation: number;
  /** The time in ms until all nodes know a value, if the workload has one. */
  readonly medianMs?: number;
  readonly longestMs?: number;
}

/** Messages per operation of this project's nodes, and the fewest that others have published, by challenge. */
export const KNOWN_FIGURES: Readonly<Record<string, { readonly ours: number; readonly published?: number }>> =
  {
    "3d": { ours: 1.29, published: 8.5 },
    "3e": { ours: 0.34, published: 1.92 },
    "4": { ours: 0.69, published: 3.9 },
    "5b": { ours: 0.016, published: 1.37 },
    "5c": { ours: 0.016, published: 1.37 },
    "6b": { ours: 0.017 },
    "6c": { ours: 0.017 },
  };

/** The number of seeds of a suggested sweep. */
const SWEPT_SEEDS = 200;
/** The largest suggested number of nodes. */
const NODES_MAX = 50;

/** Returns the figures of a grade; undefined if its nodes send each other nothing. */
export function figuresOf({ messagesPerOperation, stableLatencyMs }: Grade): Figures | undefined {
  if (messagesPerOperation === null || messagesPerOperation === 0) return undefined;
  return stableLatencyMs === null ? { messagesPerOperation } : {
    messagesPerOperation,
    medianMs: stableLatencyMs.median,
    longestMs: stableLatencyMs.longest,
  };
}

/** Returns the figures with fewer messages per operation. */
export function betterOf(before: Figures | undefined, now: Figures | undefined): Figures | undefined {
  if (before === undefined || now === undefined) return before ?? now;
  return now.messagesPerOperation < before.messagesPerOperation ? now : before;
}

/** Returns the best figures so far next to known ones, one line each. */
export function comparisonLines(id: string, best: Figures | undefined): string[] {
  if (best === undefined) return [];
  const { messagesPerOperation, medianMs, longestMs } = best;
  const latency = medianMs === undefined ? "" : `, ${medianMs} ms in the median, ${longestMs} ms at most`;
  const known = Object.hasOwn(KNOWN_FIGURES, id) ? KNOWN_FIGURES[id] : undefined;
  return [
    "Messages per operation:",
    `  ${shortNumber(messagesPerOperation).padEnd(6)} your best so far${latency}`,
    ...(known === undefined ? [] : [`  ${shortNumber(known.ours).padEnd(6)} the node of this project`]),
    ...(known?.published === undefined
      ? []
      : [`  ${shortNumber(known.published).padEnd(6)} the best that others have published`]),
  ];
}

/** Returns commands that ask more of a node than its challenge does. `file` is the learner's module. */
export function experiments(
  { lines }: Challenge,
  { file, program }: { readonly file: string; readonly program: string },
): string[] {
  const options = lines[0]?.options ?? {};
  const { workload = "", nodeCount = 1 } = options;
  if (nodeCount === 1) return [];
  const { nemesis: _nemesis, ...calm } = options;
  const more = Math.min(NODES_MAX, nodeCount * 2);
  const larger = printTest({ ...calm, nodeCount: more }).join(" ");
  return [
    `${more} nodes:`,
    `  ${program} test ${larger} --virtual --module ${file}`,
    "Every fault, at many seeds:",
    `  ${program} sweep -w ${workload} --module ${file} --node-count ${nodeCount} --faults all --seeds 1..${SWEPT_SEEDS}`,
  ];
}
