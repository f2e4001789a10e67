/** The acknowledgement that the next message to a peer carries. Tested by `tests/gossip/peer/peer_test.ts`. */

import type { GossipMessage } from "../message.ts";
import type { VersionVector } from "../version_vector.ts";

/** Tracks the latest message from one peer, and the latest one that was rejected. */
export class Acknowledgements {
  #lastReceived: { readonly sentAt: number; readonly at: number; showed?: VersionVector } | undefined;
  #rejected: { readonly incarnation: string; readonly sentAt: number; readonly at: number } | undefined;

  /** Returns the fields that acknowledge, or reject, the latest message from the peer's `current` incarnation. */
  fields(current: string | undefined, now: number): Pick<GossipMessage, "ack" | "ackRejected"> {
    const heldMs = (at: number) => Math.round((now - at) * 10) / 10;
    if (this.#rejected !== undefined) {
      const { incarnation, sentAt, at } = this.#rejected;
      return { ack: [incarnation, sentAt, heldMs(at)], ackRejected: true };
    }
    if (this.#lastReceived === undefined || current === undefined) return {};
    return { ack: [current, this.#lastReceived.sentAt, heldMs(this.#lastReceived.at)] };
  }

  /** Records a message that was accepted. */
  accept(sentAt: number, now: number): void {
    this.#rejected = undefined;
    if (this.#lastReceived === undefined || sentAt > this.#lastReceived.sentAt) {
      this.#lastReceived = { sentAt, at: now };
    }
  }

  /** Records a message from a previous incarnation, so that the sender learns that this node takes it for one. */
  reject({ incarnation, sentAt }: GossipMessage, now: number): void {
    this.#rejected = { incarnation, sentAt, at: now };
  }

  /** Records the counts that the peer's message of `sentAt` showed. */
  recordShowed(sentAt: number | undefined, showed: VersionVector): void {
    if (this.#lastReceived !== undefined && this.#lastReceived.sentAt === sentAt) {
      this.#lastReceived.showed = showed;
    }
  }

  /** Returns the count of an origin that the next acknowledgement implies, so that it need not be sent. */
  impliedCount(origin: number): number {
    return this.#rejected === undefined ? this.#lastReceived?.showed?.get(origin) ?? 0 : 0;
  }

  /** Forgets the messages of the peer's previous incarnation. */
  reset(): void {
    this.#lastReceived = undefined;
  }
}
