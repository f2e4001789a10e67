/**
 * Oddities of a history that change no verdict, because Elle ignores them.
 *
 * Tested by `tests/checkers/elle/list_append_test.ts`.
 */

import { OK, type Transactions } from "./transactions.ts";

/** Returns a warning if replies contain other micro-operations than their requests. */
export function changedReplies(txns: Transactions): string[] {
  // Failed and indeterminate transactions are recorded as they were requested.
  const changed = txns.writesDiffer.filter((t) => txns.outcome[t] === OK);
  const first = txns.op[changed[0] ?? -1];
  if (first === undefined) return [];
  return [
    `${
      count(changed.length, "reply", "replies")
    } whose micro-operations differ from the request, the first at event ${first.index}`,
  ];
}

function count(n: number, one: string, several: string): string {
  return `${n} ${n === 1 ? one : several}`;
}
