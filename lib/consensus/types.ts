/** Types that every consensus engine shares: entries, snapshots and the members of a cluster. */

import type { Json } from "../protocol/schema.ts";

/** A server's name. */
export type NodeId = string;

/** The members of the cluster. Voters decide; learners receive the log and have no vote. */
export interface Membership {
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
}

/** The current incarnation of each node that rejoined without its disk, by node id. */
export type Incarnations = Readonly<Record<NodeId, string>>;

/** The content of an entry. */
export type Payload =
  | { readonly kind: "noop" }
  | { readonly kind: "command"; readonly command: Json }
  | { readonly kind: "membership"; readonly membership: Membership }
  | { readonly kind: "rejoin"; readonly node: NodeId; readonly incarnation: string };

/** One entry of the log. Indexes count from 1. */
export interface Entry {
  readonly index: number;
  /** The leadership in which the entry was proposed: Raft's term; a view or a ballot in other engines. */
  readonly term: number;
  readonly payload: Payload;
}

/** A snapshot without the state itself. */
export interface SnapshotMeta {
  /** The last entry that the snapshot replaces. */
  readonly index: number;
  /** That entry's term. */
  readonly term: number;
  readonly membership: Membership;
  readonly incarnations: Incarnations;
}

/** The state after the entry `index`. The engine does not look into `data`. */
export interface Snapshot extends SnapshotMeta {
  readonly data: string;
}

/** A read that may now be served from any state that holds the entry `index`. */
export interface ReadState {
  readonly id: number;
  readonly index: number;
}
