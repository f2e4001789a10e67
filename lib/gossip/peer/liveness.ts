/** The reachability of a peer: it is down when it does not reply in time, and up again when it replies. */

import { RoundTrip } from "./round_trip.ts";

/** `up`: the peer replied recently. `down`: a reply is overdue. `unknown`: no request was sent yet. */
export type PeerState = "unknown" | "up" | "down";

/** Tracks the requests to one peer and its replies. */
export class Liveness {
  readonly roundTrip = new RoundTrip();
  #state: PeerState = "unknown";
  #awaitingReplySince: number | undefined;
  #replyTimeoutMs = 0;
  #lastRequest = { at: -Infinity, replyTimeoutMs: 0 };
  #echoedAt = -Infinity;
  #downAt = -Infinity;

  get state(): PeerState {
    return this.#state;
  }

  /** The time of the oldest request that the peer has not replied to; undefined if there is none. */
  get awaitingReplySince(): number | undefined {
    return this.#awaitingReplySince;
  }

  /** The time at which the peer is considered down unless it replies; undefined if no reply is awaited. */
  get replyDeadline(): number | undefined {
    return this.#awaitingReplySince === undefined
      ? undefined
      : this.#awaitingReplySince + this.#replyTimeoutMs;
  }

  /** Records a message that the peer must reply to within `replyTimeoutMs`. */
  recordRequest(now: number, replyTimeoutMs: number): void {
    this.#lastRequest = { at: now, replyTimeoutMs };
    if (this.#awaitingReplySince !== undefined) return;
    this.#awaitingReplySince = now;
    this.#replyTimeoutMs = replyTimeoutMs;
  }

  /** Extends the deadline of an awaited reply. */
  extendReplyTimeout(ms: number): void {
    if (this.#awaitingReplySince !== undefined) this.#replyTimeoutMs += ms;
  }

  /** Considers the peer down until it replies to a message that is sent after this moment. */
  markDown(now: number): void {
    this.#state = "down";
    this.#downAt = now;
    this.#awaitingReplySince = undefined;
  }

  /**
   * Records a reply to the message of `sentAt`, which the peer held for `heldMs` before it replied. Returns true if the
   * peer was down until now.
   */
  recordReply(sentAt: number, heldMs: number, now: number): boolean {
    if (sentAt > this.#echoedAt) {
      this.#echoedAt = sentAt;
      this.roundTrip.sample(now - sentAt - heldMs);
      if (this.#awaitingReplySince !== undefined && sentAt >= this.#awaitingReplySince) {
        this.#awaitingReplySince = sentAt >= this.#lastRequest.at ? undefined : this.#lastRequest.at;
        this.#replyTimeoutMs = this.#lastRequest.replyTimeoutMs;
      }
    }
    if (this.#state === "down" && sentAt <= this.#downAt) return false;
    const recovered = this.#state === "down";
    this.#state = "up";
    return recovered;
  }
}
