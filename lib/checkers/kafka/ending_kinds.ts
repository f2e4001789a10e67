/** The anomalies at which Jepsen's analysis of a log ends without a verdict. Tested by `tests/checkers/kafka_test.ts`. */

/** The name of an anomaly at which Jepsen's analysis of a log ends. */
export type EndingKind = "no-writer-of-value" | "nothing-polled";

/** All of these names. Each makes a result incomplete, and is not among its error types. */
export const ENDING_KINDS: readonly EndingKind[] = ["no-writer-of-value", "nothing-polled"];

/** Returns true for such an anomaly. */
export function endsAnalysis(kind: string): kind is EndingKind {
  return ENDING_KINDS.some((each) => each === kind);
}
