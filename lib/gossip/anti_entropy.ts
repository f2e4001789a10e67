/** Messages in, messages out: what every way of dissemination shares. */

import type { Json } from "../protocol/schema.ts";
import { Peer } from "./peer/peer.ts";
import { eachOrigin, type GossipMessage, type Outgoing } from "./message.ts";
import { Origins, VersionVector } from "./origins.ts";
import type { Replica } from "./replica.ts";
import { difference, sketchOf } from "./sketch.ts";

/** The most changes that one message includesItems; the rest follows in the next. */
export const ITEMS_MAX = 5000;
/** A peer that never said what it has is sent this many changes at most; if there are more, it is asked first. */
export const UNSOLICITED_ITEMS_MAX = 256;
/** A sketch takes the bytes of about so many origins; a vector that is no longer is named. */
export const SKETCH_ORIGINS_MIN = 128;
/** How many changes a direct message repeats, so that a lost one is made good by the next. */
const OVERLAP = 8;

/** How long somebody who asked waits to hear that there is nothing. */
const EMPTY_ANSWER_MS = 200;

/** What a message is to say besides what it always says. */
export interface SendOptions {
  readonly requestReply?: boolean;
  readonly roundMs?: number;
  readonly oldestAgeMs?: number;
  /** Only own changes, and only those that were not sent yet: everyone else is sent the same. */
  readonly direct?: boolean;
  /** No items: only what is known. */
  readonly withoutItems?: boolean;
}

/** A message that is being written. */
type Draft = { -readonly [K in keyof GossipMessage]: GossipMessage[K] };

/** What became of a message that was taken in. */
export interface Received {
  readonly peer: Peer;
  readonly message: GossipMessage;
  /** Whether the replica learned anything from it. */
  readonly learned: boolean;
  readonly event: ReturnType<Peer["receive"]>;
}

/** What an antiEntropy is made of. */
export interface AntiEntropyOptions {
  readonly self: string;
  /** All nodes' ids, in the order that they agree on. */
  readonly ids: readonly string[];
  /** This start of this node; never the same twice. */
  readonly incarnation: string;
  readonly replica: Replica;
  /** Longer vectors than this are not named to somebody new, but sketched. Default: {@linkcode SKETCH_ORIGINS_MIN}. */
  readonly sketchOriginsMin?: number;
}

/** The peers to all other nodes, and the replica that is kept the same as theirs. */
export class AntiEntropy {
  readonly self: string;
  readonly ids: readonly string[];
  readonly replica: Replica;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly origins = new Origins();
  /** Where the replica stands. */
  readonly counts = new VersionVector();
  /** How long a peer may take to answer a message; undefined if it need not. Set by the way of dissemination. */
  replyTimeoutMs: (peer: Peer, options: SendOptions) => number | undefined = () => undefined;
  readonly #incarnation: string;
  readonly #sketchOriginsMin: number;
  readonly #changedAt: number[] = []; // by the origin's number: when its count grew last
  #outbox: Outgoing[] = [];

  constructor(options: AntiEntropyOptions) {
    this.self = options.self;
    this.ids = options.ids;
    this.replica = options.replica;
    this.#incarnation = options.incarnation;
    this.#sketchOriginsMin = options.sketchOriginsMin ?? SKETCH_ORIGINS_MIN;
    const others = options.ids.filter((id) => id !== options.self);
    this.peers = new Map(
      others.map((id) => [id, new Peer(id, { self: options.incarnation, origins: this.origins })]),
    );
  }

  /** What is to be sent; empty afterwards. */
  takeOutbox(): Outgoing[] {
    const outbox = this.#outbox;
    this.#outbox = [];
    return outbox;
  }

  /** Notes which origins have grown since it last looked, by this node's own doing or otherwise than by a message. */
  noteChanges(now: number): void {
    for (const [name, count] of this.replica.vector) {
      const origin = this.origins.numberOf(name);
      if (this.counts.advance(origin, count)) this.#changedAt[origin] = now;
    }
  }

  /** Whether the peer lacks something that is not on its way, and may be sent it. */
  hasUnsentChanges(peer: Peer): boolean {
    return peer.state !== "down" && !this.awaitsPeerVector(peer) && peer.hasUnsent(this.counts);
  }

  /** Whether the peer must say what it has before it is sent anything, and was asked for it. */
  awaitsPeerVector(peer: Peer): boolean {
    return peer.awaitingReplySince !== undefined && this.#needsPeerVector(peer);
  }

  isBehind(peer: Peer): boolean {
    return peer.isBehind(this.counts);
  }

  /**
   * Answers a peer that asked: at once, unless nothing is known here. Then it has time, and mostly something is to be sent to
   * it before: nodes ask when they start, and the first values come soon after.
   */
  answer(peer: Peer, now: number): void {
    if (this.replica.vector.size === 0) peer.replyDueAt ??= now + EMPTY_ANSWER_MS;
    else this.send(peer, now);
  }

  /** Takes in a message. Undefined if it comes from nobody known. */
  receive(from: string, message: GossipMessage, now: number): Received | undefined {
    const peer = this.peers.get(from);
    if (peer === undefined) return undefined;
    const event = peer.receive(message, now);
    const { deltas } = message;
    let learned = false;
    if (deltas !== undefined) {
      const shown = new VersionVector();
      eachOrigin(deltas, (name, payload) => {
        const origin = this.origins.numberOf(name);
        shown.advance(origin, this.replica.merge(name, payload));
        if (!this.counts.advance(origin, this.replica.vector.get(name) ?? 0)) return;
        this.#changedAt[origin] = now;
        learned = true;
      });
      if (event !== "stale") {
        peer.recordSeenByPeer(shown, { stamp: message.direct ? undefined : message.sentAt, now });
      }
      peer.ackPendingSince ??= now;
      if (learned && this.replica.merged?.() === true) this.noteChanges(now);
    }
    if (message.sketch !== undefined && event !== "stale") {
      peer.compare(this.replica.vector, difference(this.replica.vector, message.sketch), now);
    }
    return { peer, message, learned, event };
  }

  /** Sends a message: what the peer lacks, and what `options` say. */
  send(peer: Peer, now: number, options: SendOptions = {}): void {
    const { requestReply = false, roundMs, oldestAgeMs, direct = false } = options;
    const peerVectorUnknown = this.#needsPeerVector(peer);
    const includesItems = !options.withoutItems && peer.state !== "down" && (!peerVectorUnknown || direct);
    const asks = requestReply || (peerVectorUnknown && !direct);
    const message: Draft = { incarnation: this.#incarnation, sentAt: now, version: [] };
    const { ack, ackRejected } = peer.ackFields(now);
    if (ack !== undefined) message.ack = ack;
    if (ackRejected !== undefined) message.ackRejected = ackRejected;
    const shows = this.#encodeDelta(message, peer, { includesItems, direct });
    if (asks) message.requestReply = true;
    if (roundMs !== undefined) message.roundMs = roundMs;
    if (oldestAgeMs !== undefined) message.oldestAgeMs = oldestAgeMs;
    if (direct) message.direct = true;
    this.#outbox.push({ to: peer.id, message });
    const expects = message.deltas !== undefined || asks;
    peer.recordSend(now, {
      replyTimeoutMs: expects ? this.replyTimeoutMs(peer, { requestReply: asks, direct }) : undefined,
      complete: message.sketch === undefined || message.originsComplete === true,
      shows: direct ? undefined : shows, // what it includesItems may not join on to what the peer has
    });
  }

  /**
   * Writes what the peer is believed to lack, if the message includesItems that, and how far this node is, as the peer needs it said.
   * Returns how far the message's items show origins.
   */
  #encodeDelta(
    message: Draft,
    peer: Peer,
    { includesItems, direct }: { readonly includesItems: boolean; readonly direct: boolean },
  ): VersionVector {
    const { replica } = this;
    const { originsToSend } = peer;
    const shows = new VersionVector();
    const isNew = peer.confirmedAt === -Infinity;
    const sketched = originsToSend !== "all" &&
      (peer.needsSketch || (isNew && replica.vector.size > this.#sketchOriginsMin));
    // A sketch stands for all that was not compared with the peer's, and what has changed since then is named.
    const since = isNew && sketched ? peer.sketchComparedAt : peer.confirmedAt;
    const version: Json[] = [];
    const deltas: Json[] = [];
    let room = ITEMS_MAX;
    const { names } = this.origins;
    for (let origin = 0; origin < names.length; origin++) {
      const name = names[origin] ?? "";
      const count = this.counts.get(origin);
      if (count === 0) continue; // the peer knows of it, this node does not
      if (includesItems && room > 0 && (!direct || replica.isOwn(name))) {
        const has = peer.has.get(origin);
        const after = direct ? Math.max(has, peer.sentUpTo(origin) - OVERLAP) : has;
        if (after < count) {
          const { payload, upTo, size } = replica.delta(name, after, room);
          deltas.push(name, payload);
          room -= size;
          peer.markSent(origin, upTo, message.sentAt);
          shows.advance(origin, upTo);
          if (upTo === count) continue; // that shows it
        }
      }
      const isNews = (this.#changedAt[origin] ?? -Infinity) >= since && peer.provenUpTo(origin) !== count;
      if (isNews || originsToSend === "all" || originsToSend?.has(name)) version.push(name, count);
    }
    message.version = version;
    if (deltas.length > 0) message.deltas = deltas;
    if (sketched) message.sketch = sketchOf(replica.vector);
    if (originsToSend !== undefined) message.originsComplete = true;
    if (peer.needsAllOrigins) message.needsAllOrigins = true;
    return shows;
  }

  /** Whether so much is known here that it may not be sent to somebody who never said what he has. */
  #needsPeerVector(peer: Peer): boolean {
    if (peer.vectorKnown) return false;
    let size = 0;
    for (const count of this.replica.vector.values()) size += count;
    return size > UNSOLICITED_ITEMS_MAX;
  }
}
