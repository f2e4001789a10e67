/**
 * Counters (g-counter, pn-counter): the final reads that the additions allow.
 *
 * Tested by `tests/checkers/recorded_test.ts`.
 */

import type { Event, History } from "./history.ts";
import { emptyHistoryWarning } from "./operations.ts";
import type { Validity } from "./result.ts";

/** A closed range of integers. A bound that a double does not represent exactly is a bigint. */
export type Range = readonly [lower: number | bigint, upper: number | bigint];

/**
 * The number of ranges that are kept. Each indeterminate addition can double it; above this limit the checker keeps the
 * range that contains them all.
 */
const RANGES_MAX = 10_000;

/** The result of {@linkcode checkCounter}. */
export interface CounterResult {
  /** The checker. */
  readonly kind: "counter";
  /** False if a final read is wrong; `unknown` if the possible sums are not known exactly. */
  readonly valid: Validity;
  /** The final reads that no possible sum explains. */
  readonly errors: readonly Event[];
  /** The values of all final reads. */
  readonly finalReads: readonly unknown[];
  /** The possible sums, as ascending closed ranges. */
  readonly acceptable: readonly Range[];
  /** Additions whose value is not an integer. */
  readonly malformed: readonly Event[];
  /** The reason why the verdict proves nothing; `null` if it proves something. */
  readonly warning: string | null;
}

/**
 * Checks that each final read is a possible sum, as Maelstrom's pn-counter checker does.
 *
 * A possible sum contains all acknowledged additions and any of the indeterminate ones. An addition without a completion
 * is indeterminate; a failed addition does not count. A final read that is not an integer is an error.
 *
 * The verdict is `unknown` if an addition is not an integer, or if there are more possible sums than the checker keeps. In
 * the second case `acceptable` contains all of them, and others.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkCounter, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "add", value: 3 },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "add", value: 3 },
 *   { index: 2, time: 2000000, process: 0, type: "invoke", f: "read", value: null, final: true },
 *   { index: 3, time: 3000000, process: 0, type: "ok", f: "read", value: 4, final: true },
 * ];
 * const { valid, acceptable } = checkCounter(history);
 * assertEquals([valid, acceptable], [false, [[3, 3]]]);
 * ```
 */
export function checkCounter(history: History): CounterResult {
  let definite = 0n;
  const possible: bigint[] = [];
  const reads: Event[] = [];
  const malformed: Event[] = [];
  for (const event of history) if (event.final === true && event.type === "ok") reads.push(event);
  for (const event of additions(history)) {
    const delta = wholeNumber(event.value);
    if (delta === null) malformed.push(event);
    else if (event.type === "ok") definite += delta;
    else possible.push(delta);
  }
  const { acceptable, exact } = reachableSums(definite, possible);
  const errors = reads.filter((read) => {
    const value = wholeNumber(read.value);
    return value === null || !acceptable.some(([lower, upper]) => lower <= value && value <= upper);
  });
  const warning = reads.length > 0 ? null : emptyHistoryWarning(history) ??
    "No final read succeeded: nothing was checked.";
  return {
    kind: "counter",
    valid: errors.length > 0 ? false : malformed.length > 0 || !exact ? "unknown" : true,
    errors,
    finalReads: reads.map((read) => read.value),
    acceptable: acceptable.map(([lower, upper]): Range => [plain(lower), plain(upper)]),
    malformed,
    warning,
  };
}

/** Yields the completion of each addition that did not fail; the invocation of an addition without one. */
function* additions(history: History): Generator<Event> {
  const pending = new Map<Event["process"], Event>();
  for (const event of history) {
    if (event.f !== "add") continue;
    if (event.type === "invoke") {
      pending.set(event.process, event);
      continue;
    }
    pending.delete(event.process);
    if (event.type !== "fail") yield event;
  }
  yield* pending.values();
}

/** Returns the sums of `definite` and any of `possible`. Unless `exact`, the range contains other numbers, too. */
function reachableSums(
  definite: bigint,
  possible: readonly bigint[],
): { acceptable: [bigint, bigint][]; exact: boolean } {
  let acceptable: [bigint, bigint][] = [[definite, definite]];
  let exact = true;
  for (const delta of possible) {
    acceptable = mergeRanges([
      ...acceptable,
      ...acceptable.map(([lower, upper]): [bigint, bigint] => [lower + delta, upper + delta]),
    ]);
    const first = acceptable[0];
    const last = acceptable.at(-1);
    if (acceptable.length > RANGES_MAX && first !== undefined && last !== undefined) {
      acceptable = [[first[0], last[1]]];
      exact = false;
    }
  }
  return { acceptable, exact };
}

/** Sorts ranges and joins those that touch or overlap. */
function mergeRanges(ranges: [bigint, bigint][]): [bigint, bigint][] {
  ranges.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  const merged: [bigint, bigint][] = [];
  for (const [lower, upper] of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && lower <= last[1] + 1n) {
      if (upper > last[1]) last[1] = upper;
    } else {
      merged.push([lower, upper]);
    }
  }
  return merged;
}

function wholeNumber(value: unknown): bigint | null {
  if (typeof value === "bigint") return value;
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : null;
}

function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
