/**
 * Work outside the main thread: runs in virtual time, and long checks.
 *
 * Tested by `tests/bench/cluster/module_test.ts`.
 */

import type { ElleVersion } from "../../checkers/elle/mod.ts";
import type { History } from "../../checkers/history.ts";
import type { ExplorationOutcome, ExplorationSpec } from "../explore/exploration.ts";
import type { Finding } from "../findings/finding.ts";
import type { ModuleSource } from "../cluster/module/messages.ts";
import type { MessageForm } from "../../sim/message_router.ts";
import type { CheckLimits, ParsedTest, TestOptions } from "../run/options.ts";
import { needDisk } from "../nemesis/faults.ts";
import type { WorkloadSource } from "../workloads/registry.ts";
import { type Intervention, killsNode } from "../nemesis/interventions.ts";
import type { ScheduledFault } from "../nemesis/nemesis.ts";
import type { Coverage } from "../run/coverage.ts";
import type { RunObservations } from "../run/run_observations.ts";
import type { Schedule } from "../run/schedule.ts";
import type { TestResult } from "../run/verdict.ts";
import type { RedrawFrom } from "../run/virtual_run.ts";

/** A request to run a test in virtual time and judge it. */
export interface VirtualJob {
  readonly kind: "virtual";
  readonly test: TestOptions;
  readonly seed: number;
  readonly nodeArguments: readonly string[];
  readonly module: string | undefined;
  /** The source of the module, if the module has no file. */
  readonly code?: string;
  readonly storage: boolean;
  /** The form of messages between built-in nodes. `both` runs in either form, and requires equal histories. Default: `text`. */
  readonly form?: MessageForm | "both";
  /** The choices that replace random ones. */
  readonly schedule?: Schedule;
  readonly interventions?: readonly Intervention[];
  /** The moment from which the rest of the run is drawn again. */
  readonly redraw?: RedrawFrom;
  /** The schedules to explore, in the place of one run in virtual time. */
  readonly exploration?: ExplorationSpec;
  /** The runs whose history is needed in addition to the result. */
  readonly keepHistory: "always" | "invalid";
  /** True if messages and the nodes' states are kept with the history. */
  readonly keepMessages: boolean;
  /** The maximum size of each file of the store, in MB. */
  readonly fileLimitMb?: number;
  /** True if coverage is counted. */
  readonly keepCoverage?: boolean;
  /** True if the run's signals are kept. */
  readonly keepSignals?: boolean;
}

/** Returns the job of a command line for virtual time. */
export function jobOfTest(
  { test, run, nodeArguments }: ParsedTest,
  { seed, keepMessages, keepHistory, interventions = [] }: Pick<
    VirtualJob,
    "seed" | "keepMessages" | "keepHistory" | "interventions"
  >,
): VirtualJob {
  return {
    kind: "virtual",
    test,
    seed,
    nodeArguments,
    module: run.module,
    storage: (needDisk(test.faults) || killsNode(interventions)) && !run.noData,
    ...(interventions.length === 0 ? {} : { interventions }),
    form: keepMessages ? "text" : "objects",
    keepHistory,
    keepMessages,
    fileLimitMb: run.fileLimitMb,
  };
}

/** A request to judge a recorded run. */
export interface JudgeJob {
  readonly kind: "judge";
  readonly test: TestOptions;
  readonly observations: RunObservations;
  /** The path of the history. */
  readonly path: string;
}

/** A request to judge a history alone. */
export interface CheckJob {
  readonly kind: "check";
  readonly path: string;
  readonly workload: string;
  /** The reason why the verdict covers a part of the run alone. The history's last line may then be cut off. */
  readonly earlyEnd: string | undefined;
  readonly availability: number | "total" | null;
  readonly consistencyModels: readonly string[];
  readonly elle: ElleVersion;
  readonly checkLimits?: CheckLimits | undefined;
}

/** Any work that returns a {@linkcode JobResult}. */
export type Job = VirtualJob | JudgeJob;

/** The outcome of a job. */
export interface JobResult {
  readonly result: TestResult;
  /** Lines of history.jsonl, if requested. */
  readonly history?: readonly string[];
  /** Lines of messages.jsonl, if requested. */
  readonly messages?: readonly string[];
  /** Lines of states.jsonl, if messages are kept. */
  readonly states?: readonly string[];
  /** The nodes' log output. */
  readonly logs?: ReadonlyMap<string, readonly string[]>;
  /** The injected faults, in virtual time. */
  readonly faultSchedule?: readonly ScheduledFault[];
  readonly coverage?: Coverage;
  /** The signals of the run (see `SignalCollector`), if requested. */
  readonly signals?: ReadonlySet<number>;
  readonly operations: number;
  /** Duration in ms, in total and for the checkers. */
  readonly tookMs: number;
  readonly checkMs: number;
  readonly events: number;
  /**
   * True if the run or its check did not end by itself: it did not return, used too much memory, or ended its process. Such a
   * run is not repeated.
   */
  readonly hasHung?: boolean;
  /** Virtual time that passed, in ms; absent for runs in real time. */
  readonly virtualMs?: number;
  /** The outcome of an exploration. */
  readonly exploration?: ExplorationOutcome;
}

/** Runs jobs, one at a time. */
export interface JobRunner {
  run(job: Job): Promise<JobResult>;
  /** Ends the current job. */
  stop(): void;
}

/** The requests to a worker. */
export interface WorkerRequest {
  readonly job: Job | CheckJob;
  readonly watch: Int32Array;
  /** The location of the job's module: a channel to its worker, and its code. */
  readonly module?: { readonly memory: SharedArrayBuffer; readonly source: ModuleSource };
  /** The code of the job's invariants, unless they are built in. */
  readonly invariants?: ModuleSource | undefined;
  /** The code of the job's workload, unless it is built in. */
  readonly workload?: WorkloadSource | undefined;
}

/** The answers of a worker. */
export type WorkerMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly part: number }
  | { readonly kind: "exploring"; readonly counts: ExplorationOutcome }
  /** The answer without the judgment of the workload, in case the judge does not return. */
  | { readonly kind: "unjudged"; readonly answer: WorkerMessage }
  /**
   * Results are sent as text, because structured cloning drops the class of the objects that hold numbers that JSON would
   * change.
   */
  | { readonly kind: "result"; readonly value: Omit<JobResult, "result">; readonly text: string }
  /** The worker also returns the findings, so that the history is read once. Only their sentences are exact. */
  | { readonly kind: "checked"; readonly text: string; readonly findings: readonly Finding[] }
  | { readonly kind: "error"; readonly name: string; readonly message: string; readonly node?: string };

/**
 * Shared memory in which a worker shows its progress, so that the bench can name a hanging node or part of a workload: [turns
 * started, running node + 1, or −1 − the part].
 */
export const WATCH_LENGTH = 2;

/** Returns the number of events that are operations started by clients. */
export function countOperations(history: History): number {
  let count = 0;
  for (const { type, process } of history) if (type === "invoke" && process !== "nemesis") count++;
  return count;
}
