/** What a node knows of one other node: what that one has, whether it answers, how far away it is. */

import { eachOrigin, type GossipMessage } from "../message.ts";
import { type Origins, VersionVector } from "../origins.ts";
import type { Vector } from "../replica.ts";
import type { Difference } from "../sketch.ts";
import { RoundTrip } from "./round_trip.ts";

/** `up`: it answered lately; `down`: it did not, although it should have; `unknown`: nobody asked yet. */
export type PeerState = "unknown" | "up" | "down";

/** So many former lives of a peer are remembered; a message of one before those would have to be very late. */
const PREVIOUS_INCARNATIONS_MAX = 64;

/** So many messages are remembered by what they showed, until one of them or a later one is heard of. */
const UNACKED_MESSAGES_MAX = 8;

/** What is said of a message that leaves. */
export interface RecordSendOptions {
  readonly replyTimeoutMs?: number | undefined;
  readonly complete?: boolean;
  /** How far the peer knows origins once it has heard this, whatever else it heard or did not. */
  readonly shows?: VersionVector | undefined;
}

/** Who looks at a peer. */
export interface PeerOptions {
  /** This node's own incarnation. */
  readonly self: string;
  /** This node's numbers for origins. */
  readonly origins: Origins;
}

/** One other node, as this one sees it. */
export class Peer {
  readonly id: string;
  readonly roundTrip = new RoundTrip();
  state: PeerState = "unknown";
  /** When the first message since the peer last answered was sent that it should have answered; undefined if none. */
  awaitingReplySince: number | undefined;
  /** How long it may take to answer that. */
  replyTimeoutMs = 0;
  /** When the oldest news from the peer came of which it was not told that it came. */
  ackPendingSince: number | undefined;
  /** By when the peer must be answered that asked; undefined if it did not. Whatever is sent to it is the answer. */
  replyDueAt: number | undefined;
  lastSentAt = -Infinity;
  /** When the peer's sketch was last compared with what is here; never, or in vain: `Infinity`. */
  sketchComparedAt = Infinity;
  /** Whether the peer sent a sketch and did not name what differs: it needs one in turn to know what that is. */
  needsSketch = false;
  /** The latest of this node's messages that the peer's present incarnation says it heard, and that told it all. */
  confirmedAt = -Infinity;
  #originsToSend: ReadonlySet<string> | "all" | undefined;
  #originsSentSince: number | undefined; // since when messages have named them
  #vectorKnown = false;
  #needsAllOrigins = false;
  readonly #self: string;
  readonly #origins: Origins;
  #incarnation: string | undefined;
  readonly #previousIncarnations = new Map<string, number>(); // incarnation → when it was replaced
  #incarnationProvenAt = -Infinity;
  #incompleteAt = -Infinity; // what was sent until then left out something that the peer's present incarnation may not know
  #echoedAt = -Infinity;
  #has = new VersionVector();
  #sent = new VersionVector(); // never less than the peer has
  #checkpoint: { readonly at: number; readonly sent: VersionVector } | undefined;
  #lastAsked = { at: -Infinity, replyTimeoutMs: 0 };
  #unacked: { readonly stamp: number; readonly counts: VersionVector }[] = [];
  #lastReceived: { readonly stamp: number; readonly at: number; shown?: VersionVector } | undefined;
  #rejected: { readonly incarnation: string; readonly stamp: number; readonly at: number } | undefined;
  #downAt = -Infinity;

  constructor(id: string, { self, origins }: PeerOptions) {
    this.id = id;
    this.#self = self;
    this.#origins = origins;
  }

  /** Whether the peer, in its present incarnation, has said all that it has. */
  get vectorKnown(): boolean {
    return this.#vectorKnown;
  }

  /** Origins that the peer must be told by name, since its sketch showed that it knows them otherwise; undefined: none. */
  get originsToSend(): ReadonlySet<string> | "all" | undefined {
    return this.#originsToSend;
  }

  /** Whether the peer sent a sketch that could not be read, and did not name all since. */
  get needsAllOrigins(): boolean {
    return this.#needsAllOrigins;
  }

  /** What the peer surely has. */
  get has(): Pick<VersionVector, "get"> {
    return this.#has;
  }

  /** Whether the peer lacks anything of `counts`, as far as it said. */
  isBehind(counts: VersionVector): boolean {
    return !this.#has.dominates(counts);
  }

  /** Whether there is anything in `counts` that the peer lacks and that was not sent to it yet. */
  hasUnsent(counts: VersionVector): boolean {
    return !this.#sent.dominates(counts);
  }

  /** From when on the peer owes word of something that was sent to it. */
  get unacknowledgedSince(): number | undefined {
    return this.#checkpoint?.at;
  }

  /** How far an origin was sent, or is known to be there. */
  sentUpTo(origin: number): number {
    return this.#sent.get(origin);
  }

  /** Notes that changes up to there are on their way to the peer, from here or from elsewhere. */
  markSent(origin: number, upTo: number, now: number): void {
    if (this.#sent.advance(origin, upTo)) this.#checkpoint ??= { at: now, sent: this.#sent.copy() };
  }

  /** Notes that everything outstanding was sent again, so that word of it is due anew. */
  recordResend(now: number): void {
    this.#checkpoint = { at: now, sent: this.#sent.copy() };
  }

  /**
   * Notes a message that leaves now; `replyTimeoutMs` if the peer has to answer within that time; `complete` if the peer knows all
   * that this node has said once it has heard this.
   */
  recordSend(now: number, { replyTimeoutMs, complete = true, shows }: RecordSendOptions = {}): void {
    if (now === this.lastSentAt) { // an echo could mean either
      if (this.#unacked.at(-1)?.stamp === now) this.#unacked.pop();
    } else if (shows !== undefined) {
      this.#unacked.push({ stamp: now, counts: shows });
      if (this.#unacked.length > UNACKED_MESSAGES_MAX) this.#unacked.shift();
    }
    this.lastSentAt = now;
    if (!complete) this.#incompleteAt = now;
    this.ackPendingSince = undefined;
    this.replyDueAt = undefined;
    if (this.#originsToSend !== undefined) this.#originsSentSince ??= now;
    if (replyTimeoutMs === undefined) return;
    this.#lastAsked = { at: now, replyTimeoutMs };
    if (this.awaitingReplySince !== undefined) return;
    this.awaitingReplySince = now;
    this.replyTimeoutMs = replyTimeoutMs;
  }

  /** What a message to the peer says of the last one from it: that it was taken in, or that it was taken for a former incarnation's. */
  ackFields(now: number): Pick<GossipMessage, "ack" | "ackRejected"> {
    const held = (at: number) => Math.round((now - at) * 10) / 10;
    if (this.#rejected !== undefined) {
      const { incarnation, stamp, at } = this.#rejected;
      return { ack: [incarnation, stamp, held(at)], ackRejected: true };
    }
    if (this.#lastReceived === undefined || this.#incarnation === undefined) return {};
    return { ack: [this.#incarnation, this.#lastReceived.stamp, held(this.#lastReceived.at)] };
  }

  /** Takes the peer for gone until it answers something sent after this moment. */
  markUnreachable(now: number): void {
    this.state = "down";
    this.#downAt = now;
    this.awaitingReplySince = undefined;
    this.#sent = this.#has.copy();
    this.#checkpoint = undefined;
  }

  /** Takes in what a message says of its sender. What became of it: a new incarnation, an answer after silence, or nothing special. */
  receive(message: GossipMessage, now: number): "restarted" | "recovered" | "ok" | "stale" {
    const echo = message.ack?.[0] === this.#self ? message.ack : undefined;
    const previous = this.#incarnation;
    if (!this.#acceptIncarnation(message.incarnation, { proof: echo?.[1], now })) {
      this.#rejected = { incarnation: message.incarnation, stamp: message.sentAt, at: now };
      return "stale";
    }
    this.#rejected = undefined;
    if (echo !== undefined && message.ackRejected !== true) this.#acknowledge(echo[1]);
    eachOrigin(message.version, (origin, count) => {
      if (typeof count === "number") this.#recordHas(this.#origins.numberOf(origin), count);
    });
    this.#updateCheckpoint(now);
    this.needsSketch = message.sketch !== undefined && !message.originsComplete;
    if (message.originsComplete) this.#needsAllOrigins = false;
    if (message.originsComplete || (message.sketch === undefined && !this.#needsAllOrigins)) {
      this.#vectorKnown = true;
    }
    if (message.needsAllOrigins) this.#setOriginsToSend("all");
    if (this.#lastReceived === undefined || message.sentAt > this.#lastReceived.stamp) {
      this.#lastReceived = { stamp: message.sentAt, at: now };
    }
    const returned = echo !== undefined && message.ackRejected !== true &&
      this.#confirm(echo[1], { heldMs: echo[2], now });
    if (previous !== undefined && previous !== this.#incarnation) return "restarted";
    return returned ? "recovered" : "ok";
  }

  /**
   * Takes in what the peer's sketch showed: it has all of `vector` but `differing`, and something of its own unless it has
   * nothing else. Undefined: the sketch could not be read.
   */
  compare(vector: Vector, found: Difference | undefined, now: number): void {
    this.#needsAllOrigins = found === undefined;
    this.sketchComparedAt = found === undefined ? Infinity : now;
    if (found === undefined) return;
    const { mine, theirs } = found;
    for (const [origin, count] of vector) {
      if (!mine.has(origin)) this.#recordHas(this.#origins.numberOf(origin), count);
    }
    this.#updateCheckpoint(now);
    if (mine.size === 0 || theirs === 0) this.#vectorKnown = true; // what is not the same it does not have at all
    if (this.#originsToSend !== "all") this.#setOriginsToSend(mine);
  }

  #setOriginsToSend(origins: ReadonlySet<string> | "all"): void {
    this.#originsToSend = origins;
    this.#originsSentSince = undefined;
  }

  /**
   * Notes how far a message from the peer showed origins; `stamp` is its own, undefined if its echo does not say that they
   * were taken in.
   */
  recordSeenByPeer(
    counts: VersionVector,
    { stamp, now }: { readonly stamp: number | undefined; readonly now: number },
  ): void {
    this.#recordHasAll(counts);
    this.#updateCheckpoint(now);
    if (this.#lastReceived !== undefined && this.#lastReceived.stamp === stamp) {
      this.#lastReceived.shown = counts;
    }
  }

  /**
   * How far an origin was shown by the peer's message that the next one to it names as heard: so far that acknowledges it.
   */
  provenUpTo(origin: number): number {
    return this.#rejected === undefined ? this.#lastReceived?.shown?.get(origin) ?? 0 : 0;
  }

  /** The peer heard what was sent at `stamp`, so it has what that showed. */
  #acknowledge(stamp: number): void {
    for (const { stamp: at, counts } of this.#unacked) if (at === stamp) this.#recordHasAll(counts);
    this.#unacked = this.#unacked.filter(({ stamp: at }) => at > stamp); // what left before may have been lost
  }

  #recordHasAll(counts: VersionVector): void {
    this.#has.advanceAll(counts);
    this.#sent.advanceAll(counts);
  }

  #recordHas(origin: number, count: number): void {
    if (this.#has.advance(origin, count)) this.#sent.advance(origin, count);
  }

  /** Looks whether what was outstanding has been acknowledged by what was noted. */
  #updateCheckpoint(now: number): void {
    if (this.#checkpoint === undefined || !this.#has.dominates(this.#checkpoint.sent)) return;
    this.#checkpoint = this.#has.dominates(this.#sent) ? undefined : { at: now, sent: this.#sent.copy() };
  }

  /** The peer heard what was sent at `stamp`. True if it was taken for gone until now. */
  #confirm(stamp: number, { heldMs, now }: { readonly heldMs: number; readonly now: number }): boolean {
    if (stamp > now) return false;
    if (stamp > this.#incompleteAt && stamp > this.confirmedAt) {
      this.confirmedAt = stamp;
      if (this.#originsSentSince !== undefined && stamp > this.#originsSentSince) {
        this.#originsToSend = undefined;
      }
    }
    if (stamp > this.#echoedAt) {
      this.#echoedAt = stamp;
      this.roundTrip.sample(now - stamp - heldMs);
      if (this.awaitingReplySince !== undefined && stamp >= this.awaitingReplySince) {
        this.awaitingReplySince = stamp >= this.#lastAsked.at ? undefined : this.#lastAsked.at;
        this.replyTimeoutMs = this.#lastAsked.replyTimeoutMs;
      }
    }
    if (this.state === "down" && stamp <= this.#downAt) return false;
    const returned = this.state === "down";
    this.state = "up";
    return returned;
  }

  /**
   * Whether a message speaks for the peer's present incarnation. A peer that was started again has forgotten, so what its former
   * incarnation had must not be taken for what it has. A message that repeats a stamp of ours is from a incarnation that heard it, so
   * of two such the one with the later stamp is the later incarnation; one without is new unless it was replaced before. A incarnation
   * that was replaced was dead by then, so only a stamp from after that proves that it was not.
   */
  #acceptIncarnation(
    incarnation: string,
    { proof, now }: { readonly proof: number | undefined; readonly now: number },
  ): boolean {
    if (incarnation !== this.#incarnation) {
      const retiredAt = this.#previousIncarnations.get(incarnation);
      if (retiredAt !== undefined && (proof ?? -Infinity) <= retiredAt) return false;
      if (proof !== undefined && proof < this.#incarnationProvenAt) return false;
      if (this.#incarnation !== undefined) {
        this.#previousIncarnations.set(this.#incarnation, now);
        const [oldest] = this.#previousIncarnations.keys();
        if (oldest !== undefined && this.#previousIncarnations.size > PREVIOUS_INCARNATIONS_MAX) {
          this.#previousIncarnations.delete(oldest);
        }
        this.#has = new VersionVector();
        this.#sent = new VersionVector();
        this.#checkpoint = undefined;
        this.#lastReceived = undefined;
        this.#unacked = [];
        this.confirmedAt = -Infinity;
        this.#incompleteAt = now;
        this.#originsToSend = undefined;
        this.sketchComparedAt = Infinity;
        this.#vectorKnown = false;
        this.#needsAllOrigins = retiredAt !== undefined; // it has said before what it had, and will not say it again unasked
      }
      this.#incarnation = incarnation;
    }
    if (proof !== undefined) this.#incarnationProvenAt = Math.max(this.#incarnationProvenAt, proof);
    return true;
  }
}
