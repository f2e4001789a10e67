/**
 * Results in the form of Jepsen's result maps, as `results.json` and `results.edn` contain them.
 *
 * Tested by `tests/checkers/recorded_test.ts`.
 */

import type { AvailabilityResult } from "./availability.ts";
import type { Caveat } from "./caveats.ts";
import type { FailedCheck, HistoryResult, WorkloadResult } from "./check_history.ts";
import type { CounterResult } from "./counter.ts";
import type { EchoResult } from "./echo.ts";
import type { Anomaly, Judgment } from "./judgment.ts";
import { elleToJepsen } from "./elle/jepsen.ts";
import { kafkaToJepsen } from "./kafka/jepsen.ts";
import { linKvToJepsen, modelToJepsen, registerToJepsen } from "./linearizable/jepsen.ts";
import type { MessageCounts, MessageRates, NetResult } from "./net.ts";
import type { JepsenResult } from "./result.ts";
import type { ElementResult, SetFullResult } from "./set_full.ts";
import type { OperationCounts, StatsResult } from "./stats.ts";
import type { UnhandledErrorsResult } from "./unhandled_errors.ts";
import type { UniqueIdsResult } from "./unique_ids.ts";
import { countedList, textOfKey, warningField } from "./jepsen_fields.ts";

/** The result of any checker. */
export type CheckResult =
  | WorkloadResult
  | StatsResult
  | AvailabilityResult
  | UnhandledErrorsResult
  | NetResult
  | FailedCheck;

/** The result of {@linkcode checkHistory} in Jepsen's form. */
export interface JepsenHistoryResult extends JepsenResult {
  /** The property of the workload. */
  readonly workload: JepsenResult;
  /** The number of operations that succeeded. */
  readonly stats: JepsenResult;
  /** The fraction of operations that succeeded. */
  readonly availability: JepsenResult;
  /** The exceptions of clients. */
  readonly exceptions: JepsenResult;
  /** Reasons for which the verdict proves less than it says; absent if there are none. */
  readonly caveats?: readonly Caveat[];
}

/**
 * Returns the result of a checker in Jepsen's form: with Jepsen's hyphenated keys, and without the fields that are empty.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkStats, toJepsen } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(toJepsen(checkStats([]))["ok-count"], 0);
 * ```
 */
export function toJepsen(result: CheckResult): JepsenResult {
  switch (result.kind) {
    case "echo":
      return echoToJepsen(result);
    case "unique-ids":
      return uniqueIdsToJepsen(result);
    case "set-full":
      return setFullToJepsen(result);
    case "counter":
      return counterToJepsen(result);
    case "kafka":
      return kafkaToJepsen(result);
    case "lin-kv":
      return linKvToJepsen(result);
    case "register":
      return registerToJepsen(result);
    case "model":
      return modelToJepsen(result);
    case "elle":
      return elleToJepsen(result);
    case "together":
      return {
        valid: result.valid,
        parts: Object.fromEntries(
          Object.entries(result.parts).map(([name, part]) => [name, toJepsen(part)]),
        ),
      };
    case "judgment":
      return judgmentToJepsen(result);
    case "stats":
      return statsToJepsen(result);
    case "availability":
      return {
        valid: result.valid,
        "ok-fraction": result.okFraction,
        ...warningField(result.warning),
      };
    case "unhandled-errors":
      return result.exceptions.length === 0
        ? { valid: true }
        : { valid: true, exceptions: result.exceptions };
    case "net":
      return netToJepsen(result);
    case "failed":
      return { valid: result.valid, error: result.error };
  }
}

/**
 * Returns the result of a whole history in Jepsen's form.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkHistory, historyToJepsen } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(historyToJepsen(checkHistory("echo", [])).stats["ok-count"], 0);
 * ```
 */
export function historyToJepsen(result: HistoryResult): JepsenHistoryResult {
  return {
    valid: result.valid,
    workload: toJepsen(result.workload),
    stats: toJepsen(result.stats),
    availability: toJepsen(result.availability),
    exceptions: toJepsen(result.exceptions),
    ...(result.caveats.length === 0 ? {} : { caveats: result.caveats }),
  };
}

function echoToJepsen({ valid, errors, warning }: EchoResult): JepsenResult {
  return {
    valid,
    errors: errors.map((
      { expected, received },
    ) => ["Expected a message with :echo", expected, "But received", received]),
    ...warningField(warning),
  };
}

function uniqueIdsToJepsen(result: UniqueIdsResult): JepsenResult {
  return {
    valid: result.valid,
    "attempted-count": result.attemptedCount,
    "acknowledged-count": result.acknowledgedCount,
    "duplicated-count": result.duplicatedCount,
    duplicated: Object.fromEntries(
      // Jepsen prints null as nil.
      result.duplicated.map((
        { id, count },
      ) => [id === null || id === undefined ? "nil" : textOfKey(id), count]),
    ),
    range: result.range,
    ...warningField(result.warning),
  };
}

function setFullToJepsen(result: SetFullResult): JepsenResult {
  return {
    valid: result.valid,
    "attempt-count": result.attemptCount,
    "stable-count": result.stableCount,
    "lost-count": result.lost.length,
    lost: result.lost,
    "never-read-count": result.neverRead.length,
    "never-read": result.neverRead,
    "stale-count": result.stale.length,
    stale: result.stale,
    "worst-stale": result.worstStale.map(elementToJepsen),
    ...(result.stableLatencies === null ? {} : { "stable-latencies": result.stableLatencies }),
    ...(result.lostLatencies === null ? {} : { "lost-latencies": result.lostLatencies }),
    "duplicated-count": result.duplicated.length,
    duplicated: Object.fromEntries(
      result.duplicated.map(({ element, times }) => [textOfKey(element), times]),
    ),
    ...countedList("unexpected", result.unexpected),
    ...countedList("malformed", result.malformed),
    ...warningField(result.warning),
  };
}

function elementToJepsen(found: ElementResult): Readonly<Record<string, unknown>> {
  return {
    element: found.element,
    outcome: found.outcome,
    "stable-latency": found.stableLatencyMs,
    "lost-latency": found.lostLatencyMs,
    known: found.known,
    "last-absent": found.lastAbsent,
  };
}

function counterToJepsen(result: CounterResult): JepsenResult {
  return {
    valid: result.valid,
    errors: result.errors.length === 0 ? null : result.errors,
    "final-reads": result.finalReads,
    acceptable: result.acceptable,
    ...countedList("malformed", result.malformed),
    ...warningField(result.warning),
  };
}

function judgmentToJepsen({ valid, anomalies, figures, warning }: Judgment): JepsenResult {
  return { ...figures, valid, violations: anomalies.map(anomalyToJepsen), ...warningField(warning) };
}

function anomalyToJepsen({ count, ...anomaly }: Anomaly): Anomaly {
  return { ...anomaly, count: count ?? anomaly.examples.length };
}

function statsToJepsen(result: StatsResult): JepsenResult {
  const byF = Object.entries(result.byFunction).map(([f, counts]) => [f, countsToJepsen(counts)] as const);
  return { ...countsToJepsen(result), "by-f": Object.fromEntries(byF), ...warningField(result.warning) };
}

function countsToJepsen(counts: OperationCounts): JepsenResult {
  return {
    valid: counts.valid,
    count: counts.count,
    "ok-count": counts.okCount,
    "fail-count": counts.failCount,
    "info-count": counts.infoCount,
  };
}

function netToJepsen({ all, clients, servers }: NetResult): JepsenResult {
  return {
    valid: true,
    all: ratesToJepsen(all),
    clients: messagesToJepsen(clients),
    servers: ratesToJepsen(servers),
  };
}

function ratesToJepsen(rates: MessageRates): Readonly<Record<string, number>> {
  const { perOperation } = rates;
  return { ...messagesToJepsen(rates), ...(perOperation === null ? {} : { "msgs-per-op": perOperation }) };
}

function messagesToJepsen({ sent, received, distinct }: MessageCounts): Readonly<Record<string, number>> {
  return { "send-count": sent, "recv-count": received, "msg-count": distinct };
}
