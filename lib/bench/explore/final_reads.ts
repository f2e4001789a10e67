/**
 * The order of final operations that begin at the same time.
 *
 * Checkers call a value stable if the read that began last has it. Final operations of an exploration begin together, so that any of
 * them may be the last one. A value that only one node has is stable in one of these orders, and lost in the others.
 *
 * Tested by `tests/bench/explore/final_reads_test.ts`.
 */

import type { Event } from "../../checkers/history.ts";
import { stringifyExactJson } from "../../protocol/exact_json.ts";

/** Returns the history in every order that has another final operation of the last round as its last one, the given order first. */
export function* finalOrders(history: readonly Event[]): Generator<readonly Event[]> {
  yield history;
  const end = history.findLastIndex(isFinalInvocation) + 1;
  const from = history.findLastIndex((event, i) => i < end && !isFinalInvocation(event)) + 1;
  if (haveSameValue(history.slice(end))) return;
  for (let i = end - 2; i >= from; i--) {
    const round = history.slice(from, end);
    const [last] = round.splice(i - from, 1);
    if (last === undefined) continue;
    yield [...history.slice(0, from), ...round, last, ...history.slice(end)].map((event, index) => ({
      ...event,
      index,
    }));
  }
}

function isFinalInvocation({ type, final }: Event): boolean {
  return type === "invoke" && final === true;
}

/** Returns true if all operations ended with the same value. */
function haveSameValue(ends: readonly Event[]): boolean {
  const texts = new Set(ends.map(({ type, value }) => `${type} ${sortedText(value)}`));
  return texts.size <= 1;
}

/** Returns the text of a value, in which the order of a list does not count. */
function sortedText(value: unknown): string {
  return Array.isArray(value)
    ? value.map((each) => stringifyExactJson(each)).sort().join()
    : stringifyExactJson(value) ?? "";
}
