/** Appends that no reply contains. Tested by `tests/checkers/elle/malformed_test.ts`. */

import { valueText } from "../value_key.ts";
import { isNonemptyList } from "./list_versions.ts";
import { atomOf, microOp, type Transactions } from "./transactions.ts";
import type { Findings } from "./verdict.ts";

/** An append of a request. */
interface Request {
  readonly txn: number;
  readonly key: unknown;
  readonly value: unknown;
}

/**
 * Reports the only append to a key that was never read, if its reply leaves it out (malformed). Elle takes such an append for the
 * order of the key, and throws because no completed transaction contains it.
 */
export function findOmittedAppends(txns: Transactions, findings: Findings): void {
  if (txns.writesDiffer.length === 0) return;
  const { isWrite, key, value, keys } = txns;
  const only = onlyRequests(txns);
  for (let m = 0; m < key.length; m++) {
    if (isWrite[m] === 1 || isNonemptyList(value[m])) only.delete(atomOf(keys[key[m] ?? 0]));
  }
  for (const request of only.values()) {
    if (request === "several") continue;
    const [what, where] = [valueText(request.value), valueText(request.key)];
    const why = `its reply leaves out its append of ${what} to key ${where}, the only append to this key`;
    findings.add("malformed", () => ({ kind: "malformed", op: txns.op[request.txn], why }));
  }
}

/** By key: the request of its append, among the requests that their replies do not repeat. */
function onlyRequests(txns: Transactions): Map<unknown, Request | "several"> {
  const only = new Map<unknown, Request | "several">();
  for (const txn of txns.writesDiffer) {
    const mops = txns.invocation[txn]?.value;
    for (const mop of Array.isArray(mops) ? mops : []) {
      const parts = microOp(mop);
      if (parts === null || parts[0] !== "append") continue;
      const [, key, value] = parts;
      const atom = atomOf(key);
      only.set(atom, only.has(atom) ? "several" : { txn, key, value });
    }
  }
  return only;
}
