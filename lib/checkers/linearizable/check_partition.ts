/** The verdict over one object: a quick search, and the thorough one where the quick one cannot tell. */

import type { CheckControl } from "../result.ts";
import { type Interval, type Schedule, schedule } from "./schedule.ts";
import { search, type SearchLimits, type SearchModel, type SearchResult } from "./search.ts";

/** What a check may use, and how it is watched. */
export interface LinearizabilityOptions {
  /** What the search may use before it gives up. */
  readonly limits?: SearchLimits;
  /** Told how far the search is, and asked whether to stop. */
  readonly control?: CheckControl;
}

/** A search's outcome, with the schedule that it speaks of. */
export interface PartitionResult {
  readonly plan: Schedule;
  readonly outcome: SearchResult;
}

/** For the counter-example alone, once it is known that there is no order. */
const STEPS_FOR_EXPLANATION = 1_000_000;

/**
 * Decides whether operations are linearizable. Which optional operations were spent can make the exact search many times
 * larger; so first an order is looked for hastily, which finds most that exist, then one in which optional operations may
 * happen again and again, whose absence proves that there is none.
 */
export function checkPartition(
  intervals: readonly Interval[],
  model: SearchModel,
  options: LinearizabilityOptions & { readonly readOnly: (operation: number) => boolean },
): PartitionResult {
  const { limits = {}, control = {} } = options;
  const plan = schedule(intervals, options.readOnly);
  if (model.optional.length === 0) return { plan, outcome: search(plan, model, { limits, control }) };
  const hasty = search(plan, model, { limits, control, mode: "underApproximate" });
  if (hasty.end === "linearizable" || hasty.end === "stopped") return { plan, outcome: hasty };
  const free = search(plan, model, { limits, control, mode: "overApproximate" });
  if (free.end === "stopped") return { plan, outcome: free };
  if (free.end !== "stuck") return { plan, outcome: search(plan, model, { limits, control }) };
  const stepsMax = Math.min(STEPS_FOR_EXPLANATION, limits.stepsMax ?? STEPS_FOR_EXPLANATION);
  const exact = search(plan, model, { limits: { ...limits, stepsMax }, control });
  return { plan, outcome: exact.end === "stuck" ? exact : free };
}

/** Why a search that found neither an order nor that there is none ended. */
export function limitText(end: SearchResult["end"]): string {
  switch (end) {
    case "memory":
      return "the memory allowed for this search is full";
    case "steps":
      return "this search took as many steps as it may";
    default:
      return "the check was stopped";
  }
}
