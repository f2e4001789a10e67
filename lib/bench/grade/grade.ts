/** From a challenge's runs to its grade. */

import { mergeValidity, type Validity } from "../../checkers/result.ts";
import { numberAt } from "../number_at.ts";
import type { Challenge } from "./challenges.ts";

/** One run of a challenge. */
export interface GradedRun {
  readonly arguments: readonly string[];
  readonly "node-arguments": readonly string[];
  readonly valid: Validity;
  readonly store: string | null;
  readonly seconds: number;
  /** Why there is no verdict. */
  readonly error?: string;
}

/** A challenge's grade, in the form of `grade --json`. */
export interface Grade {
  readonly id: string;
  readonly passed: boolean;
  readonly valid: Validity;
  readonly "msgs-per-op": number | null;
  readonly "stable-latency-ms": { readonly "0.5": number; readonly "1": number } | null;
  readonly availability: number | null;
  readonly runs: readonly GradedRun[];
  /** What keeps it from passing, a sentence each. */
  readonly reasons: readonly string[];
}

/** A run with its whole result map. */
export interface RunWithResult extends GradedRun {
  readonly result: Readonly<Record<string, unknown>> | undefined;
}

/** Grades a challenge by its runs, in the order of its lines. */
export function gradeChallenge(challenge: Challenge, runs: readonly RunWithResult[]): Grade {
  const measured = runs[challenge.lines.findIndex((line) => line.measured)]?.result;
  const figures = {
    "msgs-per-op": numberAt(measured, "net", "servers", "msgs-per-op") ?? null,
    "stable-latency-ms": latencies(measured),
    availability: numberAt(measured, "availability", "ok-fraction") ?? null,
  };
  const reasons = [
    ...runs.flatMap((run) => validityReason(run)),
    ...boundReasons(challenge, figures),
  ];
  return {
    id: challenge.id,
    passed: reasons.length === 0,
    valid: mergeValidity(runs.map((run) => run.valid)),
    ...figures,
    runs: runs.map(({ result: _result, ...run }) => run),
    reasons,
  };
}

function validityReason(run: RunWithResult): string[] {
  if (run.error !== undefined) return [run.error];
  if (run.valid === true) return [];
  const faults = run.arguments.includes("--nemesis") ? " under partitions" : "";
  return [run.valid === false ? `invalid${faults}` : `no verdict${faults}`];
}

function boundReasons(
  { bounds }: Challenge,
  figures: Pick<Grade, "msgs-per-op" | "stable-latency-ms" | "availability">,
): string[] {
  const latency = figures["stable-latency-ms"];
  const over = (name: string, value: number | null | undefined, bound: number | undefined): string[] => {
    if (bound === undefined) return [];
    if (value === null || value === undefined) return [`${name} is not known`];
    return value < bound ? [] : [`${name} is ${value}, not under ${bound}`];
  };
  return [
    ...over("messages for each operation", figures["msgs-per-op"], bounds.msgsPerOp),
    ...over("median stable latency in ms", latency?.["0.5"], bounds.medianMs),
    ...over("largest stable latency in ms", latency?.["1"], bounds.maxMs),
    ...(bounds.total === true && figures.availability !== 1
      ? [`availability is ${figures.availability}, not 1`]
      : []),
  ];
}

function latencies(result: unknown): Grade["stable-latency-ms"] {
  const median = numberAt(result, "workload", "stable-latencies", "0.5");
  const max = numberAt(result, "workload", "stable-latencies", "1");
  return median === undefined || max === undefined ? null : { "0.5": median, "1": max };
}
