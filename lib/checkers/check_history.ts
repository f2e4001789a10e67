/** All that is checked of a workload's history, as one result. */

import { type Availability, checkAvailability } from "./availability.ts";
import { type Caveat, caveatsOf } from "./caveats.ts";
import { checkCounter } from "./counter.ts";
import { checkEcho } from "./echo.ts";
import { checkListAppend, checkRwRegister, type ElleVersion, type ListAppendOptions } from "./elle/mod.ts";
import { checkUnhandledErrors } from "./unhandled_errors.ts";
import type { History } from "./history.ts";
import { checkKafka } from "./kafka/mod.ts";
import { checkLinKv, type SearchLimits } from "./linearizable/mod.ts";
import { type CheckControl, mergeValidity, type Result } from "./result.ts";
import { checkSetFull } from "./set_full.ts";
import { checkStats } from "./stats.ts";
import { checkUniqueIds } from "./unique_ids.ts";
import type { WorkloadName } from "./workloads.ts";

/** What is asked of a history. */
export interface CheckOptions {
  /** How many requests must succeed; `null`, the default: no matter. */
  readonly availability?: Availability;
  /** For the transactional workloads: the models that must hold; `["strict-serializable"]` unless given. */
  readonly consistencyModels?: readonly string[];
  /** For the transactional workloads: the release of Elle whose findings count; 0.2.2, Maelstrom's, unless given. */
  readonly elle?: ElleVersion;
  /**
   * True, the default, if `stats` are part of the verdict, as in a whole test. False for a history that only a model is
   * to judge.
   */
  readonly countStats?: boolean;
  /** What the search for a linearization may use. */
  readonly limits?: SearchLimits;
  /** How a long check is watched and stopped. */
  readonly control?: CheckControl;
}

/** A workload's own checker. */
export type Checker = (history: History, options: CheckOptions) => Result;

/** The result of a whole test; `net` and whatever else the bench knows is added by it. */
export interface HistoryResult extends Result {
  /** The workload's own property. */
  readonly workload: Result;
  /** Whether operations of every kind succeeded at all: {@linkcode checkStats}. */
  readonly stats: Result;
  /** Whether enough of them did: {@linkcode checkAvailability}. */
  readonly availability: Result;
  /** Errors that clients did not expect: {@linkcode checkUnhandledErrors}. */
  readonly exceptions: Result;
  /** Reasons for which the verdict proves less than it says; absent when there are none. */
  readonly caveats?: readonly Caveat[];
}

const CHECKERS: Readonly<Record<WorkloadName, Checker>> = {
  "echo": checkEcho,
  "unique-ids": checkUniqueIds,
  "broadcast": (history) => checkSetFull(history, { add: "broadcast" }),
  "g-set": (history) => checkSetFull(history, { add: "add" }),
  "g-counter": checkCounter,
  "pn-counter": checkCounter,
  "kafka": (history, { control }) => checkKafka(history, control === undefined ? {} : { control }),
  "lin-kv": (history, { limits, control }) =>
    checkLinKv(history, {
      ...(limits === undefined ? {} : { limits }),
      ...(control === undefined ? {} : { control }),
    }),
  "txn-list-append": (history, options) => checkListAppend(history, isolationOptions(options)),
  "txn-rw-register": (history, options) => checkRwRegister(history, isolationOptions(options)),
};

/**
 * The checker of a workload's own property.
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
  return CHECKERS[workload];
}

/**
 * Checks a history of a workload: its own property, and what every test is asked (`stats`, `availability`,
 * `exceptions`). A checker that fails gives `unknown` with its `error`, as in Jepsen, and never takes the others with it.
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
 * const result = checkHistory("broadcast", history, { availability: "total" });
 * assertEquals(result.valid, false);
 * assertEquals(result.workload["lost"], [1]);
 * ```
 */
export function checkHistory(
  workload: WorkloadName,
  history: History,
  options: CheckOptions = {},
): HistoryResult {
  const { availability = null, countStats = true } = options;
  const parts = {
    workload: safely(() => checkerOf(workload)(history, options)),
    stats: safely(() => checkStats(history)),
    availability: safely(() => checkAvailability(history, { availability })),
    exceptions: safely(() => checkUnhandledErrors(history)),
  };
  const counted = countStats ? Object.values(parts) : [parts.workload, parts.availability, parts.exceptions];
  const caveats = caveatsOf(workload, history);
  return {
    valid: mergeValidity(counted.map((part) => part.valid)),
    ...parts,
    ...(caveats.length === 0 ? {} : { caveats }),
  };
}

function safely(check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    return {
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
