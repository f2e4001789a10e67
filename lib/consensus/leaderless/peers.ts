/** The peers that answer, and the nearest of them. Only latency and messages depend on it. Tested by `tests/consensus/leaderless/peers_test.ts`. */

import type { NodeId } from "../types.ts";
import { type Delays, PeerClocks } from "./peer_clocks.ts";

/** Keeps the delays to each peer, and the requests that it has not answered. */
export class Peers {
  readonly clocks = new PeerClocks();
  readonly #all: readonly NodeId[];
  /** The time of the first request to a peer since its last message. */
  readonly #askedAt = new Map<NodeId, number>();

  constructor(all: readonly NodeId[]) {
    this.#all = all;
  }

  /** Records a request to a peer. */
  asked(peer: NodeId, now: number): void {
    if (!this.#askedAt.has(peer)) this.#askedAt.set(peer, now);
  }

  /** Learns from the head of a message. */
  heard(
    peer: NodeId,
    message: { readonly sentAt: number; readonly delays?: Delays | undefined },
    now: number,
  ): void {
    this.#askedAt.delete(peer);
    this.clocks.learn(peer, message, now);
  }

  /** Returns true if a peer has sent nothing since a request some time ago. */
  isSilent(peer: NodeId, sinceMs: number, now: number): boolean {
    const askedAt = this.#askedAt.get(peer);
    return askedAt !== undefined && now - askedAt > sinceMs;
  }

  /**
   * Returns the nearest `count` peers that answer. Undefined if there are fewer, or if their delays vary: then the first replies of all come
   * sooner than those of a few.
   */
  nearest(
    count: number,
    { silentMs, now }: { readonly silentMs: number; readonly now: number },
  ): readonly NodeId[] | undefined {
    const nearest = this.#all.filter((peer) => !this.isSilent(peer, silentMs, now))
      .sort((a, b) => this.clocks.delayMsTo(a) - this.clocks.delayMsTo(b)).slice(0, count);
    const isSure = nearest.length === count && nearest.every((peer) => this.clocks.isSteady(peer));
    return isSure ? nearest : undefined;
  }
}
