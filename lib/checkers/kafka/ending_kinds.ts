/** The anomalies at which Jepsen's analysis of a log ends without a verdict. Tested by `tests/checkers/kafka_test.ts`. */

/** Their names. Each makes a result incomplete, and is not among its error types. */
export const ENDING_KINDS = ["no-writer-of-value", "nothing-polled"] as const;

/** The name of such an anomaly. */
export type EndingKind = (typeof ENDING_KINDS)[number];

/** Returns true for such an anomaly. */
export function endsAnalysis(kind: string): kind is EndingKind {
  return ENDING_KINDS.some((each) => each === kind);
}
