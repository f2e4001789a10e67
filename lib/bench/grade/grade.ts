/** Grades a challenge from its runs. */

import { mergeValidity, type Validity } from "../../checkers/result.ts";
import { findingsOf } from "../findings/findings.ts";
import { namesOf } from "../findings/job_findings.ts";
import { parseResult } from "../store/parse_result.ts";
import type { ParsedResult } from "../store/parsed_result.ts";
import { describeExceeded, exceededBounds } from "../run/bounds.ts";
import type { Challenge, ChallengeTest } from "./challenges.ts";
import { describeFaults, type FaultEffect, sumOfEffects } from "../nemesis/fault_effects.ts";
import { shortfallsOf } from "./shortfalls.ts";
import type { WrittenReport } from "../report/report_worker.ts";

/** One run of a challenge. */
export interface GradedRun {
  readonly arguments: readonly string[];
  readonly nodeArguments: readonly string[];
  readonly valid: Validity;
  readonly store: string | null;
  readonly seconds: number;
  /** Reason for a missing verdict. */
  readonly error?: string;
  /** Kind of that error, if it matters. `skipped` runs were not started, because nothing depends on them any more. */
  readonly problem?: "no-executable" | "not-started" | "interrupted" | "budget" | "skipped";
  readonly seed?: number;
  /** Effects of the injected faults. */
  readonly faults?: readonly FaultEffect[];
}

/**
 * A reason for failure. `verdict` repeats the verdict of runs, which the findings explain; `error` is the reason for a missing
 * verdict; `bound` is a figure over its bound.
 */
export interface GradeReason {
  readonly kind: "verdict" | "error" | "bound";
  readonly text: string;
}

/** A challenge's grade. */
export interface Grade {
  readonly id: string;
  readonly passed: boolean;
  readonly valid: Validity;
  readonly messagesPerOperation: number | null;
  readonly stableLatencyMs: { readonly median: number; readonly longest: number } | null;
  readonly availability: number | null;
  readonly runs: readonly GradedRun[];
  readonly reasons: readonly GradeReason[];
  /** Observations that Maelstrom does not count but that show an unsolved challenge, one sentence each. */
  readonly shortfalls: readonly string[];
  /** Effects of the injected faults over all runs, one phrase per kind. */
  readonly faults: readonly string[];
}

/** A run with its full result map. */
export interface RunWithResult extends GradedRun {
  readonly result: Readonly<Record<string, unknown>> | undefined;
  /** The run's report, if one was written. */
  readonly report?: WrittenReport | undefined;
  /** True if the run or its check did not end by itself. Such a run is not repeated. */
  readonly hasHung?: boolean | undefined;
}

/**
 * Grades a challenge from its runs: `repeat` runs of its first test, then of the next. All runs must pass. The
 * figures are the worst measured ones.
 */
export function gradeChallenge(
  challenge: Challenge,
  runs: readonly RunWithResult[],
  { repeat = 1 }: { readonly repeat?: number } = {},
): Grade {
  const measuredLine = challenge.lines.findIndex((line) => line.providesMetrics);
  const measured = runs.slice(measuredLine * repeat, (measuredLine + 1) * repeat).flatMap(({ result }) =>
    result === undefined ? [] : [parseResult(result)]
  );
  const metrics = {
    messagesPerOperation: most(measured.map(({ servers }) => servers?.perOperation)),
    stableLatencyMs: latencies(measured),
    availability: least(measured.map(({ availability }) => availability.okFraction)),
  };
  const reasons = [
    ...counted(
      runs.flatMap((run, i) => validityReason(run, challenge.lines[Math.floor(i / repeat)])),
      runs.length,
    ),
    ...(measured.length > 0 ? boundReasons(challenge, metrics) : [])
      .map((text) => ({ kind: "bound" as const, text })),
  ];
  return {
    id: challenge.id,
    passed: reasons.length === 0,
    valid: mergeValidity(runs.map((run) => run.valid)),
    ...metrics,
    runs: runs.map(({ result: _result, report: _report, ...run }) => run),
    reasons,
    shortfalls: counted(
      runs.flatMap(({ result }) => shortfallsOf(result)),
      runs.length,
    ).map(({ text }) => text),
    faults: describeFaults(sumOfEffects(runs.flatMap(({ faults = [] }) => faults))),
  };
}

/** Merges equal sentences, with the number of runs if it is not obvious. */
function counted<T extends { readonly text: string }>(observations: readonly T[], runCount: number): T[] {
  const equal = [...Map.groupBy(observations, ({ text }) => text)].flatMap(([text, [first, ...rest]]) =>
    first === undefined ? [] : [{ first, text, count: 1 + rest.length }]
  );
  return equal.map(({ first, text, count }) =>
    runCount <= 2 ? first : { ...first, text: `${text} (${count} of ${runCount} runs)` }
  );
}

function validityReason(run: RunWithResult, line: ChallengeTest | undefined): GradeReason[] {
  if (run.problem === "skipped") return []; // another run is the reason
  if (run.error !== undefined) return [{ kind: "error", text: run.error }];
  if (run.valid === true) return [];
  const faults = line?.options.nemesis === undefined ? "" : " under partitions";
  const why = run.valid === false && run.result !== undefined
    ? namesOf(findingsOf(run.result, []))
    : whyUnknown(run.result) ?? "";
  const text = `${run.valid === false ? "invalid" : "no verdict"}${faults}${why === "" ? "" : `: ${why}`}`;
  return [{ kind: "verdict", text }];
}

/** Returns the error of the check, or else the first reason why the run proves less than it might, without its period. */
function whyUnknown(result: RunWithResult["result"]): string | undefined {
  const { workload, caveats } = parseResult(result);
  return (workload.error ?? caveats[0]?.text)?.replace(/\.$/, "");
}

function boundReasons(
  { bounds }: Challenge,
  metrics: Pick<Grade, "messagesPerOperation" | "stableLatencyMs" | "availability">,
): string[] {
  return [
    ...exceededBounds(bounds, metrics).map(describeExceeded),
    ...(bounds.total === true && metrics.availability !== 1
      ? [`availability is ${metrics.availability}, not 1`]
      : []),
  ];
}

function latencies(results: readonly ParsedResult[]): Grade["stableLatencyMs"] {
  const each = results.map(({ workload }) => workload.set?.stableLatencies);
  const median = most(each.map((latencies) => latencies?.median));
  const longest = most(each.map((latencies) => latencies?.longest));
  return median === null || longest === null ? null : { median, longest };
}

/** Returns a grade in the format of `grade --json`. */
export function gradeToJson(grade: Grade): Readonly<Record<string, unknown>> {
  const { id, passed, valid, availability, runs, reasons, shortfalls, faults } = grade;
  const { messagesPerOperation, stableLatencyMs } = grade;
  return {
    id,
    passed,
    valid,
    "msgs-per-op": messagesPerOperation,
    "stable-latency-ms": stableLatencyMs === null
      ? null
      : { "0.5": stableLatencyMs.median, "1": stableLatencyMs.longest },
    availability,
    runs: runs.map(({ arguments: args, nodeArguments, ...run }) => ({
      arguments: args,
      "node-arguments": nodeArguments,
      ...run,
    })),
    reasons: reasons.map(({ text }) => text),
    shortfalls,
    faults,
  };
}

function most(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}

function least(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : Math.min(...known);
}
