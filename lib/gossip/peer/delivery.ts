/** The changes that a peer has, and those in flight to it. */

import { VersionVector } from "../version_vector.ts";

/** The number of unacknowledged messages whose content is remembered. */
const UNACKED_MESSAGES_MAX = 8;

/** Tracks one peer's copy of the state. Invariant: what was sent dominates what the peer has. */
export class Delivery {
  #has = new VersionVector();
  #sent = new VersionVector();
  #checkpoint: { readonly at: number; readonly sent: VersionVector } | undefined;
  #unacked: { readonly sentAt: number; readonly shows: VersionVector }[] = [];

  /** The counts that the peer is proven to have. */
  get has(): Pick<VersionVector, "get"> {
    return this.#has;
  }

  /** Returns true if the peer is not proven to have all of `version`. */
  isBehind(version: VersionVector): boolean {
    return !this.#has.dominates(version);
  }

  /** Returns true if something in `version` was not sent to the peer, and the peer is not proven to have it. */
  hasUnsent(version: VersionVector): boolean {
    return !this.#sent.dominates(version);
  }

  /** The time of the oldest send that the peer has not acknowledged; undefined if there is none. */
  get unacknowledgedSince(): number | undefined {
    return this.#checkpoint?.at;
  }

  /** Returns the count up to which an origin was sent to the peer, or is proven to be there. */
  sentUpTo(origin: number): number {
    return this.#sent.get(origin);
  }

  /** Records that changes up to `upTo` are in flight to the peer, from this node or from another one. */
  markSent(origin: number, upTo: number, now: number): void {
    if (this.#sent.advance(origin, upTo)) this.#checkpoint ??= { at: now, sent: this.#sent.copy() };
  }

  /** Records that everything outstanding was sent again, which restarts the wait for an acknowledgement. */
  recordResend(now: number): void {
    this.#checkpoint = { at: now, sent: this.#sent.copy() };
  }

  /** Records the counts that the message of `sentAt` shows to the peer. */
  recordSend(sentAt: number, shows: VersionVector): void {
    this.#unacked.push({ sentAt, shows });
    if (this.#unacked.length > UNACKED_MESSAGES_MAX) this.#unacked.shift();
  }

  /** Records that the peer received the message of `sentAt`. Messages sent before it may have been lost. */
  acknowledge(sentAt: number): void {
    for (const message of this.#unacked) if (message.sentAt === sentAt) this.#recordHasAll(message.shows);
    this.#unacked = this.#unacked.filter((message) => message.sentAt > sentAt);
  }

  /** Records that the peer has an origin up to `count`. Call `updateCheckpoint` after a series of these. */
  recordHas(origin: number, count: number): void {
    if (this.#has.advance(origin, count)) this.#sent.advance(origin, count);
  }

  /** Records that the peer has at least `version`. */
  recordVersion(version: VersionVector, now: number): void {
    this.#recordHasAll(version);
    this.updateCheckpoint(now);
  }

  /** Drops the checkpoint once the peer has everything that was sent up to it, and sets the next one if there is more. */
  updateCheckpoint(now: number): void {
    if (this.#checkpoint === undefined || !this.#has.dominates(this.#checkpoint.sent)) return;
    this.#checkpoint = this.#has.dominates(this.#sent) ? undefined : { at: now, sent: this.#sent.copy() };
  }

  /** Treats everything that the peer did not acknowledge as lost. */
  discardSent(): void {
    this.#sent = this.#has.copy();
    this.#checkpoint = undefined;
  }

  /** Forgets everything: the peer restarted, and its new incarnation has nothing. */
  reset(): void {
    this.#has = new VersionVector();
    this.#sent = new VersionVector();
    this.#checkpoint = undefined;
    this.#unacked = [];
  }

  #recordHasAll(version: VersionVector): void {
    this.#has.advanceAll(version);
    this.#sent.advanceAll(version);
  }
}
