/**
 * The exchange of version vectors with a peer: which origins each side still has to list.
 *
 * Tested by `tests/gossip/peer/peer_test.ts`.
 */

import type { GossipMessage } from "../message.ts";

/**
 * Tracks what two nodes told each other about their vectors. A node lists only counts that changed since the last message
 * that the peer confirmed. To a new peer it sends a sketch of its vector if that is long, and then lists the origins that
 * differ by the peer's sketch.
 */
export class VectorExchange {
  #confirmedAt = -Infinity;
  #incompleteAt = -Infinity; // messages sent until then left out origins that the peer may not know
  #originsToSend: ReadonlySet<string> | "all" | undefined;
  #originsSentSince: number | undefined;
  #peerVectorKnown = false;
  #needsAllOrigins = false;
  #peerNeedsSketch = false;
  #sketchComparedAt = Infinity;

  /** The `sentAt` of the latest complete message that the peer's current incarnation confirmed; `-Infinity` for none. */
  get confirmedAt(): number {
    return this.#confirmedAt;
  }

  /** The origins whose names this node must send to the peer, because its sketch showed a different count. */
  get originsToSend(): ReadonlySet<string> | "all" | undefined {
    return this.#originsToSend;
  }

  /** True if the peer's current incarnation has sent all its counts. */
  get peerVectorKnown(): boolean {
    return this.#peerVectorKnown;
  }

  /** True if the peer must list all its origins, because its sketch could not be decoded or its vector was discarded. */
  get needsAllOrigins(): boolean {
    return this.#needsAllOrigins;
  }

  /** True if the peer sent a sketch and did not list the differing origins: it needs a sketch to find them. */
  get peerNeedsSketch(): boolean {
    return this.#peerNeedsSketch;
  }

  /** The time of the latest comparison with the peer's sketch; `Infinity` if there was none, or it failed. */
  get sketchComparedAt(): number {
    return this.#sketchComparedAt;
  }

  /** Records a message to the peer; `complete` if the peer knows all counts of this node after it. */
  recordSend(now: number, complete: boolean): void {
    if (!complete) this.#incompleteAt = now;
    if (this.#originsToSend !== undefined) this.#originsSentSince ??= now;
  }

  /** Records the vector fields of a message from the peer. */
  receive(message: GossipMessage): void {
    this.#peerNeedsSketch = message.sketch !== undefined && !message.originsComplete;
    if (message.originsComplete) this.#needsAllOrigins = false;
    if (message.originsComplete || (message.sketch === undefined && !this.#needsAllOrigins)) {
      this.#peerVectorKnown = true;
    }
    if (message.needsAllOrigins) this.#setOriginsToSend("all");
  }

  /** Records that the peer received the message of `sentAt`. */
  confirm(sentAt: number): void {
    if (sentAt <= this.#incompleteAt || sentAt <= this.#confirmedAt) return;
    this.#confirmedAt = sentAt;
    if (this.#originsSentSince !== undefined && sentAt > this.#originsSentSince) {
      this.#originsToSend = undefined;
    }
  }

  /** Records that the peer's sketch could not be decoded. */
  sketchFailed(): void {
    this.#needsAllOrigins = true;
    this.#sketchComparedAt = Infinity;
  }

  /**
   * Records the result of a comparison with the peer's sketch: the origins of this node that the peer has with a different
   * count, or not at all, and the number of entries that only the peer has.
   */
  sketchCompared(differing: ReadonlySet<string>, theirs: number, now: number): void {
    this.#needsAllOrigins = false;
    this.#sketchComparedAt = now;
    // If only one side differs, no origin has two counts: the peer has nothing of the origins that differ.
    if (differing.size === 0 || theirs === 0) this.#peerVectorKnown = true;
    if (this.#originsToSend !== "all") this.#setOriginsToSend(differing);
  }

  /** Starts over with a new incarnation; `discarded` if its vector was known, and was discarded. */
  reset(now: number, discarded: boolean): void {
    this.#confirmedAt = -Infinity;
    this.#incompleteAt = now;
    this.#originsToSend = undefined;
    this.#sketchComparedAt = Infinity;
    this.#peerVectorKnown = false;
    this.#needsAllOrigins = discarded; // the peer has sent its vector before, and repeats it only on request
  }

  #setOriginsToSend(origins: ReadonlySet<string> | "all"): void {
    this.#originsToSend = origins;
    this.#originsSentSince = undefined;
  }
}
