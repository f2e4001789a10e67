/**
 * Encoding and decoding of messages: the part that all strategies share. It decides the content of messages, not their time or receiver.
 *
 * Tested by `tests/gossip/gossip_test.ts`.
 */

import { invariant, InvariantError } from "../protocol/errors.ts";
import type { Json } from "../protocol/schema.ts";
import { eachOrigin, GOSSIP, type GossipMessage, type Outgoing } from "./message.ts";
import { Origins } from "./origins.ts";
import { Peer, type PeerEvent } from "./peer/peer.ts";
import type { Delta, Replica } from "./replica.ts";
import { difference, sketchOf } from "./sketch.ts";
import { VersionVector } from "./version_vector.ts";

/** The number of changes that one message carries at most, by default. The rest follows in the next one. */
const CHANGES_MAX = 5000;
/** The number of changes that are sent at most to a peer whose vector is unknown. If there are more, it is asked first. */
const UNSOLICITED_CHANGES_MAX = 256;
/** Vectors up to this many origins are listed rather than sketched: a sketch takes about as many bytes. */
const SKETCH_ORIGINS_MIN = 128;
/** The number of recent changes that each direct message repeats, so that the next message repairs a lost one. */
const OVERLAP = 8;
/**
 * The delay of an answer that has nothing to say, in ms. Nodes ask when they start, and the first changes often follow soon
 * and serve as the answer.
 */
const EMPTY_ANSWER_MS = 200;

/** The optional parts of a message. */
export interface SendOptions {
  /** Requests a reply at once. Default: false. */
  readonly requestReply?: boolean;
  /** Makes the message a scatter of a hub with this round time, in ms. */
  readonly roundMs?: number;
  /** Makes the message a gather whose oldest change has waited this long, in ms. */
  readonly oldestAgeMs?: number;
  /** Sends only own changes, and only unsent ones, because every node is sent the same. Default: false. */
  readonly direct?: boolean;
  /** Sends the version vector without changes. Default: false. */
  readonly withoutDeltas?: boolean;
}

/** A message under construction. */
type Draft = { -readonly [K in keyof GossipMessage]: GossipMessage[K] };

/** The effect of a received message. */
export interface Received {
  readonly peer: Peer;
  readonly message: GossipMessage;
  /** True if the replica gained changes from it. */
  readonly learned: boolean;
  readonly event: PeerEvent;
}

/** The configuration of {@linkcode AntiEntropy}. */
export interface AntiEntropyOptions {
  readonly self: string;
  /** The ids of all nodes, in an order that all nodes agree on. */
  readonly ids: readonly string[];
  /** The name of this start of this node. It is never used again. */
  readonly incarnation: string;
  readonly replica: Replica;
  /** Longer vectors are sketched for a new peer. Default: {@linkcode SKETCH_ORIGINS_MIN}. */
  readonly sketchOriginsMin?: number;
  /** The number of changes that one message carries at most. Default: {@linkcode CHANGES_MAX}. */
  readonly changesMax?: number;
}

/** The replica of this node, and all other nodes as {@linkcode Peer}s. */
export class AntiEntropy {
  readonly self: string;
  readonly ids: readonly string[];
  readonly replica: Replica;
  /** All other nodes, in the agreed order. */
  readonly peers: readonly Peer[];
  readonly origins = new Origins();
  /** The replica's vector, by origin number. */
  readonly version = new VersionVector();
  /** Returns the time within which a peer must reply to a message, or undefined if it need not. Set by the strategy. */
  replyTimeoutMs: (peer: Peer, options: SendOptions) => number | undefined = () => undefined;
  readonly #incarnation: string;
  readonly #sketchOriginsMin: number;
  readonly #changesMax: number;
  readonly #peersById: ReadonlyMap<string, Peer>;
  readonly #unreachable = new Set<Peer>();
  readonly #changedAt: number[] = []; // by origin number: when its count grew last
  #outbox: Outgoing[] = [];

  constructor(options: AntiEntropyOptions) {
    invariant(
      options.ids.includes(options.self),
      () => `this node is ${options.self}, which is not among the nodes of the cluster`,
    );
    this.self = options.self;
    this.ids = options.ids;
    this.replica = options.replica;
    this.#incarnation = options.incarnation;
    this.#sketchOriginsMin = options.sketchOriginsMin ?? SKETCH_ORIGINS_MIN;
    this.#changesMax = options.changesMax ?? CHANGES_MAX;
    const others = options.ids.filter((id) => id !== options.self);
    this.#peersById = new Map(
      others.map((id) => [id, new Peer(id, { self: options.incarnation, origins: this.origins })]),
    );
    this.peers = [...this.#peersById.values()];
  }

  /** Returns the messages to send, and empties the outbox. */
  takeOutbox(): Outgoing[] {
    const outbox = this.#outbox;
    this.#outbox = [];
    return outbox;
  }

  /** Updates `version` from the replica after a change that did not come with a message. */
  noteChanges(now: number): void {
    this.replica.vector.forEach((count, name) => {
      const origin = this.origins.numberOf(name);
      if (this.version.advance(origin, count)) this.#changedAt[origin] = now;
    });
  }

  /** Returns another node by its id. */
  peer(id: string): Peer | undefined {
    return this.#peersById.get(id);
  }

  /** The peers that are down. */
  get unreachable(): ReadonlySet<Peer> {
    return this.#unreachable;
  }

  /** Considers a peer down, and everything that it did not acknowledge as lost. */
  markUnreachable(peer: Peer, now: number): void {
    peer.markUnreachable(now);
    this.#unreachable.add(peer);
  }

  /** Returns true if the peer lacks a change that is not in flight, and may receive one now. */
  hasUnsentChanges(peer: Peer): boolean {
    return peer.state !== "down" && !this.awaitsPeerVector(peer) && peer.delivery.hasUnsent(this.version);
  }

  /** Returns true if the peer was asked for its vector, which this node needs before it sends changes. */
  awaitsPeerVector(peer: Peer): boolean {
    return peer.liveness.awaitingReplySince !== undefined && this.#needsPeerVector(peer);
  }

  /** Returns true if the peer is not proven to have everything that this node has. */
  isBehind(peer: Peer): boolean {
    return peer.delivery.isBehind(this.version);
  }

  /** Answers a request: at once, or after {@linkcode EMPTY_ANSWER_MS} if this node has no changes yet. */
  answer(peer: Peer, now: number): void {
    if (this.replica.vector.size === 0) peer.replyDueAt ??= now + EMPTY_ANSWER_MS;
    else this.send(peer, now);
  }

  /** Merges a message. Returns undefined if the sender is not a node of the cluster. */
  receive(from: string, message: GossipMessage, now: number): Received | undefined {
    const peer = this.peer(from);
    if (peer === undefined) return undefined;
    const event = peer.receive(message, now);
    if (peer.state !== "down") this.#unreachable.delete(peer);
    const learned = message.deltas !== undefined && this.#mergeDeltas(peer, event, message, now);
    if (message.sketch !== undefined && event !== "stale") {
      peer.compare(this.replica.vector, difference(this.replica.vector, message.sketch), now);
    }
    if (message.partial) this.send(peer, now, { withoutDeltas: true });
    return { peer, message, learned, event };
  }

  /** Sends a message with the changes that the peer lacks, as far as `options` permit. */
  send(peer: Peer, now: number, options: SendOptions = {}): void {
    const { roundMs, oldestAgeMs, direct = false } = options;
    const peerVectorUnknown = this.#needsPeerVector(peer);
    const includesDeltas = !options.withoutDeltas && peer.state !== "down" && (!peerVectorUnknown || direct);
    const sentAt = peer.nextSentAt(now);
    const requestReply = options.requestReply === true || (peerVectorUnknown && !direct);
    const message: Draft = { type: GOSSIP, incarnation: this.#incarnation, sentAt, version: [] };
    const { ack, ackRejected } = peer.ackFields(now);
    if (ack !== undefined) message.ack = ack;
    if (ackRejected !== undefined) message.ackRejected = ackRejected;
    const shows = this.#encodeDeltas(message, peer, includesDeltas, direct);
    if (message.deltas !== undefined && !direct && peer.delivery.hasUnsent(this.version)) {
      message.partial = true;
    }
    if (requestReply) message.requestReply = true;
    if (roundMs !== undefined) message.roundMs = roundMs;
    if (oldestAgeMs !== undefined) message.oldestAgeMs = oldestAgeMs;
    if (direct) message.direct = true;
    this.#outbox.push({ to: peer.id, message });
    const expectsReply = message.deltas !== undefined || requestReply;
    peer.recordSend(sentAt, {
      replyTimeoutMs: expectsReply ? this.replyTimeoutMs(peer, { requestReply, direct }) : undefined,
      complete: message.sketch === undefined || message.originsComplete === true,
      shows: direct ? undefined : shows, // a direct delta may leave a gap after what the peer has
    });
  }

  #mergeDeltas(peer: Peer, event: PeerEvent, message: GossipMessage, now: number): boolean {
    const showed = new VersionVector();
    let learned = false;
    eachOrigin(message.deltas ?? [], (name, payload) => {
      const origin = this.origins.numberOf(name);
      showed.advance(origin, this.replica.merge(name, payload));
      if (!this.version.advance(origin, this.replica.vector.get(name) ?? 0)) return;
      this.#changedAt[origin] = now;
      learned = true;
    });
    if (event !== "stale") peer.recordShowed(showed, message.direct ? undefined : message.sentAt, now);
    peer.ackPendingSince ??= now;
    if (learned && this.replica.onMerged?.() === true) this.noteChanges(now);
    return learned;
  }

  /**
   * Adds to a message the changes that the peer lacks, and the counts that the peer cannot infer. Returns the counts that
   * the changes show.
   */
  #encodeDeltas(message: Draft, peer: Peer, includesDeltas: boolean, direct: boolean): VersionVector {
    const { replica } = this;
    const { originsToSend, confirmedAt } = peer.vectors;
    const shows = new VersionVector();
    const isNew = confirmedAt === -Infinity;
    const sketched = originsToSend !== "all" &&
      (peer.vectors.peerNeedsSketch || (isNew && replica.vector.size > this.#sketchOriginsMin));
    // A sketch covers everything that was not compared with the peer's sketch. Later changes are listed.
    const since = isNew && sketched ? peer.vectors.sketchComparedAt : confirmedAt;
    const version: Json[] = [];
    const deltas: Json[] = [];
    let room = this.#changesMax;
    const { names } = this.origins;
    for (let origin = 0; origin < names.length; origin++) {
      const name = names[origin] ?? "";
      const count = this.version.get(origin);
      if (count === 0) continue; // only the peer knows this origin
      if (includesDeltas && room > 0 && (!direct || replica.isOwn(name))) {
        const has = peer.delivery.has.get(origin); // plant: no-retransmit
        const sent = peer.delivery.sentUpTo(origin);
        const after = direct ? Math.max(has, sent - OVERLAP) : has;
        if (after < count) {
          const { payload, upTo, size } = direct && sent < count
            ? this.#deltaWithNew(name, { after, sent, room })
            : replica.delta(name, after, room);
          if (upTo <= after) {
            throw new InvariantError(
              `the delta of ${name} after ${after} is empty, although ${count} are known`,
            );
          }
          deltas.push(name, payload);
          room -= size;
          peer.delivery.markSent(origin, upTo, message.sentAt);
          shows.advance(origin, upTo);
          if (upTo === count) continue; // the delta itself shows the count
        }
      }
      const isRecent = (this.#changedAt[origin] ?? -Infinity) >= since && peer.impliedCount(origin) !== count;
      if (isRecent || originsToSend === "all" || originsToSend?.has(name)) version.push(name, count);
    }
    message.version = version;
    if (deltas.length > 0) message.deltas = deltas;
    if (sketched) message.sketch = sketchOf(replica.vector);
    if (originsToSend !== undefined) message.originsComplete = true;
    if (peer.vectors.needsAllOrigins) message.needsAllOrigins = true;
    return shows;
  }

  /** Returns the changes after `after`; those after `sent` alone if the earlier ones are so large that none of them fits. */
  #deltaWithNew(
    name: string,
    { after, sent, room }: { readonly after: number; readonly sent: number; readonly room: number },
  ): Delta {
    const delta = this.replica.delta(name, after, room);
    return delta.upTo > sent ? delta : this.replica.delta(name, sent, room);
  }

  /** Returns true if the state is too large to send to a peer whose version vector is unknown. */
  #needsPeerVector(peer: Peer): boolean {
    if (peer.vectors.peerVectorKnown) return false;
    let size = 0;
    for (const count of this.replica.vector.values()) size += count;
    return size > UNSOLICITED_CHANGES_MAX;
  }
}
