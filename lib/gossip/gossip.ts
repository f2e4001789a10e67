/**
 * Dissemination as a pure machine: messages, changes and ticks in; messages and the next deadline out. Time is handed in,
 * in ms; there is no clock, no chance and no I/O in here.
 *
 * Each node keeps a replica whose state grows by origin. A message includesItems what the receiver is believed to lack, names the
 * last message received from it, which acknowledges what that one showed, and says how far its sender knows whatever else is
 * new to it. So whatever is lost is sent again, and whatever comes twice changes nothing. When nobody lacks anything, nobody
 * says anything.
 */

import { NextAction } from "./next_action.ts";
import { AntiEntropy, type AntiEntropyOptions, type Received } from "./anti_entropy.ts";
import { HubStrategy } from "./strategies/hub.ts";
import type { Peer } from "./peer/peer.ts";
import { NeighbourStrategy } from "./strategies/neighbours.ts";
import type { GossipMessage, Outgoing } from "./message.ts";
import { HubTiming } from "./strategies/hub_timing.ts";
import { LeafTiming } from "./strategies/leaf_timing.ts";

/** The ways of dissemination: through a hub in rounds, straight to everyone, or along a given graph. */
export type Dissemination = "hub" | "direct" | "topology";

/** A node that has started asks again for what others know after this long, ms, then after twice as long, … */
const BOOTSTRAP_RETRY_MS = 600;
/** …up to this. */
const BOOTSTRAP_RETRY_MS_MAX = 2000;
/** So many steps for each peer are done in one tick at most; more would mean that a step does not do what it is for. */
const ACTIONS_PER_PEER_MAX = 8;

/** A node that is called this much later than it asked for, ms, has been asleep. */
const STALL_THRESHOLD_MS = 50;

/** What a machine is made of. */
export interface GossipOptions extends AntiEntropyOptions {
  readonly dissemination: Dissemination;
  /** How old a change may be, ms, when the last node learns of it, as long as nothing is lost or slow. */
  readonly latencyMsMax: number;
}

/** How a node decides to whom it speaks, and when. */
interface Strategy {
  /** Whom a node that has started asks for what there is, one after the other. */
  readonly bootstrapPeers: readonly Peer[];
  /** How long after the start it does, ms. */
  readonly bootstrapDelayMs: number;
  readonly probeMs: number;
  isResponsibleFor(peer: Peer): boolean;
  ackDueAt(peer: Peer, since: number): number;
  changed(now: number): void;
  received(received: Received, now: number): void;
  unreachable(peer: Peer, now: number): void;
  scheduleActions(actions: NextAction): void;
}

/** One node's part. Feed it, then send what `takeOutbox` gives, and call `tick` at `deadline`. */
export class Gossip {
  readonly #antiEntropy: AntiEntropy;
  readonly #strategy: Strategy;
  readonly #neighbours: NeighbourStrategy | undefined;
  readonly #peers: readonly Peer[];
  #joined = false;
  #bootstrapAt = Infinity;
  #bootstrapAttempts = 0;
  #probedAt = -Infinity;
  #probedAllAt = -Infinity;
  #deadline = Infinity;

  constructor(options: GossipOptions) {
    const { dissemination, latencyMsMax } = options;
    this.#antiEntropy = new AntiEntropy(options);
    this.#peers = [...this.#antiEntropy.peers.values()];
    if (dissemination === "topology") {
      this.#strategy = this.#neighbours = new NeighbourStrategy(this.#antiEntropy, latencyMsMax);
    } else {
      const hubTiming = new HubTiming(latencyMsMax);
      const leafTiming = new LeafTiming(hubTiming.roundMs);
      this.#strategy = new HubStrategy(this.#antiEntropy, {
        leafTiming,
        hubTiming,
        direct: dissemination === "direct",
      });
    }
  }

  /** The node has started: it asks what there is, since it may have been here before and forgotten. */
  start(now: number): void {
    this.#antiEntropy.noteChanges(now);
    this.#joined = this.#antiEntropy.peers.size === 0;
    this.#bootstrapAt = now + this.#strategy.bootstrapDelayMs;
    this.tick(now);
  }

  /** The replica was changed by this node itself. */
  changed(now: number): void {
    this.#antiEntropy.noteChanges(now);
    this.#strategy.changed(now);
    this.tick(now);
  }

  /** A message has come. */
  receive(from: string, message: GossipMessage, now: number): void {
    this.#compensateForStall(now);
    const received = this.#antiEntropy.receive(from, message, now);
    if (received === undefined) return;
    if (received.peer.state === "up") this.#joined = true;
    this.#strategy.received(received, now);
    if (received.event === "recovered") this.#probeAll(now);
    this.tick(now);
  }

  /** Names the neighbours that `topology` uses; the other ways take no advice. */
  connect(neighbours: readonly string[], now: number): void {
    this.#neighbours?.connect(neighbours, now);
    this.tick(now);
  }

  /** Does what is due. */
  tick(now: number): void {
    this.#compensateForStall(now);
    for (let left = ACTIONS_PER_PEER_MAX * (1 + this.#antiEntropy.peers.size);; left--) {
      const { due, earliest } = this.#nextAction(now); // one at a time: what a step does may make the next one needless
      this.#deadline = earliest;
      if (due === undefined || left === 0) return;
      due(now);
    }
  }

  /** When `tick` has something to do; `Infinity` if nothing is outstanding. */
  get deadline(): number {
    return this.#deadline;
  }

  /** What is to be sent; empty afterwards. */
  takeOutbox(): Outgoing[] {
    return this.#antiEntropy.takeOutbox();
  }

  /** A node that was stopped, or had to wait for its turn, blames nobody for answers that came meanwhile and wait behind it. */
  #compensateForStall(now: number): void {
    const stalledMs = now - this.#deadline;
    this.#deadline = Infinity;
    if (stalledMs <= STALL_THRESHOLD_MS) return;
    for (const peer of this.#antiEntropy.peers.values()) {
      if (peer.awaitingReplySince !== undefined) peer.replyTimeoutMs += stalledMs;
    }
  }

  #nextAction(now: number): NextAction {
    const actions = new NextAction(now);
    if (!this.#joined) actions.schedule(this.#bootstrapAt, this.#bootstrap);
    for (const peer of this.#peers) {
      if (peer.awaitingReplySince !== undefined) {
        actions.scheduleFor(peer, peer.awaitingReplySince + peer.replyTimeoutMs, this.#markUnreachable);
      }
      if (peer.replyDueAt !== undefined) actions.scheduleFor(peer, peer.replyDueAt, this.#answer);
      if (peer.ackPendingSince !== undefined) {
        actions.scheduleFor(peer, this.#strategy.ackDueAt(peer, peer.ackPendingSince), this.#acknowledge);
      }
    }
    this.#scheduleProbe(actions);
    this.#strategy.scheduleActions(actions);
    return actions;
  }

  /** Those who are gone are asked one after the other, two a round, however many they are. */
  #scheduleProbe(actions: NextAction): void {
    let next: Peer | undefined;
    for (const peer of this.#peers) {
      if (this.#isUnreachable(peer) && (next === undefined || peer.lastSentAt < next.lastSentAt)) next = peer;
    }
    if (next === undefined) return;
    const { probeMs } = this.#strategy;
    actions.scheduleFor(
      next,
      Math.max(next.lastSentAt + probeMs, this.#probedAt + probeMs / 2),
      (peer, now) => {
        this.#probedAt = now;
        this.#probe(peer, now);
      },
    );
  }

  readonly #answer = (peer: Peer, now: number): void => this.#antiEntropy.send(peer, now);

  readonly #acknowledge = (peer: Peer, now: number): void =>
    this.#antiEntropy.send(peer, now, { withoutItems: true });

  /** One has come back: perhaps the others have, too. */
  #probeAll(now: number): void {
    if (now - this.#probedAllAt < this.#strategy.probeMs) return;
    this.#probedAllAt = now;
    for (const peer of this.#peers) if (this.#isUnreachable(peer)) this.#probe(peer, now);
  }

  /** Whether a peer that does not answer is this node's to look after. */
  #isUnreachable(peer: Peer): boolean {
    return peer.state === "down" && this.#strategy.isResponsibleFor(peer) && this.#antiEntropy.isBehind(peer);
  }

  #probe(peer: Peer, now: number): void {
    this.#antiEntropy.send(peer, now, { requestReply: true, withoutItems: true });
  }

  readonly #markUnreachable = (peer: Peer, now: number): void => {
    peer.markUnreachable(now);
    this.#strategy.unreachable(peer, now);
  };

  /** Asks one of the others what there is, then the next, until one answers. */
  readonly #bootstrap = (now: number): void => {
    const { bootstrapPeers } = this.#strategy;
    const peer = bootstrapPeers[this.#bootstrapAttempts % bootstrapPeers.length];
    this.#bootstrapAt = now +
      Math.min(BOOTSTRAP_RETRY_MS * 2 ** this.#bootstrapAttempts, BOOTSTRAP_RETRY_MS_MAX);
    this.#bootstrapAttempts++;
    if (peer !== undefined) this.#antiEntropy.send(peer, now, { requestReply: true });
  };
}
