/**
 * Dissemination along a given graph: each node sends its neighbors the changes they lack, in batches, and they pass them
 * on. It costs more messages than a hub, and a hop more latency per edge. It is for users who want the topology of the
 * workload to be used.
 *
 * The topology may name a neighbor that does not name this node. Such a one-sided edge would be sent to forever without an
 * acknowledgement. So every peer that sends to this node becomes its neighbor, too.
 *
 * Tested by `tests/gossip/gossip_test.ts`.
 */

import type { AntiEntropy, Received, SendOptions } from "../anti_entropy.ts";
import type { NextAction } from "../next_action.ts";
import type { Peer } from "../peer/peer.ts";
import type { Strategy, StrategyStatus } from "./strategy.ts";

/** The interval between batches on one edge, as a part of the latency limit. */
const BATCH_FRACTION = 1 / 6;
/** The number of batches for which an acknowledgement may wait for changes to travel with. */
const ACK_BATCHES = 3;
/** The number of batches, in addition to the expected reply time, after which a silent peer is considered down. */
const SILENT_BATCHES = 6;
/** The assumed round-trip time, in ms, before one is measured. */
const ROUND_TRIP_MS_GUESS = 200;
/** The delay of the first request for the others' state, in ms: by then the node has received its topology, if any. */
const BOOTSTRAP_DELAY_MS = 400;

/** The strategy `topology`. */
export class NeighborStrategy implements Strategy {
  readonly bootstrapDelayMs = BOOTSTRAP_DELAY_MS;
  readonly #antiEntropy: AntiEntropy;
  readonly #batchMs: number;
  readonly #neighbors = new Set<string>();
  readonly #unsentSince = new Map<string, number>(); // id → when the oldest unsent change appeared

  /** Until a topology arrives, the neighbors are the nodes before and after this one in the agreed order. */
  constructor(antiEntropy: AntiEntropy, latencyMsMax: number) {
    this.#antiEntropy = antiEntropy;
    this.#batchMs = latencyMsMax * BATCH_FRACTION;
    const { ids, self } = antiEntropy;
    const index = ids.indexOf(self);
    for (const id of [ids[index - 1], ids[index + 1]]) if (id !== undefined) this.#neighbors.add(id);
    antiEntropy.replyTimeoutMs = (peer, options) => this.#replyTimeoutMs(peer, options);
  }

  /** Replaces the assumed neighbors. Peers that have sent to this node remain neighbors. */
  connect(neighbors: readonly string[], now: number): void {
    for (const id of [...this.#neighbors]) {
      if (this.#antiEntropy.peer(id)?.vectors.peerVectorKnown !== true) this.#neighbors.delete(id);
    }
    for (const id of neighbors) {
      const peer = this.#antiEntropy.peer(id);
      if (peer === undefined || this.#neighbors.has(id)) continue;
      this.#neighbors.add(id);
      // A neighbor that does not name this node learns of the edge.
      this.#antiEntropy.send(peer, now, { requestReply: true });
    }
    this.#refresh(now);
  }

  get bootstrapPeers(): readonly Peer[] {
    return this.#antiEntropy.peers.filter((peer) => this.isResponsibleFor(peer));
  }

  isResponsibleFor(peer: Peer): boolean {
    return this.#neighbors.has(peer.id);
  }

  ackDueAt(_peer: Peer, since: number): number {
    return since + ACK_BATCHES * this.#batchMs;
  }

  get status(): StrategyStatus {
    return { role: "neighbor", roundMs: Math.round(this.#batchMs) };
  }

  get probeMs(): number {
    return 2 * this.#batchMs;
  }

  changed(now: number): void {
    this.#refresh(now);
  }

  received({ peer, message, event }: Received, now: number): void {
    this.#neighbors.add(peer.id);
    if (message.requestReply || (event === "recovered" && this.#antiEntropy.hasUnsentChanges(peer))) {
      this.#antiEntropy.send(peer, now);
    }
    this.#refresh(now);
  }

  unreachable(): void {}

  scheduleActions(actions: NextAction): void {
    for (const id of this.#neighbors) {
      const peer = this.#antiEntropy.peer(id);
      if (peer === undefined || peer.state === "down") continue;
      const unsentSince = this.#unsentSince.get(id);
      const { unacknowledgedSince } = peer.delivery;
      if (this.#antiEntropy.awaitsPeerVector(peer)) {
        actions.scheduleFor(peer, peer.lastSentAt + this.#replyMs(peer), this.#requestVector);
      } else if (unsentSince !== undefined) {
        const at = Math.max(unsentSince, peer.lastSentAt + this.#batchMs);
        actions.scheduleFor(peer, at, this.#send);
      } else if (unacknowledgedSince !== undefined) {
        const at = unacknowledgedSince + (1 + ACK_BATCHES) * this.#batchMs + this.#replyMs(peer);
        actions.scheduleFor(peer, at, this.#resend);
      }
    }
  }

  readonly #requestVector = (peer: Peer, now: number): void =>
    this.#antiEntropy.send(peer, now, { requestReply: true });

  readonly #send = (peer: Peer, now: number): void => {
    this.#antiEntropy.send(peer, now);
    this.#refresh(now);
  };

  readonly #resend = (peer: Peer, now: number): void => {
    peer.delivery.recordResend(now);
    if (this.#antiEntropy.isBehind(peer)) this.#send(peer, now);
  };

  #refresh(now: number): void {
    for (const id of this.#neighbors) {
      const peer = this.#antiEntropy.peer(id);
      if (peer === undefined || !this.#antiEntropy.hasUnsentChanges(peer)) this.#unsentSince.delete(id);
      else if (!this.#unsentSince.has(id)) this.#unsentSince.set(id, now);
    }
  }

  #replyMs(peer: Peer): number {
    return (peer.roundTrip.medianMs ?? ROUND_TRIP_MS_GUESS) + this.#batchMs;
  }

  #replyTimeoutMs(peer: Peer, { requestReply }: SendOptions): number | undefined {
    return this.#replyMs(peer) + ((requestReply ? 0 : ACK_BATCHES) + SILENT_BATCHES) * this.#batchMs;
  }
}
