/**
 * The interface of invariants: properties of the nodes' watched values that must hold after every step.
 *
 * Tested by `tests/bench/invariants/invariants_test.ts`.
 */

/** The watched values of a node by name. */
export type WatchedValues = ReadonlyMap<string, unknown>;

/** The state of a cluster after a step: a turn of one node that changed watched values. */
export interface Step {
  /** The watched values of the running nodes. */
  readonly nodes: ReadonlyMap<string, WatchedValues>;
  /** The node whose values changed. */
  readonly changed: string;
  /** The invariant's own values, which it keeps during a run. */
  readonly memory: Map<string, unknown>;
}

/** Returns a sentence if a property is violated; undefined if it holds. */
export type Invariant = (step: Step) => string | undefined;
