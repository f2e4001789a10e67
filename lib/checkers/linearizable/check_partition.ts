/**
 * The verdict on one object: approximating searches first, the exact one where these cannot decide.
 *
 * Tested by `tests/checkers/linearizable_test.ts`.
 */

import type { CheckControl } from "../result.ts";
import { type Interval, type Schedule, schedule } from "./schedule.ts";
import { search, type SearchLimits, type SearchModel, type SearchResult } from "./search.ts";

/** The options of a linearizability check. */
export interface LinearizabilityOptions {
  /** The limits at which the search gives up. */
  readonly limits?: SearchLimits;
  /** The callbacks by which a long check is followed and ended. */
  readonly control?: CheckControl;
}

/** The result of a search, with the schedule that it refers to. */
export interface PartitionResult {
  readonly plan: Schedule;
  readonly outcome: SearchResult;
}

/** The step limit of the exact search for a counterexample, after another search proved that no order exists. */
const STEPS_FOR_EXPLANATION = 1_000_000;

/**
 * Decides if the operations of one object are linearizable.
 *
 * The exact search distinguishes which optional operations were used, which can make it many times larger. So an
 * underapproximating search comes first, which finds most orders that exist. If it finds none, an overapproximating
 * search may prove that there is none.
 */
export function checkPartition(
  intervals: readonly Interval[],
  model: SearchModel,
  options: LinearizabilityOptions & { readonly readOnly: (operation: number) => boolean },
): PartitionResult {
  const { limits = {}, control = {} } = options;
  const plan = schedule(intervals, options.readOnly);
  if (model.optional.length === 0) return { plan, outcome: search(plan, model, { limits, control }) };
  const under = search(plan, model, { limits, control, mode: "underApproximate" });
  if (under.end === "linearizable" || under.end === "stopped") return { plan, outcome: under };
  const over = search(plan, model, { limits, control, mode: "overApproximate" });
  if (over.end === "stopped") return { plan, outcome: over };
  if (over.end !== "stuck") return { plan, outcome: search(plan, model, { limits, control }) };
  const stepsMax = Math.min(STEPS_FOR_EXPLANATION, limits.stepsMax ?? STEPS_FOR_EXPLANATION);
  const exact = search(plan, model, { limits: { ...limits, stepsMax }, control });
  return { plan, outcome: exact.end === "stuck" ? exact : over };
}

/** Returns the limit that ended a search as a phrase. */
export function limitText(end: SearchResult["end"]): string {
  switch (end) {
    case "memory":
      return "the search reached its limit of memory";
    case "steps":
      return "the search reached its limit of steps";
    default:
      return "the check was stopped";
  }
}
