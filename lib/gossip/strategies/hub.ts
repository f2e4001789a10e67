/**
 * Dissemination through a hub, in rounds. All others (the leaves) send what is new to the hub at the same moment, a *gather*;
 * the hub sends what it then knows to all of them, a *scatter*, whose arrival sets the moment of the next gather. So
 * a round costs at most 2n - 2 messages, whatever the rate; 2n - 2 is also the least that lets everyone know everything
 * (Hajnal, Milner, Szemerédi: "A cure for the telephone disease", 1972, for one-way messages).
 *
 * The hub of a node is the first in the agreed order that answers it, so nobody is elected. Whoever knows none before
 * itself that answers is a hub, and serves all; whoever is taken for a hub by somebody serves that one. Two nodes that
 * can talk, one of them being the other's hub, let each other know all they know: so what one part of a cut network
 * knows, all of it comes to know.
 */

import type { NextAction } from "../next_action.ts";
import type { AntiEntropy, Received, SendOptions } from "../anti_entropy.ts";
import type { Peer } from "../peer/peer.ts";
import { type ByOrigin, eachOrigin } from "../message.ts";
import type { VersionVector } from "../origins.ts";
import type { HubTiming, RoundTripStats } from "./hub_timing.ts";
import type { LeafTiming } from "./leaf_timing.ts";
import { quantile } from "../peer/round_trip.ts";

/** An acknowledgement with nothing else to say waits for news to go with, so many rounds… */
const ACK_ROUNDS = 5;
/** …but no longer than this, unless a single round takes longer. */
const ACK_MS_MAX = 1500;
/** Where changes go straight to everyone, acknowledgements go with them, and seldom have to go alone. */
const ACK_MS_DIRECT = 2500;
/** For so many rounds more than an answer takes at most, a peer may be silent before it is taken for gone. */
const SILENT_ROUNDS = 3;
/** A node whose hub is gone asks so many of the next at once. */
const CANDIDATES = 4;
/** A node in doubt whether everyone is reached asks one other so many rounds after the last. */
const AUDIT_ROUNDS = 3;
/** Somebody who was served because he asked for it is served for so many rounds after he last did. */
const DEPENDENT_ROUNDS = 10;

/** The hub's and the leaf's part of every node. */
export class HubStrategy {
  readonly bootstrapDelayMs = 0;
  readonly #antiEntropy: AntiEntropy;
  readonly #leafTiming: LeafTiming;
  readonly #hubTiming: HubTiming;
  readonly #direct: boolean;
  readonly #before: readonly Peer[]; // in the agreed order, before this node: those that may be its hub
  readonly #dependents = new Map<string, number>(); // peer → when it last gathered here
  readonly #reported = new Set<string>();
  #hub: Peer | undefined;
  #updatesSince: number | undefined;
  #earlyScatterAt = Infinity;
  #auditedAt = -Infinity;
  #rotation = 0;
  readonly #lastAudit = new Map<string, VersionVector>(); // peer → where this node stood when it last asked that one

  /** With `direct`, changes go straight to everyone, and the rounds only see to what was lost. */
  constructor(
    antiEntropy: AntiEntropy,
    options: { readonly leafTiming: LeafTiming; readonly hubTiming: HubTiming; readonly direct: boolean },
  ) {
    this.#antiEntropy = antiEntropy;
    this.#leafTiming = options.leafTiming;
    this.#hubTiming = options.hubTiming;
    this.#direct = options.direct;
    const { ids, peers, self } = antiEntropy;
    this.#before = ids.slice(0, ids.indexOf(self)).flatMap((id) => peers.get(id) ?? []);
    this.#hub = this.#findHub();
    antiEntropy.replyTimeoutMs = (peer, options) => this.#replyTimeoutMs(peer, options);
  }

  /** The first in the agreed order first, since that is the hub. */
  get bootstrapPeers(): readonly Peer[] {
    return [...this.#antiEntropy.peers.values()];
  }

  /** Whether this node sees to it that the peer knows everything. */
  isResponsibleFor(peer: Peer): boolean {
    return peer !== this.#hub && (this.#hub === undefined || this.#dependents.has(peer.id));
  }

  /** Whether this node is a hub by itself, not only for those who take it for one. */
  get isHub(): boolean {
    return this.#hub === undefined;
  }

  /** When a withoutItems acknowledgement must leave. */
  ackDueAt(peer: Peer, since: number): number {
    return this.isResponsibleFor(peer) && !this.#direct ? Infinity : since + this.#ackMs; // a scatter acknowledges at once
  }

  /** How long a peer that is gone is left alone between probes, ms. */
  get probeMs(): number {
    return this.#hubTiming.latencyMsMax;
  }

  /** The replica has changed by this node's own doing. */
  changed(now: number): void {
    if (this.#direct) this.#sendToAll(now);
    this.#refresh(now);
  }

  /** A message was taken in. */
  received({ peer, message, learned, event }: Received, now: number): void {
    if (message.direct) this.#noteDirect(peer, message.deltas ?? [], now);
    if (event === "restarted" && !message.requestReply && !this.isHub) this.#leaveToOthers(peer, now);
    this.#refresh(now);
    if (message.roundMs !== undefined) this.#heardScatter(peer, message.roundMs, now);
    else if (message.oldestAgeMs !== undefined) {
      // One that left before the last scatter came is not the answer to it: of such a leaf, another is to be waited for.
      const inRound = (message.ack?.[1] ?? -Infinity) >= this.#hubTiming.scatteredAt;
      this.#heardGather(peer, { ageMs: message.oldestAgeMs, inRound, learned, now });
    }
    if (message.requestReply) this.#antiEntropy.answer(peer, now);
    else if (event === "recovered" && this.#antiEntropy.hasUnsentChanges(peer)) {
      this.#antiEntropy.send(peer, now);
    }
    this.#refresh(now);
  }

  /** A peer was given up. */
  unreachable(peer: Peer, now: number): void {
    this.#dependents.delete(peer.id);
    const wasHub = peer === this.#hub;
    this.#refresh(now);
    if (wasHub && this.#hub?.state === "unknown") this.#askCandidates(now);
  }

  /** What is to be done, and when. */
  scheduleActions(actions: NextAction): void {
    this.#scheduleGather(actions);
    this.#scheduleScatter(actions);
    this.#scheduleAudit(actions);
  }

  #scheduleGather(actions: NextAction): void {
    const hub = this.#hub;
    if (hub === undefined) return;
    if (this.#updatesSince !== undefined) {
      const at = this.#leafTiming.dueAt(this.#updatesSince, this.#distanceTo(hub));
      actions.scheduleFor(hub, at, this.#gather);
    } else if (hub.unacknowledgedSince !== undefined && hub.state !== "down") {
      const delayMs = this.#direct ? this.#ackMs : 0;
      const at = hub.unacknowledgedSince + delayMs + this.#answerMs(hub) + 2 * this.#gatherLeadMs(hub);
      actions.scheduleFor(hub, at, this.#gatherAgain);
    }
  }

  #scheduleScatter(actions: NextAction): void {
    if (!this.isHub && this.#dependents.size === 0) return;
    const antiEntropy = this.#antiEntropy;
    let pending = false;
    let complete = true;
    for (const peer of antiEntropy.peers.values()) {
      if (!this.isResponsibleFor(peer) || peer.state === "down") continue;
      pending ||= this.#isDue(peer);
      complete &&= this.#reported.has(peer.id);
      if (antiEntropy.awaitsPeerVector(peer)) {
        actions.scheduleFor(peer, peer.lastSentAt + this.#answerMs(peer), this.#ask);
      } else if (peer.unacknowledgedSince !== undefined) {
        const at = peer.unacknowledgedSince + this.#ackMs + this.#answerMs(peer) +
          2 * this.#gatherLeadMs(peer);
        actions.scheduleFor(peer, at, this.#resend);
      }
    }
    for (const [id, at] of this.#dependents) {
      if (at + DEPENDENT_ROUNDS * this.#roundMs < actions.now) this.#dependents.delete(id);
    }
    if (!pending) return;
    actions.schedule(this.#hubTiming.dueAt(complete), this.#scatter);
    actions.schedule(this.#earlyScatterAt, this.#scatterEarly);
  }

  /**
   * A node that knows one before itself to be gone might know another who can still talk to it, although its hub cannot.
   * So it asks all others, one after the other, what they know; whoever lacks what this node had when it asked before is not
   * fed by anyone, and is told.
   */
  #scheduleAudit(actions: NextAction): void {
    const { peers } = this.#antiEntropy;
    if (this.#hub === undefined || !this.#before.some(({ state }) => state === "down")) return;
    const others = [...peers.values()].filter((peer) => peer !== this.#hub && !this.isResponsibleFor(peer));
    const lacking = others.filter((peer) => this.#antiEntropy.isBehind(peer));
    const next = lacking[this.#rotation % lacking.length];
    if (next === undefined) return;
    if (this.#auditedAt === -Infinity) this.#auditedAt = actions.now;
    actions.scheduleFor(next, this.#auditedAt + AUDIT_ROUNDS * this.#roundMs, (peer, now) => {
      this.#auditedAt = now;
      this.#rotation++;
      const before = this.#lastAudit.get(peer.id);
      this.#lastAudit.set(peer.id, this.#antiEntropy.counts.copy());
      this.#antiEntropy.send(peer, now, {
        requestReply: true,
        withoutItems: before === undefined || !peer.isBehind(before),
      });
    });
  }

  readonly #ask = (peer: Peer, now: number): void =>
    this.#antiEntropy.send(peer, now, { requestReply: true });

  readonly #resend = (peer: Peer, now: number): void => {
    peer.recordResend(now);
    if (this.#antiEntropy.isBehind(peer)) this.#antiEntropy.send(peer, now);
  };

  readonly #gatherAgain = (hub: Peer, now: number): void => {
    hub.recordResend(now);
    this.#gather(hub, now);
  };

  readonly #gather = (hub: Peer, now: number): void => {
    const oldestAgeMs = Math.max(0, Math.round(now - (this.#updatesSince ?? now)));
    this.#antiEntropy.send(hub, now, { oldestAgeMs });
    if (hub.vectorKnown) this.#leafTiming.onGather(now); // else it was only asked, and the news leave once it has answered
    this.#refresh(now);
  };

  readonly #scatter = (now: number): void => {
    const { peers } = this.#antiEntropy;
    this.#hubTiming.onScatter(now, this.#distance());
    for (const peer of peers.values()) {
      if (!this.isResponsibleFor(peer) || peer.state === "down" || !this.#isDue(peer)) continue;
      this.#antiEntropy.send(peer, now, { roundMs: Math.round(this.#hubTiming.roundMs) });
    }
    this.#reported.clear();
    this.#earlyScatterAt = Infinity;
  };

  /** Sends what came late to all who lack it. It is no round's scatter, so the leaves' next gather does not depend on it. */
  readonly #scatterEarly = (now: number): void => {
    this.#hubTiming.onEarlyScatter();
    for (const peer of this.#antiEntropy.peers.values()) {
      if (this.isResponsibleFor(peer) && this.#antiEntropy.hasUnsentChanges(peer)) {
        this.#antiEntropy.send(peer, now);
      }
    }
    this.#earlyScatterAt = Infinity;
  };

  #isDue(peer: Peer): boolean {
    return this.#antiEntropy.hasUnsentChanges(peer) || (peer.ackPendingSince !== undefined && !this.#direct);
  }

  #heardScatter(peer: Peer, roundMs: number, now: number): void {
    this.#dependents.delete(peer.id);
    if (peer === this.#hub) this.#leafTiming.onScatter(now, { roundMs, ...this.#distanceTo(peer) });
    else this.#antiEntropy.send(peer, now); // it is not this node's hub, but takes itself for one: it may lack something
  }

  #heardGather(
    peer: Peer,
    { ageMs, inRound, learned, now }: {
      readonly ageMs: number;
      readonly inRound: boolean;
      readonly learned: boolean;
      readonly now: number;
    },
  ): void {
    if (peer === this.#hub) return;
    this.#dependents.set(peer.id, now);
    if (inRound) this.#reported.add(peer.id);
    if (learned && !this.#direct) {
      this.#earlyScatterAt = Math.min(
        this.#earlyScatterAt,
        this.#hubTiming.earlyScatterAt(ageMs, now) ?? Infinity,
      );
    }
  }

  /** The sender sends the same to everyone: it is on its way to all. */
  #noteDirect(from: Peer, items: ByOrigin, now: number): void {
    const { counts, peers, origins } = this.#antiEntropy;
    eachOrigin(items, (name) => {
      const origin = origins.numberOf(name);
      const count = counts.get(origin);
      for (const peer of peers.values()) if (peer !== from) peer.markSent(origin, count, now);
    });
    if (from !== this.#hub && !this.isResponsibleFor(from)) from.ackPendingSince = undefined; // its hub will tell it
  }

  /** A peer has forgotten everything: whom it asked will tell it; all others telling it too would be too much. */
  #leaveToOthers(peer: Peer, now: number): void {
    const { counts, origins, replica } = this.#antiEntropy;
    for (const [origin, name] of origins.names.entries()) {
      if (!replica.isOwn(name)) peer.markSent(origin, counts.get(origin), now);
    }
  }

  #sendToAll(now: number): void {
    for (const peer of this.#antiEntropy.peers.values()) {
      if (peer.state !== "down") this.#antiEntropy.send(peer, now, { direct: true });
    }
  }

  /** Finds the hub anew, and notes since when there is news for it. */
  #refresh(now: number): void {
    const hub = this.#findHub();
    if (hub !== this.#hub) {
      this.#hub = hub;
      this.#leafTiming.reset();
      this.#updatesSince = undefined;
      if (hub !== undefined) this.#dependents.delete(hub.id);
    }
    if (hub === undefined || !this.#antiEntropy.hasUnsentChanges(hub)) this.#updatesSince = undefined;
    else this.#updatesSince ??= now;
  }

  #findHub(): Peer | undefined {
    let unknown: Peer | undefined;
    for (const peer of this.#before) {
      if (peer.state === "up") return peer;
      if (peer.state === "unknown") unknown ??= peer;
    }
    return unknown;
  }

  #askCandidates(now: number): void {
    let left = CANDIDATES;
    for (const peer of this.#before) {
      if (peer.state !== "unknown" || peer.awaitingReplySince !== undefined || left-- <= 0) continue;
      this.#antiEntropy.send(peer, now, { requestReply: true });
    }
  }

  get #roundMs(): number {
    return this.isHub ? this.#hubTiming.roundMs : this.#leafTiming.roundMs;
  }

  /** How long an acknowledgement may wait for something to go with. */
  get #ackMs(): number {
    if (this.#direct) return ACK_MS_DIRECT;
    return Math.max(this.#roundMs, Math.min(ACK_ROUNDS * this.#roundMs, ACK_MS_MAX));
  }

  /** How long a peer takes to answer at its next round. */
  #answerMs(peer: Peer): number {
    return (peer.roundTrip.medianMs ?? this.#roundMs) + this.#roundMs;
  }

  #distanceTo(peer: Peer): { roundTripMs: number; gatherLeadMs: number } {
    return { roundTripMs: peer.roundTrip.medianMs ?? 0, gatherLeadMs: this.#gatherLeadMs(peer) };
  }

  #gatherLeadMs(peer: Peer): number {
    return Math.min(
      Math.max(this.#hubTiming.gatherLeadMs, 2 * peer.roundTrip.deviationMs),
      this.#roundMs / 4,
    );
  }

  #replyTimeoutMs(peer: Peer, { requestReply, direct }: SendOptions): number | undefined {
    const toHub = peer === this.#hub;
    const serves = this.isResponsibleFor(peer);
    if (direct && !toHub && !serves) return undefined;
    const delayed = !requestReply && (serves || !toHub || this.#direct);
    return this.#answerMs(peer) + (SILENT_ROUNDS - 1) * this.#roundMs + (delayed ? this.#ackMs : 0);
  }

  #distance(): RoundTripStats {
    const peers = [...this.#antiEntropy.peers.values()];
    const measured = peers.map(({ roundTrip }) => roundTrip).filter(({ medianMs }) => medianMs !== undefined);
    return {
      roundTripMs: quantile(measured.map(({ medianMs }) => medianMs ?? 0), 0.5),
      deviationMs: quantile(measured.map(({ deviationMs }) => deviationMs), 0.8) ?? 0,
    };
  }
}
