/** The cause of a failed run in one sentence. Tested by `tests/bench/report/findings_test.ts`. */

import type { Finding } from "./finding.ts";

/** Returns the cause of the first anomaly in one sentence: the last event that led to it, or else the likely cause. */
export function causeSentence(findings: readonly Finding[]): string | undefined {
  const first = findings.find(({ severity }) => severity === "invalid");
  if (first === undefined) return undefined;
  const known = first.examples.find(({ cause = [] }) => cause.length > 0)?.cause ?? [];
  return known.at(-1)?.text ?? `Likely cause: ${first.description.cause}`;
}
