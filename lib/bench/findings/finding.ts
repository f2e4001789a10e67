/** A finding: an anomaly as data for the reader. Tested by `tests/bench/findings/summaries_test.ts`. */

import type { Event } from "../../checkers/history.ts";
import type { AnomalyDescription } from "./anomaly_descriptions.ts";
import type { CauseSentence } from "./causes/cause.ts";
import type { Subject } from "./causes/find_cause.ts";

/** Maximum number of cases shown per anomaly. */
export const EXAMPLES_SHOWN_MAX = 3;

/** One explained edge of a cycle. */
export interface CycleEdge {
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

/** One case of an anomaly. */
export interface Example {
  /** Sentences about this case. */
  readonly sentences: readonly string[];
  /** The events that prove the case. */
  readonly events: readonly Event[];
  /** The edges, if the case is a cycle: `events` are then T1, T2, … */
  readonly cycle: readonly CycleEdge[];
  /** The key of the case, if operations have keys. */
  readonly focus?: string | undefined;
  /** The cause as the run shows it, in the order of events. Absent if the run was not searched. */
  readonly cause?: readonly CauseSentence[];
  /** The subject by which the cause is found. */
  readonly subject?: Subject;
  /** The longest linearizable prefix of a register's history, and the operation that does not fit. */
  readonly register?: RegisterExample;
}

/** A register that is not linearizable. */
export interface RegisterExample {
  readonly key: string;
  /** The last operations of the longest linearizable prefix, in their order. */
  readonly linearized: readonly Event[];
  readonly linearizedCount: number;
  readonly failed: Event | undefined;
  readonly pending: readonly Event[];
  /** The possible values of the register at that point. */
  readonly states: readonly string[];
}

/** A finding with its number. */
export interface Finding {
  readonly id: string;
  readonly name: string;
  readonly description: AnomalyDescription;
  /** Effect on the verdict: invalid, unknown, or none (`info`). */
  readonly severity: "invalid" | "unknown" | "info";
  readonly count: number;
  readonly examples: readonly Example[];
}

/** The part of a finding that a terminal shows. It has no events, so that it can be sent to another thread. */
export interface ToldFinding extends Pick<Finding, "description" | "severity" | "count"> {
  readonly examples: ReadonlyArray<Pick<Example, "sentences" | "cause">>;
}

/** Returns what a terminal shows of a finding. */
export function toldFinding({ description, severity, count, examples }: Finding): ToldFinding {
  return {
    description,
    severity,
    count,
    examples: examples.map(({ sentences, cause = [] }) => ({ sentences, cause })),
  };
}
