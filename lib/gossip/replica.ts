/** What the dissemination spreads: state that grows by origin, of which any part can be asked for and taken in. */

import type { Json } from "../protocol/schema.ts";

/**
 * How far each origin is known: origin → count. An *origin* is one source of changes, such as one life of one node; its
 * changes are numbered from 1. Whoever knows an origin up to n knows all of it from 1 to n.
 */
export type Vector = ReadonlyMap<string, number>;

/** A part of an origin's changes, in the replica's own form. */
export interface Delta {
  readonly payload: Json;
  /** Whoever takes it in knows the origin up to here. */
  readonly upTo: number;
  /** How many changes it includesItems, for limits. */
  readonly size: number;
}

/** A copy of the state. Logs per origin are one ({@linkcode ../log/origin_logs.ts}), counters another. */
export interface Replica {
  /** Where this copy stands. */
  readonly vector: Vector;
  /** The origins that this node itself writes. */
  isOwn(origin: string): boolean;
  /** What stands beyond `after` of an origin, at most `sizeMax` changes of it. */
  delta(origin: string, after: number, sizeMax: number): Delta;
  /**
   * Takes in a delta from elsewhere. What is known already changes nothing; what does not join on to what is known, or
   * does not have the right form, is left out. Returns how far whoever made it knows the origin at least; 0: unknown.
   */
  merge(origin: string, payload: unknown): number;
  /** A message was merged, all of it. True if own origins grew by that: this leaves with the answer already. */
  merged?(): boolean;
}
