/** A finding: what a person is told of an anomaly, as data. */

import type { Event } from "../../checkers/history.ts";
import type { Words } from "./anomaly_descriptions.ts";
import type { CauseSentence } from "./causes/cause.ts";
import type { Subject } from "./causes/find_cause.ts";

/** How many cases of an anomaly are shown. */
export const CASES_SHOWN_MAX = 3;

/** One edge of a cycle, explained. */
export interface CycleEdge {
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

/** One case of an anomaly. */
export interface Case {
  /** What is to be said of this very case. */
  readonly sentences: readonly string[];
  /** The events that prove it. */
  readonly events: readonly Event[];
  /** The edges, where it is a cycle: `events` are then T1, T2, … */
  readonly cycle: readonly CycleEdge[];
  /** The key that it is about, where operations have many. */
  readonly focus?: string | undefined;
  /** What the run shows of its cause, in the order of events; absent where the run was not searched. */
  readonly cause?: readonly CauseSentence[];
  /** What its cause is looked up by. */
  readonly subject?: Subject;
  /** Where it is a register's history: the longest prefix in an order that explains it, and what fits nowhere. */
  readonly register?: RegisterCase;
}

/** A register that is not linearizable. */
export interface RegisterCase {
  readonly key: string;
  /** The last operations of the longest linearizable prefix, in their order. */
  readonly linearized: readonly Event[];
  readonly linearizedCount: number;
  readonly failed: Event | undefined;
  readonly pending: readonly Event[];
  /** What the register can have held then. */
  readonly states: readonly string[];
}

/** Something to be told. */
export interface Finding {
  readonly id: string;
  readonly name: string;
  readonly words: Words;
  /** Whether it makes the run invalid, leaves it unknown, or only informs. */
  readonly weight: "invalid" | "unknown" | "informs";
  readonly count: number;
  readonly cases: readonly Case[];
}
