/**
 * A failing run that can be replayed: `case.json`, with all its choices.
 *
 * Tested by `tests/bench/sweep/findings_test.ts`.
 */

import type { Validity } from "../../checkers/result.ts";
import { array, isObject, string } from "../../protocol/schema.ts";
import { crc32c } from "../../runtime/crc32c.ts";
import { parseHistory } from "../../checkers/parse.ts";
import { ArgumentError } from "../../runtime/settings.ts";
import { BenchError } from "../errors.ts";
import { readJson } from "../store/files.ts";
import { parseResult } from "../store/parse_result.ts";
import type { ParsedWorkload } from "../store/parsed_result.ts";
import type { ExplorationSpec } from "../explore/exploration.ts";
import type { JobResult, VirtualJob } from "../worker/job.ts";
import { type Intervention, interventions } from "../nemesis/interventions.ts";
import type { TestOptions } from "../run/options.ts";
import { recordSchedule, type Schedule } from "../run/schedule.ts";
import { fileHead, STORE_FORMAT } from "../store/format.ts";
import { VERSION } from "../version.ts";
import type { TestResult } from "../run/verdict.ts";

/** The job to replay, and its outcome. */
export interface FailureCase {
  readonly format: number;
  readonly charybdis: string;
  readonly test: TestOptions;
  readonly seed: number;
  readonly nodeArguments: readonly string[];
  readonly module?: string;
  /** The source of the module, if the module has no file. */
  readonly code?: string;
  readonly storage: boolean;
  /** The maximum size of each file of the store, in MB: the history's limit may end the run. */
  readonly fileLimitMb?: number;
  /** The choices that replace random ones. Without them, the seed decides. */
  readonly schedule?: Schedule;
  readonly interventions?: readonly Intervention[];
  /** The schedule of an exploration. */
  readonly exploration?: ExplorationSpec;
  /** The kinds of failures: see {@linkcode failureKinds}. */
  readonly failure: readonly string[];
  /** The CRC-32C of history.jsonl, which a replay must reproduce. */
  readonly historyCrc: number;
}

/** Returns the job that runs a case. */
export function jobOf(
  each: Omit<FailureCase, "historyCrc" | "failure" | "format" | "charybdis">,
): VirtualJob {
  return {
    kind: "virtual",
    test: each.test,
    seed: each.seed,
    nodeArguments: each.nodeArguments,
    module: each.module,
    storage: each.storage,
    ...(each.fileLimitMb === undefined ? {} : { fileLimitMb: each.fileLimitMb }),
    ...(each.code === undefined ? {} : { code: each.code }),
    ...(each.schedule === undefined ? {} : { schedule: each.schedule }),
    ...(each.interventions === undefined ? {} : { interventions: each.interventions }),
    ...(each.exploration === undefined ? {} : { exploration: each.exploration }),
    keepHistory: "always",
    keepMessages: false,
  };
}

/** A case with all its choices, which can be made smaller. */
export type ScheduledCase = FailureCase & { readonly schedule: Schedule };

/** Returns the case of a job that ran. The job's history must have been kept. */
export function caseOf(job: VirtualJob, ran: JobResult): ScheduledCase {
  const lines = ran.history ?? [];
  const schedule = job.schedule ?? recordSchedule(parseHistory(lines, { cutOff: "drop" }), {
    concurrency: job.test.concurrency,
    timeLimitMs: job.test.timeLimitS * 1000,
    faultSchedule: ran.faultSchedule ?? [],
  });
  return { ...seedCaseOf(job, ran), schedule };
}

/** Returns the case of a job that ran by its seed, with the job's own schedule if it has one. */
export function seedCaseOf(job: VirtualJob, ran: JobResult): FailureCase {
  const { test, seed, nodeArguments, module, code, storage, fileLimitMb } = job;
  const { schedule, interventions, exploration } = job;
  return {
    ...fileHead(),
    test,
    seed,
    nodeArguments,
    ...(module === undefined ? {} : { module }),
    ...(code === undefined ? {} : { code }),
    storage,
    ...(fileLimitMb === undefined ? {} : { fileLimitMb }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(interventions === undefined ? {} : { interventions }),
    ...(exploration === undefined ? {} : { exploration }),
    failure: [...failureKinds(ran.result)],
    historyCrc: historyCrc(ran.history ?? []),
  };
}

/** Returns the checksum of a history's bytes. */
export function historyCrc(lines: readonly string[]): number {
  return crc32c(lines.map((line) => `${line}\n`).join(""));
}

/** Reads a `case.json`. Throws `ArgumentError` if the file does not exist, and `BenchError` if it is malformed or of another version. */
export function readCase(path: string): FailureCase {
  const value = readJson(path);
  if (value === undefined) {
    throw new ArgumentError(
      `file not found: ${path}. A sweep writes case.json to the folder of an invalid run`,
    );
  }
  if (!isFailureCase(value)) throw new BenchError(`${path} is not a case: it has no test, seed or schedule`);
  if (value.format !== STORE_FORMAT) {
    throw new BenchError(
      `${path} is of store format ${value.format}; this version, ${VERSION}, reads ${STORE_FORMAT}`,
    );
  }
  return { ...value, failure: value.failure.map((kind) => FORMER_KINDS.get(kind) ?? kind) };
}

/** Today's names of failures, by the names that they have in the cases of earlier versions. */
const FORMER_KINDS: ReadonlyMap<string, string> = new Map(Object.entries({
  "malformed value": "malformed-value",
  "no progress": "no-progress",
  "not linearizable": "not-linearizable",
  "wrong answer": "wrong-answer",
}));

function isFailureCase(value: unknown): value is FailureCase {
  const isTextOrAbsent = (field: unknown) => field === undefined || typeof field === "string";
  return isObject(value) && isObject(value["test"]) && typeof value["seed"] === "number" &&
    (value["fileLimitMb"] === undefined || typeof value["fileLimitMb"] === "number") &&
    (value["schedule"] === undefined || isObject(value["schedule"])) &&
    (value["interventions"] === undefined || interventions.is(value["interventions"])) &&
    (value["exploration"] === undefined || isExploration(value["exploration"])) &&
    array(string).is(value["failure"]) && isTextOrAbsent(value["module"]) && isTextOrAbsent(value["code"]) &&
    Array.isArray(value["nodeArguments"]) && Array.isArray(value["test"]["nodes"]);
}

function isExploration(value: unknown): boolean {
  if (!isObject(value) || !isObject(value["bounds"]) || !Array.isArray(value["steps"])) return false;
  const { drops, duplicates, crashes, timeouts, partitions = 0 } = value["bounds"];
  const bounds = [drops, duplicates, crashes, timeouts, partitions];
  return value["steps"].every((step) => typeof step === "string") &&
    [...bounds, value["operationCount"], value["settleMs"], value["clockDrift"] ?? 0].every(Number.isFinite);
}

/**
 * Returns the verdict of a run in a sweep, where faults may prevent all success. The run is `inconclusive` if its only problem is that
 * some kind of operation never succeeded, or that there was nothing to check.
 */
export function verdictForSweep(result: TestResult): Validity | "inconclusive" {
  if (result.valid === true) return true;
  const { workload, invariants, earlyEnd } = parseResult(result);
  if (earlyEnd !== undefined && result.valid === "unknown") return "unknown"; // the missing end might resolve an anomaly
  const kinds = [...failureKinds(result)].filter((kind) => !INCONCLUSIVE_KINDS.has(kind));
  if (kinds.length > 0) return false;
  if (invariants.valid === "unknown") return "unknown";
  const checked = workload.valid === "unknown" && workload.warning === undefined &&
    workload.set?.counts.get("stable") !== 0 && !hasEmptyGraph(workload);
  return checked ? "unknown" : "inconclusive";
}

/** Returns true if no transaction succeeded that depends on another. */
function hasEmptyGraph({ isolation }: ParsedWorkload): boolean {
  const { types = [] } = isolation ?? {};
  return types.length === 1 && types[0] === "empty-transaction-graph";
}

/** Signs of low activity, rather than of errors. */
export const INCONCLUSIVE_KINDS: ReadonlySet<string> = new Set(["stats", "empty-transaction-graph"]);

/** Returns the kind of failure that a checker without named anomalies found: that of the first evidence. */
function unnamedKind({ set, malformed, registers, errorCount, duplicated }: ParsedWorkload): string {
  if (set !== undefined && set.lost.length > 0) return "lost";
  if (malformed.length > 0) return "malformed-value";
  if (registers !== undefined && registers.failureCount > 0) return "not-linearizable";
  if (errorCount > 0) return "wrong-answer";
  return duplicated.length > 0 ? "duplicated" : "workload";
}

/** Returns the kinds of failures that the checkers of a workload found. */
function workloadKinds(workload: ParsedWorkload): string[] {
  const violated = workload.violations.filter(({ severity }) => severity === "invalid");
  const named = [
    ...workload.isolation?.types ?? [],
    ...workload.logs?.badKinds ?? [],
    ...violated.map(({ name }) => name),
    ...workload.parts.filter(({ valid }) => valid === false).flatMap(workloadKinds),
  ];
  return named.length === 0 ? [unnamedKind(workload)] : named;
}

/** Returns the failures of a run as a set of names; empty if there are none. Two runs fail alike if they share a name. */
export function failureKinds(
  result: Pick<
    TestResult,
    "workload" | "nodes" | "stats" | "availability" | "bounds" | "liveness" | "invariants"
  >,
): ReadonlySet<string> {
  const kinds = new Set<string>();
  const { workload, nodeFaults, stats, availability, exceededBounds, liveness, invariants } = parseResult(
    result,
  );
  if (workload.valid === false) {
    for (const name of workloadKinds(workload)) kinds.add(name);
  }
  for (const { kind } of nodeFaults) kinds.add(`node ${kind}`);
  for (const { figure } of exceededBounds) kinds.add(`bound ${figure}`);
  for (const { kind, name } of invariants.violations) {
    if (kind === "violated") kinds.add(`invariant ${name}`);
  }
  // A cluster that lost a value never agrees. A smaller run must show the loss, rather than its consequence.
  if (kinds.size === 0 && liveness.valid === false) kinds.add("no-progress");
  // An operation that never succeeded, or seldom, does not indicate the same bug in a smaller run.
  if (kinds.size === 0 && stats.valid === false) kinds.add("stats");
  if (kinds.size === 0 && availability.valid === false) kinds.add("availability");
  return kinds;
}
