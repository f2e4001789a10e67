/** Work that is done beside the main thread: runs in virtual time, and long checks. */

import type { ElleVersion } from "../../checkers/elle/mod.ts";
import type { History } from "../../checkers/history.ts";
import type { WorkloadName } from "../../checkers/workloads.ts";
import type { ModuleSource } from "../cluster/module/messages.ts";
import type { TestOptions } from "../run/options.ts";
import type { ScheduledFault } from "../nemesis/nemesis.ts";
import type { Coverage } from "../run/coverage.ts";
import type { RunFacts } from "../run/run_observations.ts";
import type { Script } from "../run/schedule.ts";
import type { TestResult } from "../run/verdict.ts";

/** Runs a test in virtual time and judges it. */
export interface VirtualJob {
  readonly kind: "virtual";
  readonly test: TestOptions;
  readonly seed: number;
  readonly nodeArguments: readonly string[];
  readonly module: string | undefined;
  readonly storage: boolean;
  /** What happens, in place of what chance would make of it. */
  readonly script?: Script;
  /** Whether the history is wanted, or only what it proves. */
  readonly keepHistory: "always" | "invalid";
  readonly keepMessages: boolean;
  /** The size that each file of the store may have, in MB. */
  readonly fileLimitMb?: number;
  /** Whether it is counted what was tried. */
  readonly keepCoverage?: boolean;
}

/** Judges a run that was recorded. */
export interface JudgeJob {
  readonly kind: "judge";
  readonly test: TestOptions;
  readonly facts: RunFacts;
  /** The history's file. */
  readonly path: string;
}

/** Judges a history alone. */
export interface CheckJob {
  readonly kind: "check";
  readonly path: string;
  readonly workload: WorkloadName;
  /** Whether the history's last line may be cut off. */
  readonly interrupted: boolean;
  readonly availability: number | "total" | null;
  readonly consistencyModels: readonly string[];
  readonly elle: ElleVersion;
}

/** Any work that makes a {@linkcode JobResult}. */
export type Job = VirtualJob | JudgeJob;

/** What came of it. */
export interface JobResult {
  readonly result: TestResult;
  /** Lines of history.jsonl, where they were asked for. */
  readonly history?: readonly string[];
  /** Lines of messages.jsonl, where they were asked for. */
  readonly messages?: readonly string[];
  /** What nodes wrote to their logs. */
  readonly logs?: ReadonlyMap<string, readonly string[]>;
  /** The faults that were injected, in virtual time. */
  readonly schedule?: readonly ScheduledFault[];
  readonly coverage?: Coverage;
  readonly operations: number;
  /** Milliseconds that it took, and how many of them were the checkers'. */
  readonly tookMs: number;
  readonly checkMs: number;
  readonly events: number;
}

/** What a worker is asked. */
export interface WorkerRequest {
  readonly job: Job | CheckJob;
  readonly watch: Int32Array;
  /** Where the job's module runs: a channel to its worker, and its code. */
  readonly module?: { readonly memory: SharedArrayBuffer; readonly source: ModuleSource };
}

/** What a worker says. */
export type WorkerMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly part: number }
  /** Results travel as text: numbers that JSON would change are objects, which lose their kind on the way. */
  | { readonly kind: "result"; readonly value: Omit<JobResult, "result">; readonly text: string }
  | { readonly kind: "checked"; readonly text: string }
  | { readonly kind: "error"; readonly name: string; readonly message: string; readonly node?: string };

/** Where a worker shows what it is at, so that a node that never ends can be named: [turns begun, node at work + 1]. */
export const WATCH_LENGTH = 2;

/** How many events are operations that clients began. */
export function countOperations(history: History): number {
  let count = 0;
  for (const { type, process } of history) if (type === "invoke" && process !== "nemesis") count++;
  return count;
}
