/** The check of a whole history: the property of its workload, and what every test must satisfy. */

import { type Availability, type AvailabilityResult, checkAvailability } from "./availability.ts";
import { type Caveat, caveatsOf, type FinalReads, finalReadsOf } from "./caveats.ts";
import { checkCounter, type CounterResult } from "./counter.ts";
import { checkEcho, type EchoResult } from "./echo.ts";
import {
  checkListAppend,
  checkRwRegister,
  type ElleResult,
  type ElleVersion,
  type ListAppendOptions,
} from "./elle/mod.ts";
import type { History } from "./history.ts";
import type { Judgment } from "./judgment.ts";
import { checkKafka, type KafkaResult } from "./kafka/mod.ts";
import {
  type LinKvResult,
  type ModelResult,
  type RegisterResult,
  type SearchLimits,
} from "./linearizable/mod.ts";
import { checkRegisters } from "./register_models.ts";
import { type CheckControl, mergeValidity, type Validity } from "./result.ts";
import { checkSetFull, type SetFullResult } from "./set_full.ts";
import { checkStats, type StatsResult } from "./stats.ts";
import { checkUnhandledErrors, type UnhandledErrorsResult } from "./unhandled_errors.ts";
import { checkUniqueIds, type UniqueIdsResult } from "./unique_ids.ts";
import { isWorkload, type WorkloadName, WORKLOADS } from "./workloads.ts";

/** The options of {@linkcode checkHistory}. */
export interface CheckOptions {
  /**
   * The demand on the fraction of requests that succeed; `null`: no demand.
   *
   * @default {null}
   */
  readonly availability?: Availability;
  /**
   * The consistency models that a transactional workload must satisfy.
   *
   * @default {["strict-serializable"]}
   */
  readonly consistencyModels?: readonly string[];
  /**
   * The release of Elle whose findings decide the verdict of a transactional workload. Maelstrom has the default.
   *
   * @default {"0.2.2"}
   */
  readonly elle?: ElleVersion;
  /**
   * True if `stats` are part of the verdict. Set it to false for a history that was recorded only to be checked against
   * a model.
   *
   * @default {true}
   */
  readonly countStats?: boolean;
  /** The limits of the search for a linearization. */
  readonly limits?: SearchLimits;
  /** The callbacks by which a long check is followed and ended. */
  readonly control?: CheckControl;
}

/** The result of the checker of some workload. */
export type WorkloadResult =
  | EchoResult
  | UniqueIdsResult
  | SetFullResult
  | CounterResult
  | KafkaResult
  | LinKvResult
  | ElleResult
  | ModelResult
  | RegisterResult
  | Judgment
  | TogetherResult;

/** The result of a checker that threw an exception. */
export interface FailedCheck {
  /** The kind of this result. */
  readonly kind: "failed";
  /** A checker that threw decided nothing. */
  readonly valid: "unknown";
  /** The exception. */
  readonly error: string;
}

/** The result of {@linkcode together}. */
export interface TogetherResult {
  /** The checker. */
  readonly kind: "together";
  /** The verdict of all parts. */
  readonly valid: Validity;
  /** The results of the parts by name. */
  readonly parts: Readonly<Record<string, WorkloadResult>>;
}

/**
 * Joins the results of several checkers of one history: it is valid if all of them say so.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkListAppend, judgment, together } from "@charybdis/charybdis/checkers";
 *
 * const both = together({
 *   isolation: checkListAppend([], { consistencyModels: ["serializable"] }),
 *   registers: judgment([{ name: "not-linearizable", examples: [{ text: "Key x went back." }] }]),
 * });
 * assertEquals(both.valid, false);
 * ```
 */
export function together(parts: Readonly<Record<string, WorkloadResult>>): TogetherResult {
  return { kind: "together", valid: mergeValidity(Object.values(parts).map(({ valid }) => valid)), parts };
}

/** A checker of the property of a workload. */
export type Checker = (history: History, options: CheckOptions) => WorkloadResult;

/** The judgment of the histories of a workload. */
export interface Judge {
  /** The checker of the workload's property. */
  readonly judge: Checker;
  /** The operations whose last write must be followed by a read. Without them, no such caveat is given. */
  readonly finalReads?: FinalReads | undefined;
}

/** The result of {@linkcode checkHistory}. */
export interface HistoryResult {
  /** The kind of this result. */
  readonly kind: "history";
  /** The verdicts of all parts. */
  readonly valid: Validity;
  /** The property of the workload. */
  readonly workload: WorkloadResult | FailedCheck;
  /** The number of operations that succeeded: {@linkcode checkStats}. */
  readonly stats: StatsResult | FailedCheck;
  /** The fraction of operations that succeeded: {@linkcode checkAvailability}. */
  readonly availability: AvailabilityResult | FailedCheck;
  /** The exceptions of clients: {@linkcode checkUnhandledErrors}. */
  readonly exceptions: UnhandledErrorsResult | FailedCheck;
  /** Reasons for which the verdict proves less than it says. */
  readonly caveats: readonly Caveat[];
}

const CHECKERS: Readonly<Record<WorkloadName, Checker>> = {
  "echo": checkEcho,
  "unique-ids": checkUniqueIds,
  "broadcast": (history) => checkSetFull(history, { add: "broadcast" }),
  "g-set": (history) => checkSetFull(history, { add: "add" }),
  "g-counter": checkCounter,
  "pn-counter": checkCounter,
  "kafka": (history, { control }) => checkKafka(history, control === undefined ? {} : { control }),
  "lin-kv": (history, { consistencyModels, limits, control }) =>
    checkRegisters(history, {
      ...(consistencyModels === undefined ? {} : { consistencyModels }),
      ...(limits === undefined ? {} : { limits }),
      ...(control === undefined ? {} : { control }),
    }),
  "txn-list-append": (history, options) => checkListAppend(history, isolationOptions(options)),
  "txn-rw-register": (history, options) => checkRwRegister(history, isolationOptions(options)),
};

/**
 * Returns the checker of the property of a workload.
 *
 * @throws {RangeError} for an unknown workload
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkerOf, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "echo", value: "hi" },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "echo", value: { type: "echo_ok", echo: "hi" } },
 * ];
 * assertEquals(checkerOf("echo")(history, {}).valid, true);
 * ```
 */
export function checkerOf(workload: WorkloadName): Checker {
  if (isWorkload(workload)) return CHECKERS[workload];
  throw new RangeError(`Unknown workload "${workload}". Use one of: ${WORKLOADS.join(", ")}`);
}

/**
 * Checks a history: the property of its workload, `stats`, `availability` and `exceptions`.
 *
 * A checker that throws yields the verdict `unknown` with its error, as in Jepsen; the other checkers still run.
 *
 * @param workload the name of one of Maelstrom's workloads, or the checker of another
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkHistory, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "broadcast", value: 1 },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "broadcast", value: 1 },
 *   { index: 2, time: 2000000, process: 0, type: "invoke", f: "read", value: null },
 *   { index: 3, time: 3000000, process: 0, type: "ok", f: "read", value: [] },
 * ];
 * const { valid, workload } = checkHistory("broadcast", history, { availability: "total" });
 * assertEquals(valid, false);
 * if (workload.kind === "set-full") assertEquals(workload.lost, [1]);
 * ```
 */
export function checkHistory(
  workload: WorkloadName | Judge,
  history: History,
  options: CheckOptions = {},
): HistoryResult {
  const { judge, finalReads } = typeof workload === "string"
    ? { judge: checkerOf(workload), finalReads: finalReadsOf(workload) }
    : workload;
  const { availability = null, countStats = true } = options;
  const parts = {
    workload: safely(() => judge(history, options)),
    stats: safely(() => checkStats(history)),
    availability: safely(() => checkAvailability(history, { availability })),
    exceptions: safely(() => checkUnhandledErrors(history)),
  };
  const counted = countStats ? Object.values(parts) : [parts.workload, parts.availability, parts.exceptions];
  return {
    kind: "history",
    valid: mergeValidity(counted.map((part) => part.valid)),
    ...parts,
    caveats: caveatsOf(finalReads, history),
  };
}

function safely<R>(check: () => R): R | FailedCheck {
  try {
    return check();
  } catch (error) {
    return {
      kind: "failed",
      valid: "unknown",
      error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    };
  }
}

function isolationOptions({ consistencyModels, elle, control }: CheckOptions): ListAppendOptions {
  return {
    ...(elle === undefined ? {} : { elle }),
    ...(consistencyModels === undefined ? {} : { consistencyModels }),
    ...(control === undefined ? {} : { control }),
  };
}
