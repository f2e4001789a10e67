/** The state that gossip spreads: it grows by origin, and any part of it can be requested and merged. */

import type { Json } from "../protocol/schema.ts";

/**
 * A version vector by name: origin → count. An *origin* is one source of changes, such as one incarnation of one node. Its
 * changes are numbered from 1. A node that knows an origin up to n knows all of its changes from 1 to n.
 */
export type Vector = ReadonlyMap<string, number>;

/** Some of an origin's changes, encoded by the replica. */
export interface Delta {
  readonly payload: Json;
  /** The origin's count after the delta has been merged. */
  readonly upTo: number;
  /** The number of changes in the delta, for limits. */
  readonly size: number;
}

/** One copy of the state. `lib/log/origin_logs.ts` and `lib/crdt/counter.ts` are two implementations. */
export interface Replica {
  /** The version vector of this copy. */
  readonly vector: Vector;
  /** Returns true if this node writes the origin. */
  isOwn(origin: string): boolean;
  /** Encodes the changes of an origin that follow `after`, at most `sizeMax` of them but at least one. */
  delta(origin: string, after: number, sizeMax: number): Delta;
  /**
   * Merges a delta from another node. A delta that is known already changes nothing. One that is malformed, or that leaves
   * a gap after what is known, is ignored.
   *
   * @returns The count up to which the sender is shown to know the origin; 0 if the delta is malformed.
   */
  merge(origin: string, payload: unknown): number;
  /**
   * Called after all deltas of a message were merged. Returns true if the replica changed its own origins in response, so
   * that these changes can leave with the reply.
   */
  onMerged?(): boolean;
}
