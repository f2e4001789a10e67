/** Whether all nodes give the same answers once all is quiet: reported beside the verdict, and no part of it. */

import { show } from "../../protocol/schema.ts";
import type { Key } from "../workloads/workload.ts";

/** How long after the last operation nodes are asked first, in ms; while they differ, they are asked again, twice as late each time. */
export const CONVERGENCE_MS = 1000;
/** How long after the last operation nodes are asked for the last time, in ms: a retry after a partition may take its time. */
export const CONVERGENCE_MS_MAX = 8000;
/** How many keys are asked for at once. */
export const KEYS_ASKED_MAX = 200;
/** How many differing keys are kept as evidence. */
const DIFFERENT_KEPT_MAX = 8;

/** What nodes answered in the end. */
export interface Convergence {
  readonly converged: boolean;
  /** How long after the last operation they were asked. */
  readonly "after-ms": number;
  readonly "key-count": number;
  readonly "different-count": number;
  /** Some keys with different values: node → value. */
  readonly different: ReadonlyArray<
    { readonly key: Key; readonly values: Readonly<Record<string, unknown>> }
  >;
  /** Nodes that did not answer. */
  readonly silent: readonly string[];
}

/** Compares what each node answered for the same keys; undefined for a node that did not. */
export function compareAnswers(
  keys: readonly Key[],
  { answers, afterMs }: {
    readonly answers: ReadonlyMap<string, readonly unknown[] | undefined>;
    /** How long after the last operation the nodes were asked. */
    readonly afterMs: number;
  },
): Convergence {
  const answered = [...answers].flatMap(([node, values]) => values === undefined ? [] : [{ node, values }]);
  const different = keys.flatMap((key, i) => {
    if (new Set(answered.map(({ values }) => show(values[i]))).size <= 1) return [];
    return [{ key, values: Object.fromEntries(answered.map(({ node, values }) => [node, values[i]])) }];
  });
  const silent = [...answers].filter(([, values]) => values === undefined).map(([node]) => node);
  return {
    converged: different.length === 0 && silent.length === 0,
    "after-ms": afterMs,
    "key-count": keys.length,
    "different-count": different.length,
    different: different.slice(0, DIFFERENT_KEPT_MAX),
    silent,
  };
}
