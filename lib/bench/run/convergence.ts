/** Checks if all nodes return the same values after the test. Not part of the verdict. */

import { show } from "../../protocol/schema.ts";
import type { Key } from "../workloads/workload.ts";

/** Delay from the last operation to the first check, in ms. The delay doubles after each check in which nodes differ. */
export const CONVERGENCE_MS = 1000;
/** Delay from the last operation to the last check, in ms. It leaves time for a retry after a partition. */
export const CONVERGENCE_MS_MAX = 8000;
/** The number of keys per request. */
export const KEYS_ASKED_MAX = 200;
/** The maximum number of differing keys kept as evidence. */
const DIFFERENT_KEPT_MAX = 8;

/** The nodes' final answers. */
export interface Convergence {
  readonly converged: boolean;
  /** Time from the last operation to the check, in ms. */
  readonly afterMs: number;
  readonly keyCount: number;
  readonly differentCount: number;
  /** A sample of keys with different values: node → value. */
  readonly different: ReadonlyArray<
    { readonly key: Key; readonly values: Readonly<Record<string, unknown>> }
  >;
  /** Nodes that did not answer. */
  readonly silent: readonly string[];
}

/** Compares each node's answer for the same keys. An answer is undefined if the node did not reply. */
export function compareAnswers(
  keys: readonly Key[],
  { answers, afterMs }: {
    readonly answers: ReadonlyMap<string, readonly unknown[] | undefined>;
    /** Time from the last operation to the check, in ms. */
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
    afterMs,
    keyCount: keys.length,
    differentCount: different.length,
    different: different.slice(0, DIFFERENT_KEPT_MAX),
    silent,
  };
}
