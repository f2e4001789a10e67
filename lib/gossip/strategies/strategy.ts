/** The decision to whom a node sends, and when. */

import type { Received } from "../anti_entropy.ts";
import type { NextAction } from "../next_action.ts";
import type { Peer } from "../peer/peer.ts";

/** The visible state of a strategy. */
export interface StrategyStatus {
  readonly role: "hub" | "leaf" | "neighbor";
  /** The node that collects this node's changes; undefined without hubs. */
  readonly hub?: string;
  /** The time of a round, in ms. */
  readonly roundMs: number;
}

/** A dissemination strategy. `Gossip` calls it on every input; it sends through `AntiEntropy`. */
export interface Strategy {
  /** The peers that a node asks for their state after its start, one after the other. */
  readonly bootstrapPeers: readonly Peer[];
  /** The delay from the start to the first of these requests, in ms. */
  readonly bootstrapDelayMs: number;
  readonly status: StrategyStatus;
  /** The interval between probes of one unreachable peer, in ms. */
  readonly probeMs: number;
  /** Returns true if this node must see to it that the peer learns everything. */
  isResponsibleFor(peer: Peer): boolean;
  /** Returns the time by which a message that only acknowledges must leave, given when the changes arrived. */
  ackDueAt(peer: Peer, since: number): number;
  /** Handles a change that this node made. */
  changed(now: number): void;
  /** Handles a message that was merged. */
  received(received: Received, now: number): void;
  /** Handles a peer that did not reply in time. */
  unreachable(peer: Peer, now: number): void;
  /** Schedules everything that the strategy has to do. */
  scheduleActions(actions: NextAction): void;
}
