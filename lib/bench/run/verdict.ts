/**
 * Converts the observations of a run to its result: Maelstrom's map, and additions of this bench.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import type { Caveat } from "../../checkers/caveats.ts";
import { checkHistory, type Judge, type WorkloadResult } from "../../checkers/check_history.ts";
import { historyToJepsen, toJepsen } from "../../checkers/jepsen.ts";
import type { History } from "../../checkers/history.ts";
import { checkNet } from "../../checkers/net.ts";
import {
  type CheckControl,
  type JepsenResult as Result,
  mergeValidity,
  type Validity,
} from "../../checkers/result.ts";
import { isObject } from "../../protocol/schema.ts";
import type { Remark } from "../../sim/remarks.ts";
import type { Progress } from "./progress.ts";
import type { Convergence } from "./convergence.ts";
import { verdictWithoutEnd } from "./early_end.ts";
import type { EarlyEnd } from "../store/file_limit.ts";
import type { FaultEffect } from "../nemesis/fault_effects.ts";
import { parseResult } from "../store/parse_result.ts";
import { type Bounds, exceededBounds } from "./bounds.ts";
import { registeredWorkload } from "../workloads/registry.ts";
import type { TestOptions } from "./options.ts";
import { messageOf } from "../errors.ts";
import { partPlace, placeOf } from "./workload_place.ts";
import type { RunObservations } from "./run_observations.ts";

/** Maelstrom's closing lines. */
export const VERDICT_LINES: ReadonlyMap<Validity, string> = new Map<Validity, string>([
  [true, "Everything looks good! ヽ(‘ー`)ノ"],
  [false, "Analysis invalid! (ﾉಥ益ಥ）ﾉ ┻━┻"],
  ["unknown", "Errors occurred during analysis, but no anomalies found. ಠ~ಠ"],
]);

/** A whole result. */
export interface TestResult extends Result {
  readonly workload: Result;
  readonly net: Result;
  readonly stats: Result;
  readonly availability: Result;
  readonly exceptions: Result;
  /** Behavior of nodes that no correct node shows; absent if there is none. */
  readonly nodes?: Result;
  /** The nodes that made no progress after the faults; absent without a liveness check. */
  readonly liveness?: Result;
  /** The violated invariants; absent if there were none to check. */
  readonly invariants?: Result;
  /** The figures that are not below their bounds; absent if there are no bounds. */
  readonly bounds?: Result;
  /** The effects of the injected faults; absent if there were none. */
  readonly faults?: readonly FaultEffect[];
  /** Reasons why the verdict proves less than it says; absent if there are none. */
  readonly caveats?: readonly Caveat[];
  /** The reason why the bench ended the run early; absent if it did not. */
  readonly "early-end"?: EarlyEnd;
  /** Odd behavior of nodes; absent if there is none. Not part of the verdict. */
  readonly remarks?: readonly Remark[];
}

/** Returns the result of a run that was not judged, for the given reason. */
export function unjudged(error: string): TestResult {
  const unknown: Result = { valid: "unknown", error };
  return {
    valid: "unknown",
    workload: unknown,
    net: unknown,
    stats: unknown,
    availability: unknown,
    exceptions: unknown,
  };
}

/** Returns the judge of a workload. An exception of a file's judge has its place in the file. */
export function judgeOf(name: string): Judge {
  const { workload, source } = registeredWorkload(name);
  if (source === undefined) return workload;
  return {
    ...workload,
    judge: (history, options) => {
      let result: WorkloadResult;
      try {
        result = workload.judge(history, options);
      } catch (error) {
        const place = placeOf(error, source) ?? partPlace(source, "judge");
        throw new Error(`${place}: judge threw ${messageOf(error)}`);
      }
      if (hasForm(result)) return result;
      const place = partPlace(source, "judge");
      throw new Error(`${place}: judge returned no result of a checker. Return judgment([…]), for example`);
    },
  };
}

/** Returns the judge of a workload as if it threw an exception. It gives the parts of a result that need no judge. */
export function failedJudgeOf(name: string): Judge {
  const judge = () => {
    throw new Error("the check did not end");
  };
  return { ...judgeOf(name), judge };
}

/** Returns true if a result has the form of its type, which the code of a file may have ignored. */
function hasForm(result: WorkloadResult): boolean {
  if (!isObject(result)) return false;
  const { kind, valid } = result;
  if (typeof kind !== "string" || (typeof valid !== "boolean" && valid !== "unknown")) return false;
  try {
    return isObject(toJepsen(result));
  } catch {
    return false; // a part is missing
  }
}

/** Judges a run. A node that ended by itself makes the run invalid, regardless of the history. */
export function judge(
  history: History,
  { test, observations, control, workload = judgeOf(test.workload) }: {
    readonly test: TestOptions;
    readonly observations: RunObservations;
    readonly control?: CheckControl;
    readonly workload?: Judge;
  },
): TestResult {
  const checked = historyToJepsen(checkHistory(workload, history, {
    availability: test.availability,
    consistencyModels: test.consistencyModels,
    ...(test.elle === undefined ? {} : { elle: test.elle }),
    ...(control === undefined ? {} : { control }),
  }));
  const net = toJepsen(checkNet(history, { counts: observations.counts }));
  const nodes = observations.faults.length === 0
    ? undefined
    : { valid: false as const, faults: observations.faults };
  const { progress } = observations;
  const live = progress === undefined ? undefined : livenessToJepsen(progress);
  const { invariants } = observations;
  const held = invariants === undefined ? undefined : { valid: invariantsHold(invariants), ...invariants };
  const others = [nodes, live, held].flatMap((part) => part === undefined ? [] : [part.valid]);
  const result: TestResult = {
    ...checked,
    valid: mergeValidity([checked.valid, net.valid, ...others]),
    net,
    ...(live === undefined ? {} : { liveness: live }),
    ...(held === undefined ? {} : { invariants: held }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(observations.effects.length === 0 ? {} : { faults: observations.effects }),
    ...(observations.convergence === undefined
      ? {}
      : { convergence: convergenceToJepsen(observations.convergence) }),
    ...(observations.remarks.length === 0 ? {} : { remarks: observations.remarks }),
    ...(observations.interrupted ? { interrupted: true } : {}),
  };
  const bounded = test.bounds === undefined ? result : withBounds(result, test.bounds);
  return observations.earlyEnd === undefined ? bounded : endedEarly(bounded, observations.earlyEnd);
}

/** Makes a result invalid if a figure is not below its bound. */
function withBounds(result: TestResult, bounds: Bounds): TestResult {
  const { servers, workload } = parseResult(result);
  const { median, longest } = workload.set?.stableLatencies ?? {};
  const exceeded = exceededBounds(bounds, {
    messagesPerOperation: servers?.perOperation ?? null,
    stableLatencyMs: median === undefined || longest === undefined ? null : { median, longest },
  });
  const valid = exceeded.length === 0;
  return { ...result, valid: mergeValidity([result.valid, valid]), bounds: { valid, exceeded } };
}

/** An invariant that threw, or had no step to check, proves nothing. */
function invariantsHold({ steps, violations }: NonNullable<RunObservations["invariants"]>): Validity {
  if (violations.some(({ kind }) => kind === "violated")) return false;
  return steps === 0 || violations.length > 0 ? "unknown" : true;
}

function livenessToJepsen({ withinMs, afterMs, stuck }: Progress): Result & { readonly valid: boolean } {
  return {
    valid: stuck.length === 0,
    "within-ms": withinMs,
    ...(afterMs === undefined ? {} : { "after-ms": afterMs }),
    stuck,
  };
}

function convergenceToJepsen(convergence: Convergence): Readonly<Record<string, unknown>> {
  const { converged, afterMs, keyCount, differentCount, different, silent } = convergence;
  return {
    converged,
    "after-ms": afterMs,
    "key-count": keyCount,
    "different-count": differentCount,
    different,
    silent,
  };
}

function endedEarly(result: TestResult, reason: EarlyEnd): TestResult {
  const others = (result.caveats ?? []).filter(({ kind }) => kind !== "no-final-reads"); // implied by the missing end
  const caveats = [{ kind: "ended-early", text: reason.text } as const, ...others];
  const isCertain = result.valid === false && reason.kind === "certain";
  const valid = isCertain ? false : verdictWithoutEnd(result);
  return { ...result, valid, caveats, "early-end": reason };
}
