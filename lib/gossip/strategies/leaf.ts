/**
 * The role of a leaf: it chooses its hub, and sends it a gather per round.
 *
 * Tested by `tests/gossip/strategies_test.ts`.
 */

import type { AntiEntropy } from "../anti_entropy.ts";
import type { NextAction } from "../next_action.ts";
import type { Peer } from "../peer/peer.ts";
import type { LeafTiming } from "./leaf_timing.ts";
import type { RoundDelays } from "./round_delays.ts";

/** The number of hub candidates that a node asks at once after its hub has failed. */
const CANDIDATES = 4;

/** The inputs of {@linkcode Leaf}. */
export interface LeafOptions {
  readonly timing: LeafTiming;
  readonly delays: RoundDelays;
  readonly direct: boolean;
  /** Called when another peer becomes the hub. */
  readonly onHubChosen: (hub: Peer) => void;
}

/**
 * The leaf role of one node. The hub is the first node before it, in the agreed order, that responds, or that was not tried
 * yet. A node without a hub is the hub itself.
 */
export class Leaf {
  /** The nodes before this one in the agreed order. */
  readonly hubCandidates: readonly Peer[];
  readonly #antiEntropy: AntiEntropy;
  readonly #options: LeafOptions;
  #hub: Peer | undefined;
  #unsentSince: number | undefined; // when the oldest change that was not sent to the hub appeared

  constructor(antiEntropy: AntiEntropy, options: LeafOptions) {
    this.#antiEntropy = antiEntropy;
    this.#options = options;
    const { ids, self } = antiEntropy;
    this.hubCandidates = ids.slice(0, ids.indexOf(self)).flatMap((id) => antiEntropy.peer(id) ?? []);
    this.#hub = this.#findHub();
  }

  /** The hub of this node; undefined if this node is the hub. */
  get hub(): Peer | undefined {
    return this.#hub;
  }

  /** Chooses the hub again, and notes since when there is something to send to it. */
  refresh(now: number): void {
    const hub = this.#findHub();
    if (hub !== this.#hub) {
      this.#hub = hub;
      this.#options.timing.reset();
      this.#unsentSince = undefined;
      if (hub !== undefined) this.#options.onHubChosen(hub);
    }
    if (hub === undefined || !this.#antiEntropy.hasUnsentChanges(hub)) this.#unsentSince = undefined;
    else this.#unsentSince ??= now;
  }

  /** Handles a scatter of the hub, which sets the time of the next gather. */
  onScatter(hub: Peer, roundMs: number, now: number): void {
    this.#options.timing.onScatter(now, { roundMs, ...this.#options.delays.linkTo(hub) });
  }

  /** Asks the first candidates that were not tried yet. */
  askCandidates(now: number): void {
    let left = CANDIDATES;
    for (const peer of this.hubCandidates) {
      if (peer.state !== "unknown" || peer.liveness.awaitingReplySince !== undefined || left-- <= 0) continue;
      this.#antiEntropy.send(peer, now, { requestReply: true });
    }
  }

  /** Schedules the next gather, or its repetition if the hub does not acknowledge the last one. */
  scheduleActions(actions: NextAction): void {
    const hub = this.#hub;
    if (hub === undefined) return;
    const { timing, delays, direct } = this.#options;
    if (this.#unsentSince !== undefined) {
      actions.scheduleFor(hub, timing.dueAt(this.#unsentSince, delays.linkTo(hub)), this.#gather);
      return;
    }
    const { unacknowledgedSince } = hub.delivery;
    if (unacknowledgedSince === undefined || hub.state === "down") return;
    const ackMs = direct ? delays.ackMs : 0; // a scatter acknowledges at once
    const at = unacknowledgedSince + ackMs + delays.replyMs(hub) + 2 * delays.gatherLeadMs(hub);
    actions.scheduleFor(hub, at, this.#gatherAgain);
  }

  readonly #gather = (hub: Peer, now: number): void => {
    const oldestAgeMs = Math.max(0, Math.round(now - (this.#unsentSince ?? now)));
    this.#antiEntropy.send(hub, now, { oldestAgeMs });
    // If the hub's vector is unknown, this only asked for it, and the changes leave once the hub has replied.
    if (!this.#antiEntropy.awaitsPeerVector(hub)) this.#options.timing.onGather(now);
    this.refresh(now);
  };

  readonly #gatherAgain = (hub: Peer, now: number): void => {
    hub.delivery.recordResend(now);
    this.#gather(hub, now);
  };

  #findHub(): Peer | undefined {
    let untried: Peer | undefined;
    for (const peer of this.hubCandidates) {
      if (peer.state === "up") return peer;
      if (peer.state === "unknown") untried ??= peer;
    }
    return untried;
  }
}
