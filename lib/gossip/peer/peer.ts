/** One other node, as this node sees it: its incarnation, the changes it has, and its reachability. */

import { eachOrigin, type GossipMessage } from "../message.ts";
import type { Origins } from "../origins.ts";
import type { Vector } from "../replica.ts";
import type { Difference } from "../sketch.ts";
import type { VersionVector } from "../version_vector.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { Delivery } from "./delivery.ts";
import { Incarnations } from "./incarnations.ts";
import { Liveness, type PeerState } from "./liveness.ts";
import type { RoundTrip } from "./round_trip.ts";
import { VectorExchange } from "./vector_exchange.ts";

/** The least time between the `sentAt` of two messages to one peer, in ms. As a power of two it adds up exactly. */
const SENT_AT_STEP_MS = 2 ** -10;

/**
 * The effect of a message on the peer: `restarted` (from a new incarnation), `recovered` (a reply after the peer was down),
 * `stale` (from a previous incarnation, ignored), or `ok`.
 */
export type PeerEvent = "restarted" | "recovered" | "ok" | "stale";

/** The properties of a message that is sent. */
export interface RecordSendOptions {
  /** The time within which the peer must reply, in ms; undefined if it need not. */
  readonly replyTimeoutMs?: number | undefined;
  /** True if the peer knows all counts of this node once it has received the message. Default: true. */
  readonly complete?: boolean;
  /** The counts that the peer is proven to have once it has received the message. */
  readonly shows?: VersionVector | undefined;
}

/** The identity of the node that looks at the peer. */
export interface PeerOptions {
  /** This node's own incarnation. */
  readonly self: string;
  /** This node's numbers for origins. */
  readonly origins: Origins;
}

/** The state that this node keeps for one other node. Each part has one concern; messages update all of them. */
export class Peer {
  readonly id: string;
  readonly delivery = new Delivery();
  readonly liveness = new Liveness();
  readonly vectors = new VectorExchange();
  /** The time of the oldest received change that was not acknowledged yet; undefined if there is none. */
  ackPendingSince: number | undefined;
  /** The time by which the peer's request must be answered; undefined without one. Any message is an answer. */
  replyDueAt: number | undefined;
  /** The `sentAt` of the latest message to the peer. */
  lastSentAt = -Infinity;
  readonly #self: string;
  readonly #origins: Origins;
  readonly #incarnations = new Incarnations();
  readonly #acknowledgements = new Acknowledgements();

  constructor(id: string, { self, origins }: PeerOptions) {
    this.id = id;
    this.#self = self;
    this.#origins = origins;
  }

  get state(): PeerState {
    return this.liveness.state;
  }

  get roundTrip(): RoundTrip {
    return this.liveness.roundTrip;
  }

  /** Updates all parts from a message of the peer, except for its deltas and its sketch. */
  receive(message: GossipMessage, now: number): PeerEvent {
    const echo = message.ack?.[0] === this.#self ? message.ack : undefined;
    const verdict = this.#incarnations.accept(message.incarnation, echo?.[1], now);
    if (verdict.kind === "stale") {
      this.#acknowledgements.reject(message, now);
      return "stale";
    }
    if (verdict.kind === "replaced") this.#reset(now, verdict.wasRetired);
    const ack = message.ackRejected === true ? undefined : echo;
    if (ack !== undefined) this.delivery.acknowledge(ack[1]);
    eachOrigin(message.version, (origin, count) => {
      if (typeof count === "number") this.delivery.recordHas(this.#origins.numberOf(origin), count);
    });
    this.delivery.updateCheckpoint(now);
    this.vectors.receive(message);
    this.#acknowledgements.accept(message.sentAt, now);
    const recovered = ack !== undefined && this.#confirm(ack[1], ack[2], now);
    if (verdict.kind === "replaced") return "restarted";
    return recovered ? "recovered" : "ok";
  }

  /** Returns the `sentAt` of the next message: now, or just after the latest one, because an acknowledgement names one message. */
  nextSentAt(now: number): number {
    return Math.max(now, this.lastSentAt + SENT_AT_STEP_MS);
  }

  /** Records a message to the peer by its `sentAt`. */
  recordSend(sentAt: number, { replyTimeoutMs, complete = true, shows }: RecordSendOptions = {}): void {
    if (shows !== undefined) this.delivery.recordSend(sentAt, shows);
    this.vectors.recordSend(sentAt, complete);
    this.lastSentAt = sentAt;
    this.ackPendingSince = undefined;
    this.replyDueAt = undefined;
    if (replyTimeoutMs !== undefined) this.liveness.recordRequest(sentAt, replyTimeoutMs);
  }

  /** Returns the fields of the next message that acknowledge, or reject, the latest message from the peer. */
  ackFields(now: number): Pick<GossipMessage, "ack" | "ackRejected"> {
    return this.#acknowledgements.fields(this.#incarnations.current, now);
  }

  /** Records the counts that deltas from the peer showed; `sentAt` is undefined if an acknowledgement does not imply them. */
  recordShowed(showed: VersionVector, sentAt: number | undefined, now: number): void {
    this.delivery.recordVersion(showed, now);
    this.#acknowledgements.recordShowed(sentAt, showed);
  }

  /** Returns the count of an origin that the next acknowledgement implies. */
  impliedCount(origin: number): number {
    return this.#acknowledgements.impliedCount(origin);
  }

  /**
   * Updates the peer from its sketch: it has all of `vector` except the origins that differ. `found` is undefined if the
   * sketch could not be decoded.
   */
  compare(vector: Vector, found: Difference | undefined, now: number): void {
    if (found === undefined) {
      this.vectors.sketchFailed();
      return;
    }
    const { mine, theirs } = found;
    for (const [origin, count] of vector) {
      if (!mine.has(origin)) this.delivery.recordHas(this.#origins.numberOf(origin), count);
    }
    this.delivery.updateCheckpoint(now);
    this.vectors.sketchCompared(mine, theirs, now);
  }

  /** Considers the peer down, and everything that it did not acknowledge as lost. */
  markUnreachable(now: number): void {
    this.liveness.markDown(now);
    this.delivery.discardSent();
  }

  #confirm(sentAt: number, heldMs: number, now: number): boolean {
    if (sentAt > this.lastSentAt) return false; // this node sent no such message
    this.vectors.confirm(sentAt);
    return this.liveness.recordReply(sentAt, heldMs, now);
  }

  #reset(now: number, vectorDiscarded: boolean): void {
    this.delivery.reset();
    this.vectors.reset(now, vectorDiscarded);
    this.#acknowledgements.reset();
  }
}
