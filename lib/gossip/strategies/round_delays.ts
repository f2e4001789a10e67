/**
 * Expected delays in a cluster that gossips in rounds. Hubs, leaves and audits derive their deadlines from them.
 *
 * Tested by `tests/gossip/strategies_test.ts`.
 */

import type { Peer } from "../peer/peer.ts";
import type { HubTiming } from "./hub_timing.ts";
import type { HubLink, LeafTiming } from "./leaf_timing.ts";

/** The number of rounds for which an acknowledgement may wait for changes to travel with. */
const ACK_ROUNDS = 5;
/** The limit of that time, in ms, unless {@linkcode ACK_ROUNDS_MIN} rounds are longer. */
const ACK_MS_MAX = 1500;
/** The number of rounds for which it may always wait: a leaf without changes in one round usually has some in the next. */
const ACK_ROUNDS_MIN = 2;
/** That time, in ms, if changes go directly to every node: acknowledgements then rarely have to travel alone. */
const ACK_MS_DIRECT = 2500;
/** The part of a round that the lead of a gather takes at most. */
const GATHER_LEAD_ROUNDS_MAX = 0.25;

/** The inputs of {@linkcode RoundDelays}. */
export interface RoundDelaysOptions {
  readonly hubTiming: HubTiming;
  readonly leafTiming: LeafTiming;
  readonly direct: boolean;
  /** Returns true if this node is the hub. */
  readonly isHub: () => boolean;
}

/** The delays that this node has to expect, from the round time and the measured round trips. */
export class RoundDelays {
  readonly #options: RoundDelaysOptions;

  constructor(options: RoundDelaysOptions) {
    this.#options = options;
  }

  /** The round time that applies to this node, in ms: its own as a hub, its hub's as a leaf. */
  get roundMs(): number {
    const { isHub, hubTiming, leafTiming } = this.#options;
    return isHub() ? hubTiming.roundMs : leafTiming.roundMs;
  }

  /** The time for which an acknowledgement may wait for changes to travel with, in ms. */
  get ackMs(): number {
    if (this.#options.direct) return ACK_MS_DIRECT;
    const { roundMs } = this;
    return Math.max(ACK_ROUNDS_MIN * roundMs, Math.min(ACK_ROUNDS * roundMs, ACK_MS_MAX));
  }

  /** Returns the time until a peer's reply arrives if the peer replies with its next round, in ms. */
  replyMs(peer: Peer): number {
    return (peer.roundTrip.medianMs ?? this.roundMs) + this.roundMs;
  }

  /** Returns the time by which a gather should arrive before the scatter, in ms. */
  gatherLeadMs(peer: Peer): number {
    const leadMs = Math.max(this.#options.hubTiming.gatherLeadMs, 2 * peer.roundTrip.deviationMs);
    return Math.min(leadMs, this.roundMs * GATHER_LEAD_ROUNDS_MAX);
  }

  /** Returns the timing of the way to a hub. */
  linkTo(hub: Peer): HubLink {
    return { roundTripMs: hub.roundTrip.medianMs ?? 0, gatherLeadMs: this.gatherLeadMs(hub) };
  }
}
