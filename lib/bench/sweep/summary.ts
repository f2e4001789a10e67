/** Summarizes a sweep as JSON and as text. Tested by `tests/bench/cli/messages_test.ts`. */

import { plural } from "../format.ts";
import { describeCoverage } from "../run/coverage.ts";
import { neverSucceeded } from "./outcomes.ts";
import type { SweepResult } from "./seeds.ts";

/** A sweep's result as `--json` prints it. */
export function resultMap(
  result: SweepResult,
  untried: readonly string[],
): Readonly<Record<string, unknown>> {
  const { coverage, ...counts } = result;
  return { ...counts, "never-succeeded": neverSucceeded(result.outcomes), coverage, untried };
}

/** Returns a sweep's result as lines of text. */
export function summaryLines(
  { seeds, invalid, unknown, inconclusive, operations, virtualMs, outcomes, coverage }: SweepResult,
  { seconds, missing }: { readonly seconds?: number; readonly missing: readonly string[] },
): string[] {
  const rate = seconds === undefined
    ? ""
    : `, ${seconds.toFixed(1)} s (${(seeds / seconds * 60).toFixed(0)} seeds/min, ` +
      `${(virtualMs / 1000 / seconds).toFixed(0)} × real time)`;
  const bad = invalid.length === 0 ? "none is invalid" : `invalid: ${invalid.join(", ")}`;
  const little = inconclusive === 0
    ? ""
    : `; ${inconclusive} inconclusive, because too few operations succeeded`;
  const unsure = unknown.length === 0 ? "" : `; unknown: ${unknown.join(", ")}`;
  const never = neverSucceeded(outcomes).map((f) =>
    `No ${f} succeeded in any seed: the sweep proves nothing about it. Run test with these options to see its errors.`
  );
  return [
    ...describeCoverage(coverage),
    ...(missing.length === 0 ? [] : ["Never tried:", ...missing.map((line) => `  ${line}`)]),
    `${plural(seeds, "seed")}, ${plural(operations, "operation")}${rate}: ${bad}${unsure}${little}`,
    ...never,
  ];
}
