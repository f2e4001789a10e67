/**
 * Dissemination along a given graph: each node tells its neighbours what they lack, in batches, and they pass it on. Dearer
 * than a hub and slower by every hop; it is for whoever wants the topology that was advised to be used.
 *
 * The advice may name a neighbour that does not name this node in turn. So whoever sends here is a neighbour too: a
 * one-sided peer would have one side resend for ever what the other never acknowledges.
 */

import type { NextAction } from "../next_action.ts";
import type { AntiEntropy, Received, SendOptions } from "../anti_entropy.ts";
import type { Peer } from "../peer/peer.ts";

/** A batch waits for this part of the allowed latency since the last one on the same peer. */
const BATCH_SHARE = 1 / 6;
/** An acknowledgement waits for so many batches for something to go with. */
const ACK_BATCHES = 3;
/** A peer may be silent for so many batches longer than its answer takes. */
const SILENT_BATCHES = 6;
/** The round trip, ms, that is assumed until one was measured. */
const ROUND_TRIP_MS_GUESS = 200;

/** The part of a node that talks to its neighbours. */
export class NeighbourStrategy {
  readonly #antiEntropy: AntiEntropy;
  readonly #batchMs: number;
  readonly #neighbours = new Set<string>();
  readonly #updatesSince = new Map<string, number>();
  /** The advice comes soon after the start; a node that was started again gets none. */
  readonly bootstrapDelayMs = 400;

  /** Until it is told otherwise, the node's neighbours are those before and behind it in the agreed order. */
  constructor(antiEntropy: AntiEntropy, latencyMsMax: number) {
    this.#antiEntropy = antiEntropy;
    this.#batchMs = latencyMsMax * BATCH_SHARE;
    const { ids, self } = antiEntropy;
    const index = ids.indexOf(self);
    for (const id of [ids[index - 1], ids[index + 1]]) if (id !== undefined) this.#neighbours.add(id);
    antiEntropy.replyTimeoutMs = (peer, options) => this.#replyTimeoutMs(peer, options);
  }

  /** Names the neighbours, in place of those assumed; those who talked to this node stay. */
  connect(neighbours: readonly string[], now: number): void {
    for (const id of [...this.#neighbours]) {
      if (this.#antiEntropy.peers.get(id)?.vectorKnown !== true) this.#neighbours.delete(id);
    }
    for (const id of neighbours) {
      const peer = this.#antiEntropy.peers.get(id);
      if (peer === undefined || this.#neighbours.has(id)) continue;
      this.#neighbours.add(id);
      this.#antiEntropy.send(peer, now, { requestReply: true }); // a neighbour that does not name this node learns of it
    }
    this.#refresh(now);
  }

  get bootstrapPeers(): readonly Peer[] {
    return [...this.#antiEntropy.peers.values()].filter((peer) => this.isResponsibleFor(peer));
  }

  isResponsibleFor(peer: Peer): boolean {
    return this.#neighbours.has(peer.id);
  }

  ackDueAt(_link: Peer, since: number): number {
    return since + ACK_BATCHES * this.#batchMs;
  }

  get probeMs(): number {
    return 2 * this.#batchMs;
  }

  changed(now: number): void {
    this.#refresh(now);
  }

  received({ peer, message, event }: Received, now: number): void {
    this.#neighbours.add(peer.id);
    if (message.requestReply || (event === "recovered" && this.#antiEntropy.hasUnsentChanges(peer))) {
      this.#antiEntropy.send(peer, now);
    }
    this.#refresh(now);
  }

  unreachable(): void {}

  scheduleActions(actions: NextAction): void {
    for (const id of this.#neighbours) {
      const peer = this.#antiEntropy.peers.get(id);
      if (peer === undefined || peer.state === "down") continue;
      const updatesSince = this.#updatesSince.get(id);
      if (this.#antiEntropy.awaitsPeerVector(peer)) {
        actions.scheduleFor(peer, peer.lastSentAt + this.#answerMs(peer), this.#ask);
      } else if (updatesSince !== undefined) {
        actions.scheduleFor(peer, Math.max(updatesSince, peer.lastSentAt + this.#batchMs), this.#send);
      } else if (peer.unacknowledgedSince !== undefined) {
        const at = peer.unacknowledgedSince + (1 + ACK_BATCHES) * this.#batchMs + this.#answerMs(peer);
        actions.scheduleFor(peer, at, this.#resend);
      }
    }
  }

  readonly #ask = (peer: Peer, now: number): void =>
    this.#antiEntropy.send(peer, now, { requestReply: true });

  readonly #send = (peer: Peer, now: number): void => {
    this.#antiEntropy.send(peer, now);
    this.#refresh(now);
  };

  readonly #resend = (peer: Peer, now: number): void => {
    peer.recordResend(now);
    if (this.#antiEntropy.isBehind(peer)) this.#send(peer, now);
  };

  #refresh(now: number): void {
    for (const id of this.#neighbours) {
      const peer = this.#antiEntropy.peers.get(id);
      if (peer === undefined || !this.#antiEntropy.hasUnsentChanges(peer)) this.#updatesSince.delete(id);
      else if (!this.#updatesSince.has(id)) this.#updatesSince.set(id, now);
    }
  }

  #answerMs(peer: Peer): number {
    return (peer.roundTrip.medianMs ?? ROUND_TRIP_MS_GUESS) + this.#batchMs;
  }

  #replyTimeoutMs(peer: Peer, { requestReply }: SendOptions): number | undefined {
    return this.#answerMs(peer) + ((requestReply ? 0 : ACK_BATCHES) + SILENT_BATCHES) * this.#batchMs;
  }
}
