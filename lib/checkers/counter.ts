/** Counters (g-counter, pn-counter): which final reads the additions allow. */

import type { Event, History } from "./history.ts";
import { emptyHistoryWarning } from "./operations.ts";
import type { Result } from "./result.ts";

/** A closed range of whole numbers; a bound beyond what a double holds exactly is a bigint. */
export type Range = readonly [lower: number | bigint, upper: number | bigint];

/** Far-apart indeterminate additions can make ever more ranges; past this many only their hull is kept. */
const RANGES_MAX = 10_000;

/**
 * Checks that each final read is the sum of all acknowledged additions and of some of the indeterminate ones (Maelstrom's
 * pn-counter checker). `acceptable` is what those sums can be, as closed ranges; `errors` the final reads outside, or
 * null. An addition without completion is
 * indeterminate, too; those that surely failed count for nothing. A final read that is no whole number is an error, with its
 * operation; an addition that is none leaves the sums open, and the result unknown. So does a number of possible sums
 * beyond what can be kept: `acceptable` then holds them all, and more.
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
export function checkCounter(history: History): Result {
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
    valid: errors.length > 0 ? false : malformed.length > 0 || !exact ? "unknown" : true,
    errors: errors.length === 0 ? null : errors,
    "final-reads": reads.map((read) => read.value),
    acceptable: acceptable.map(([lower, upper]): Range => [plain(lower), plain(upper)]),
    ...(malformed.length === 0 ? {} : { "malformed-count": malformed.length, malformed }),
    ...(warning === null ? {} : { warning }),
  };
}

/** How each addition ended; an addition that never did is in doubt, and stands as it was invoked. */
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

/** The sums of `definite` and any of `possible`, and whether they are just these or a hull around them. */
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
