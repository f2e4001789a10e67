/** Points of a challenge, in full or in part. Tested by `tests/bench/grade/batch_test.ts`. */

import type { GradedRuns } from "./run_lines.ts";

/** The reason for which points were given. */
export type Credit = "full" | "over-bound" | "without-partitions" | "none";

/** Returns the points of a challenge: of the parts that it deserves, the one with most points. */
export function pointsOf(
  { challenge: { points, partial, lines, repeat }, grade, runs }: GradedRuns,
): { readonly points: number; readonly credit: Credit } {
  if (grade.passed) return { points, credit: "full" };
  const parts: (readonly [Credit, number])[] = [["none", 0]];
  const isOverBound = grade.reasons.length > 0 && grade.reasons.every(({ kind }) => kind === "bound");
  if (isOverBound) parts.push(["over-bound", partial.overBound ?? 0]);
  const plain = runs.filter((_, i) => lines[Math.floor(i / repeat)]?.options.nemesis === undefined);
  if (plain.length > 0 && plain.every(({ valid }) => valid === true)) {
    parts.push(["without-partitions", partial.withoutPartitions ?? 0]);
  }
  const [credit, best] = parts.reduce((a, b) => b[1] > a[1] ? b : a);
  return { points: best, credit };
}
