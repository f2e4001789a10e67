/** Oddities of a history that change no verdict, since Elle passes over them, but that people should know. */

import { OK, type Transactions } from "./transactions.ts";

/** Replies that tell of other micro-operations than were asked: fewer, others, in another order. */
export function changedReplies(txns: Transactions): string[] {
  // What failed or is unknown is recorded as it was asked.
  const changed = txns.writesDiffer.filter((t) => txns.outcome[t] === OK);
  const first = txns.op[changed[0] ?? -1];
  if (first === undefined) return [];
  return [
    `${
      count(changed.length, "reply", "replies")
    } of other micro-operations than asked, the first at event ${first.index}`,
  ];
}

function count(n: number, one: string, several: string): string {
  return `${n} ${n === 1 ? one : several}`;
}
