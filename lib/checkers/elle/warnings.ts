/** Oddities of a history that change no verdict, since Elle passes over them, but that people should know. */

import { FAIL, OK, type Transactions } from "./transactions.ts";

/** Replies that tell of other micro-operations than were asked: fewer, others, in another order. */
export function changedReplies(txns: Transactions): string[] {
  // What failed or is unknown is recorded as it was asked.
  const changed = txns.changed.filter((t) => txns.outcome[t] === OK);
  const first = txns.op[changed[0] ?? -1];
  if (first === undefined) return [];
  return [
    `${
      count(changed.length, "reply", "replies")
    } of other micro-operations than asked, the first at event ${first.index}`,
  ];
}

/** Reads of registers that returned what no transaction wrote; it may have been there before the test. */
export function unwrittenValues(txns: Transactions, version: Int32Array, versions: number): string[] {
  const isWritten = new Uint8Array(versions);
  for (let m = 0; m < version.length; m++) {
    if (txns.isWrite[m] === 1 || txns.value[m] === null) isWritten[version[m] ?? 0] = 1;
  }
  let reads = 0;
  let first = "";
  for (let t = 0; t < txns.count; t++) {
    if (txns.outcome[t] === FAIL) continue;
    const end = txns.start[t + 1] ?? 0;
    for (let m = txns.start[t] ?? 0; m < end; m++) {
      if (isWritten[version[m] ?? 0] === 1) continue;
      reads++;
      if (first !== "") continue;
      const [key, value] = [txns.keys[txns.key[m] ?? 0], txns.value[m]];
      first = `event ${txns.op[t]?.index} read ${JSON.stringify(value)} from key ${JSON.stringify(key)}`;
    }
  }
  return reads === 0 ? [] : [`${count(reads, "read", "reads")} of a value that nobody wrote: ${first}`];
}

function count(n: number, one: string, several: string): string {
  return `${n} ${n === 1 ? one : several}`;
}
