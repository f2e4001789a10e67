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

import type { Agenda } from "./agenda.ts";
import type { Exchange, Extras, Heard } from "./exchange.ts";
import type { Link } from "./link.ts";
import { type ByOrigin, eachOrigin } from "./message.ts";
import type { Counts } from "./origins.ts";
import type { Distance, Pace } from "./pace.ts";
import type { Phase } from "./phase.ts";
import { quantile } from "./round_trip.ts";

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
const DOUBT_ROUNDS = 3;
/** Somebody who was served because he asked for it is served for so many rounds after he last did. */
const CHILD_ROUNDS = 10;

/** The hub's and the leaf's part of every node. */
export class HubRounds {
  readonly greetingMs = 0;
  readonly #exchange: Exchange;
  readonly #phase: Phase;
  readonly #pace: Pace;
  readonly #direct: boolean;
  readonly #before: readonly Link[]; // in the agreed order, before this node: those that may be its hub
  readonly #children = new Map<string, number>(); // peer → when it last gathered here
  readonly #reported = new Set<string>();
  #parent: Link | undefined;
  #newsSince: number | undefined;
  #extraAt = Infinity;
  #doubtedAt = -Infinity;
  #rotation = 0;
  readonly #doubted = new Map<string, Counts>(); // peer → where this node stood when it last asked that one

  /** With `direct`, changes go straight to everyone, and the rounds only see to what was lost. */
  constructor(
    exchange: Exchange,
    options: { readonly phase: Phase; readonly pace: Pace; readonly direct: boolean },
  ) {
    this.#exchange = exchange;
    this.#phase = options.phase;
    this.#pace = options.pace;
    this.#direct = options.direct;
    const { ids, links, self } = exchange;
    this.#before = ids.slice(0, ids.indexOf(self)).flatMap((id) => links.get(id) ?? []);
    this.#parent = this.#findParent();
    exchange.patienceMs = (link, extras) => this.#patienceMs(link, extras);
  }

  /** The first in the agreed order first, since that is the hub. */
  get greeted(): readonly Link[] {
    return [...this.#exchange.links.values()];
  }

  /** Whether this node sees to it that the peer knows everything. */
  serves(link: Link): boolean {
    return link !== this.#parent && (this.#parent === undefined || this.#children.has(link.peer));
  }

  /** Whether this node is a hub by itself, not only for those who take it for one. */
  get isHub(): boolean {
    return this.#parent === undefined;
  }

  /** When a bare acknowledgement must leave. */
  ackAt(link: Link, since: number): number {
    return this.serves(link) && !this.#direct ? Infinity : since + this.#ackMs; // a scatter acknowledges at once
  }

  /** How long a peer that is gone is left alone between probes, ms. */
  get probeMs(): number {
    return this.#pace.latencyMsMax;
  }

  /** The replica has changed by this node's own doing. */
  changed(now: number): void {
    if (this.#direct) this.#sendToAll(now);
    this.#refresh(now);
  }

  /** A message was taken in. */
  heard({ link, message, learned, event }: Heard, now: number): void {
    if (message.direct) this.#noteDirect(link, message.items ?? [], now);
    if (event === "new life" && !message.ask && !this.isHub) this.#leaveToOthers(link, now);
    this.#refresh(now);
    if (message.round !== undefined) this.#heardScatter(link, message.round, now);
    else if (message.age !== undefined) {
      // One that left before the last scatter came is not the answer to it: of such a leaf, another is to be waited for.
      const inRound = (message.re?.[1] ?? -Infinity) >= this.#pace.scatteredAt;
      this.#heardGather(link, { ageMs: message.age, inRound, learned, now });
    }
    if (message.ask) this.#exchange.answer(link, now);
    else if (event === "returned" && this.#exchange.isUnsent(link)) this.#exchange.send(link, now);
    this.#refresh(now);
  }

  /** A peer was given up. */
  lost(link: Link, now: number): void {
    this.#children.delete(link.peer);
    const wasParent = link === this.#parent;
    this.#refresh(now);
    if (wasParent && this.#parent?.state === "unknown") this.#askCandidates(now);
  }

  /** What is to be done, and when. */
  plan(agenda: Agenda): void {
    this.#planGather(agenda);
    this.#planScatter(agenda);
    this.#planDoubt(agenda);
  }

  #planGather(agenda: Agenda): void {
    const parent = this.#parent;
    if (parent === undefined) return;
    if (this.#newsSince !== undefined) {
      const at = this.#phase.dueAt(this.#newsSince, this.#distanceTo(parent));
      agenda.proposeFor(parent, at, this.#gather);
    } else if (parent.unacknowledgedSince !== undefined && parent.state !== "down") {
      const delayMs = this.#direct ? this.#ackMs : 0;
      const at = parent.unacknowledgedSince + delayMs + this.#answerMs(parent) + 2 * this.#graceMs(parent);
      agenda.proposeFor(parent, at, this.#gatherAgain);
    }
  }

  #planScatter(agenda: Agenda): void {
    if (!this.isHub && this.#children.size === 0) return;
    const exchange = this.#exchange;
    let pending = false;
    let complete = true;
    for (const link of exchange.links.values()) {
      if (!this.serves(link) || link.state === "down") continue;
      pending ||= this.#isDue(link);
      complete &&= this.#reported.has(link.peer);
      if (exchange.isAwaiting(link)) {
        agenda.proposeFor(link, link.lastSentAt + this.#answerMs(link), this.#ask);
      } else if (link.unacknowledgedSince !== undefined) {
        const at = link.unacknowledgedSince + this.#ackMs + this.#answerMs(link) + 2 * this.#graceMs(link);
        agenda.proposeFor(link, at, this.#resend);
      }
    }
    for (const [peer, at] of this.#children) {
      if (at + CHILD_ROUNDS * this.#roundMs < agenda.now) this.#children.delete(peer);
    }
    if (!pending) return;
    agenda.propose(this.#pace.dueAt(complete), this.#scatter);
    agenda.propose(this.#extraAt, this.#scatterExtra);
  }

  /**
   * A node that knows one before itself to be gone might know another who can still talk to it, although its hub cannot.
   * So it asks all others, one after the other, what they know; whoever lacks what this node had when it asked before is not
   * fed by anyone, and is told.
   */
  #planDoubt(agenda: Agenda): void {
    const { links } = this.#exchange;
    if (this.#parent === undefined || !this.#before.some(({ state }) => state === "down")) return;
    const others = [...links.values()].filter((link) => link !== this.#parent && !this.serves(link));
    const lacking = others.filter((link) => this.#exchange.lacks(link));
    const next = lacking[this.#rotation % lacking.length];
    if (next === undefined) return;
    if (this.#doubtedAt === -Infinity) this.#doubtedAt = agenda.now;
    agenda.proposeFor(next, this.#doubtedAt + DOUBT_ROUNDS * this.#roundMs, (link, now) => {
      this.#doubtedAt = now;
      this.#rotation++;
      const before = this.#doubted.get(link.peer);
      this.#doubted.set(link.peer, this.#exchange.counts.copy());
      this.#exchange.send(link, now, { ask: true, bare: before === undefined || !link.lacks(before) });
    });
  }

  readonly #ask = (link: Link, now: number): void => this.#exchange.send(link, now, { ask: true });

  readonly #resend = (link: Link, now: number): void => {
    link.resent(now);
    if (this.#exchange.lacks(link)) this.#exchange.send(link, now);
  };

  readonly #gatherAgain = (parent: Link, now: number): void => {
    parent.resent(now);
    this.#gather(parent, now);
  };

  readonly #gather = (parent: Link, now: number): void => {
    const age = Math.max(0, Math.round(now - (this.#newsSince ?? now)));
    this.#exchange.send(parent, now, { age });
    if (parent.known) this.#phase.gathered(now); // else it was only asked, and the news leave once it has answered
    this.#refresh(now);
  };

  readonly #scatter = (now: number): void => {
    const { links } = this.#exchange;
    this.#pace.scattered(now, this.#distance());
    for (const link of links.values()) {
      if (!this.serves(link) || link.state === "down" || !this.#isDue(link)) continue;
      this.#exchange.send(link, now, { round: Math.round(this.#pace.roundMs) });
    }
    this.#reported.clear();
    this.#extraAt = Infinity;
  };

  /** Sends what came late to all who lack it. It is no round's scatter, so the leaves' next gather does not depend on it. */
  readonly #scatterExtra = (now: number): void => {
    this.#pace.scatteredExtra();
    for (const link of this.#exchange.links.values()) {
      if (this.serves(link) && this.#exchange.isUnsent(link)) this.#exchange.send(link, now);
    }
    this.#extraAt = Infinity;
  };

  #isDue(link: Link): boolean {
    return this.#exchange.isUnsent(link) || (link.ackOwedSince !== undefined && !this.#direct);
  }

  #heardScatter(link: Link, roundMs: number, now: number): void {
    this.#children.delete(link.peer);
    if (link === this.#parent) this.#phase.scattered(now, { roundMs, ...this.#distanceTo(link) });
    else this.#exchange.send(link, now); // it is not this node's hub, but takes itself for one: it may lack something
  }

  #heardGather(
    link: Link,
    { ageMs, inRound, learned, now }: {
      readonly ageMs: number;
      readonly inRound: boolean;
      readonly learned: boolean;
      readonly now: number;
    },
  ): void {
    if (link === this.#parent) return;
    this.#children.set(link.peer, now);
    if (inRound) this.#reported.add(link.peer);
    if (learned && !this.#direct) {
      this.#extraAt = Math.min(this.#extraAt, this.#pace.extraAt(ageMs, now) ?? Infinity);
    }
  }

  /** The sender sends the same to everyone: it is on its way to all. */
  #noteDirect(from: Link, items: ByOrigin, now: number): void {
    const { counts, links, origins } = this.#exchange;
    eachOrigin(items, (name) => {
      const origin = origins.numberOf(name);
      const count = counts.at(origin);
      for (const link of links.values()) if (link !== from) link.markSent(origin, count, now);
    });
    if (from !== this.#parent && !this.serves(from)) from.ackOwedSince = undefined; // its hub will tell it
  }

  /** A peer has forgotten everything: whom it asked will tell it; all others telling it too would be too much. */
  #leaveToOthers(link: Link, now: number): void {
    const { counts, origins, replica } = this.#exchange;
    for (const [origin, name] of origins.names.entries()) {
      if (!replica.isOwn(name)) link.markSent(origin, counts.at(origin), now);
    }
  }

  #sendToAll(now: number): void {
    for (const link of this.#exchange.links.values()) {
      if (link.state !== "down") this.#exchange.send(link, now, { direct: true });
    }
  }

  /** Finds the hub anew, and notes since when there is news for it. */
  #refresh(now: number): void {
    const parent = this.#findParent();
    if (parent !== this.#parent) {
      this.#parent = parent;
      this.#phase.reset();
      this.#newsSince = undefined;
      if (parent !== undefined) this.#children.delete(parent.peer);
    }
    if (parent === undefined || !this.#exchange.isUnsent(parent)) this.#newsSince = undefined;
    else this.#newsSince ??= now;
  }

  #findParent(): Link | undefined {
    let unknown: Link | undefined;
    for (const link of this.#before) {
      if (link.state === "up") return link;
      if (link.state === "unknown") unknown ??= link;
    }
    return unknown;
  }

  #askCandidates(now: number): void {
    let left = CANDIDATES;
    for (const link of this.#before) {
      if (link.state !== "unknown" || link.waitingSince !== undefined || left-- <= 0) continue;
      this.#exchange.send(link, now, { ask: true });
    }
  }

  get #roundMs(): number {
    return this.isHub ? this.#pace.roundMs : this.#phase.roundMs;
  }

  /** How long an acknowledgement may wait for something to go with. */
  get #ackMs(): number {
    if (this.#direct) return ACK_MS_DIRECT;
    return Math.max(this.#roundMs, Math.min(ACK_ROUNDS * this.#roundMs, ACK_MS_MAX));
  }

  /** How long a peer takes to answer at its next round. */
  #answerMs(link: Link): number {
    return (link.roundTrip.middleMs ?? this.#roundMs) + this.#roundMs;
  }

  #distanceTo(link: Link): { roundTripMs: number; graceMs: number } {
    return { roundTripMs: link.roundTrip.middleMs ?? 0, graceMs: this.#graceMs(link) };
  }

  #graceMs(link: Link): number {
    return Math.min(Math.max(this.#pace.graceMs, 2 * link.roundTrip.deviationMs), this.#roundMs / 4);
  }

  #patienceMs(link: Link, { ask, direct }: Extras): number | undefined {
    const isHub = link === this.#parent;
    const serves = this.serves(link);
    if (direct && !isHub && !serves) return undefined;
    const delayed = !ask && (serves || !isHub || this.#direct);
    return this.#answerMs(link) + (SILENT_ROUNDS - 1) * this.#roundMs + (delayed ? this.#ackMs : 0);
  }

  #distance(): Distance {
    const links = [...this.#exchange.links.values()];
    const measured = links.map(({ roundTrip }) => roundTrip).filter(({ middleMs }) => middleMs !== undefined);
    return {
      roundTripMs: quantile(measured.map(({ middleMs }) => middleMs ?? 0), 0.5),
      deviationMs: quantile(measured.map(({ deviationMs }) => deviationMs), 0.8) ?? 0,
    };
  }
}
