/**
 * Observations of peers: the time that their messages take, and whether they are silent. They serve the speed of decisions only.
 *
 * Tested by `tests/consensus/accord/peer_times_test.ts`.
 */

import type { NodeId } from "../types.ts";

/** The weight of the latest observation in averages. */
const WEIGHT = 0.1;
/** Deviations from the average that count as usual. */
const DEVIATIONS = 3;

interface Peer {
  /** The time of the first request since its last message; undefined if there was none. */
  askedAt: number | undefined;
  /** Undefined before the first message. */
  latencyMs: number | undefined;
  deviationMs: number;
}

/** Keeps the times of each peer. */
export class PeerTimes {
  readonly #peers: ReadonlyMap<NodeId, Peer>;

  constructor(peers: readonly NodeId[]) {
    this.#peers = new Map(
      peers.map((node) => [node, { askedAt: undefined, latencyMs: undefined, deviationMs: 0 }]),
    );
  }

  /** Records a request to a peer. */
  asked(node: NodeId, now: number): void {
    const peer = this.#peers.get(node);
    if (peer !== undefined) peer.askedAt ??= now;
  }

  /** Records a message, and the difference between this node's clock at its arrival and its sender's clock before. */
  heard(node: NodeId, latencyMs: number): void {
    const peer = this.#peers.get(node);
    if (peer === undefined) return;
    peer.askedAt = undefined;
    peer.latencyMs ??= latencyMs;
    const differenceMs = latencyMs - peer.latencyMs;
    peer.latencyMs += WEIGHT * differenceMs;
    peer.deviationMs += WEIGHT * (Math.abs(differenceMs) - peer.deviationMs);
  }

  /** Returns true if a peer has sent nothing since a request some time ago. */
  isSilent(node: NodeId, sinceMs: number, now: number): boolean {
    const askedAt = this.#peers.get(node)?.askedAt;
    return askedAt !== undefined && now - askedAt > sinceMs;
  }

  /** Returns the time in ms within which the messages of the `count` fastest peers usually arrive. */
  usualLatencyMs(count: number): number {
    const latencies = [...this.#peers.values()]
      .map(({ latencyMs, deviationMs }) => (latencyMs ?? 0) + DEVIATIONS * deviationMs)
      .sort((a, b) => a - b);
    return latencies[Math.min(count, latencies.length) - 1] ?? 0;
  }
}
