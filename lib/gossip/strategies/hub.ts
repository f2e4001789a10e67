/**
 * The role of a hub: it collects gathers, and sends a scatter per round to the nodes that it is responsible for.
 *
 * Tested by `tests/gossip/hub_loss_test.ts`.
 */

import type { AntiEntropy } from "../anti_entropy.ts";
import type { NextAction } from "../next_action.ts";
import type { Peer } from "../peer/peer.ts";
import { quantile } from "../peer/round_trip.ts";
import type { HubTiming, RoundTripStats } from "./hub_timing.ts";
import type { Leaf } from "./leaf.ts";
import type { RoundDelays } from "./round_delays.ts";

/** The number of rounds for which a node scatters to a peer after that peer's last gather. */
const DEPENDENT_ROUNDS = 10;
/** The quantile of the peers' round-trip deviations that the round time allows for. */
const DEVIATION_QUANTILE = 0.8;

/** The inputs of {@linkcode Hub}. */
export interface HubOptions {
  readonly timing: HubTiming;
  readonly delays: RoundDelays;
  readonly leaf: Leaf;
  readonly direct: boolean;
}

/** A gather as the hub sees it. */
export interface Gather {
  /** The time for which its oldest change had waited when it left, in ms. */
  readonly oldestAgeMs: number;
  /** True if it left after the last scatter arrived at its sender. */
  readonly inRound: boolean;
  /** True if this node learned changes from it. */
  readonly learned: boolean;
}

/**
 * The hub role of one node. A node without a hub is responsible for all nodes. Any other node is responsible for its
 * *dependents*: the peers that sent it a gather lately, because they cannot reach an earlier node.
 */
export class Hub {
  readonly #antiEntropy: AntiEntropy;
  readonly #options: HubOptions;
  readonly #dependents = new Map<string, number>(); // id → when its last gather arrived
  readonly #reported = new Set<string>(); // ids whose gather for the next scatter has arrived
  #earlyScatterAt = Infinity;
  #oldestSince = Infinity; // when the oldest change that arrived since the last scatter appeared

  constructor(antiEntropy: AntiEntropy, options: HubOptions) {
    this.#antiEntropy = antiEntropy;
    this.#options = options;
  }

  /** Returns true if this node must see to it that the peer learns everything. */
  isResponsibleFor(peer: Peer): boolean {
    const { hub } = this.#options.leaf;
    return peer !== hub && (hub === undefined || this.#dependents.has(peer.id));
  }

  /** Ends the responsibility for a peer that is a hub itself, or does not respond. */
  removeDependent(peer: Peer): void {
    this.#dependents.delete(peer.id);
  }

  /** Handles a gather. */
  onGather(peer: Peer, { oldestAgeMs, inRound, learned }: Gather, now: number): void {
    if (peer === this.#options.leaf.hub) return;
    this.#dependents.set(peer.id, now);
    if (inRound) this.#reported.add(peer.id);
    if (learned && !this.#options.direct) {
      const travelMs = (peer.roundTrip.medianMs ?? 0) / 2;
      this.#oldestSince = Math.min(this.#oldestSince, now - travelMs - oldestAgeMs);
      const at = this.#options.timing.earlyScatterAt(oldestAgeMs, now) ?? Infinity;
      this.#earlyScatterAt = Math.min(this.#earlyScatterAt, at);
    }
  }

  /** Schedules the next scatter, and what single peers need in between: requests, and changes that were not acknowledged. */
  scheduleActions(actions: NextAction): void {
    if (this.#options.leaf.hub !== undefined && this.#dependents.size === 0) return;
    const { timing, delays } = this.#options;
    const { ackMs } = delays;
    let pending = false;
    let complete = true;
    for (const peer of this.#antiEntropy.peers) {
      if (!this.isResponsibleFor(peer) || peer.state === "down") continue;
      pending ||= this.#isDue(peer);
      complete &&= this.#reported.has(peer.id);
      const { unacknowledgedSince } = peer.delivery;
      if (this.#antiEntropy.awaitsPeerVector(peer)) {
        actions.scheduleFor(peer, peer.lastSentAt + delays.replyMs(peer), this.#requestVector);
      } else if (unacknowledgedSince !== undefined) {
        const at = unacknowledgedSince + ackMs + delays.replyMs(peer) + 2 * delays.gatherLeadMs(peer);
        actions.scheduleFor(peer, at, this.#resend);
      }
    }
    this.#expireDependents(actions.now);
    if (!pending) return;
    actions.schedule(timing.dueAt(complete), this.#scatter);
    actions.schedule(this.#earlyScatterAt, this.#scatterEarly);
  }

  #expireDependents(now: number): void {
    const keptMs = DEPENDENT_ROUNDS * this.#options.delays.roundMs;
    this.#dependents.forEach((at, id) => {
      if (at + keptMs < now) this.#dependents.delete(id);
    });
  }

  readonly #requestVector = (peer: Peer, now: number): void =>
    this.#antiEntropy.send(peer, now, { requestReply: true });

  readonly #resend = (peer: Peer, now: number): void => {
    peer.delivery.recordResend(now);
    if (this.#antiEntropy.isBehind(peer)) this.#antiEntropy.send(peer, now);
  };

  readonly #scatter = (now: number): void => {
    const { timing } = this.#options;
    timing.onScatter(
      now,
      this.#roundTripStats(),
      this.#oldestSince === Infinity ? undefined : now - this.#oldestSince,
    );
    this.#oldestSince = Infinity;
    for (const peer of this.#antiEntropy.peers) {
      if (!this.isResponsibleFor(peer) || peer.state === "down" || !this.#isDue(peer)) continue;
      this.#antiEntropy.send(peer, now, { roundMs: Math.round(timing.announcedMs) });
    }
    this.#reported.clear();
    this.#earlyScatterAt = Infinity;
  };

  /** Sends late changes to all nodes that lack them. It is not a round's scatter, so it does not set the next gather. */
  readonly #scatterEarly = (now: number): void => {
    this.#options.timing.onEarlyScatter();
    this.#oldestSince = Infinity;
    for (const peer of this.#antiEntropy.peers) {
      if (this.isResponsibleFor(peer) && this.#antiEntropy.hasUnsentChanges(peer)) {
        this.#antiEntropy.send(peer, now);
      }
    }
    this.#earlyScatterAt = Infinity;
  };

  #isDue(peer: Peer): boolean {
    return this.#antiEntropy.hasUnsentChanges(peer) ||
      (peer.ackPendingSince !== undefined && !this.#options.direct);
  }

  #roundTripStats(): RoundTripStats {
    const medians: number[] = [];
    const deviations: number[] = [];
    let shortestMs = Infinity;
    for (const { roundTrip } of this.#antiEntropy.peers) {
      if (roundTrip.medianMs === undefined) continue;
      medians.push(roundTrip.medianMs);
      deviations.push(roundTrip.deviationMs);
      shortestMs = Math.min(shortestMs, roundTrip.shortestMs);
    }
    return {
      roundTripMs: quantile(medians, 0.5),
      shortestMs,
      deviationMs: quantile(deviations, DEVIATION_QUANTILE) ?? 0,
    };
  }
}
