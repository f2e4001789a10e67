/**
 * Dissemination as a pure machine: messages, changes and ticks in; messages and the next deadline out. Time is handed in,
 * in ms; there is no clock, no chance and no I/O in here.
 *
 * Each node keeps a replica whose state grows by origin. A message carries what the receiver is believed to lack, names the
 * last message heard from it, which acknowledges what that one showed, and says how far its sender knows whatever else is
 * new to it. So whatever is lost is sent again, and whatever comes twice changes nothing. When nobody lacks anything, nobody
 * says anything.
 */

import { Agenda } from "./agenda.ts";
import { Exchange, type ExchangeOptions, type Heard } from "./exchange.ts";
import { HubRounds } from "./hub.ts";
import type { Link } from "./link.ts";
import { Mesh } from "./mesh.ts";
import type { GossipMessage, Outgoing } from "./message.ts";
import { Pace } from "./pace.ts";
import { Phase } from "./phase.ts";

/** The ways of dissemination: through a hub in rounds, straight to everyone, or along a given graph. */
export type Dissemination = "hub" | "direct" | "topology";

/** A node that has started asks again for what others know after this long, ms, then after twice as long, … */
const HELLO_MS = 600;
/** …up to this. */
const HELLO_MS_MAX = 2000;
/** So many steps for each link are done in one tick at most; more would mean that a step does not do what it is for. */
const STEPS_MAX = 8;

/** A node that is called this much later than it asked for, ms, has been asleep. */
const ASLEEP_MS = 50;

/** What a machine is made of. */
export interface GossipOptions extends ExchangeOptions {
  readonly dissemination: Dissemination;
  /** How old a change may be, ms, when the last node learns of it, as long as nothing is lost or slow. */
  readonly latencyMsMax: number;
}

/** How a node decides to whom it speaks, and when. */
interface Way {
  /** Whom a node that has started asks for what there is, one after the other. */
  readonly greeted: readonly Link[];
  /** How long after the start it does, ms. */
  readonly greetingMs: number;
  readonly probeMs: number;
  serves(link: Link): boolean;
  ackAt(link: Link, since: number): number;
  changed(now: number): void;
  heard(heard: Heard, now: number): void;
  lost(link: Link, now: number): void;
  plan(agenda: Agenda): void;
}

/** One node's part. Feed it, then send what `takeOutbox` gives, and call `tick` at `deadline`. */
export class Gossip {
  readonly #exchange: Exchange;
  readonly #way: Way;
  readonly #mesh: Mesh | undefined;
  readonly #links: readonly Link[];
  #joined = false;
  #helloAt = Infinity;
  #hellos = 0;
  #probedAt = -Infinity;
  #probedAllAt = -Infinity;
  #deadline = Infinity;

  constructor(options: GossipOptions) {
    const { dissemination, latencyMsMax } = options;
    this.#exchange = new Exchange(options);
    this.#links = [...this.#exchange.links.values()];
    if (dissemination === "topology") this.#way = this.#mesh = new Mesh(this.#exchange, latencyMsMax);
    else {
      const pace = new Pace(latencyMsMax);
      const phase = new Phase(pace.roundMs);
      this.#way = new HubRounds(this.#exchange, { phase, pace, direct: dissemination === "direct" });
    }
  }

  /** The node has started: it asks what there is, since it may have been here before and forgotten. */
  start(now: number): void {
    this.#exchange.noteChanges(now);
    this.#joined = this.#exchange.links.size === 0;
    this.#helloAt = now + this.#way.greetingMs;
    this.tick(now);
  }

  /** The replica was changed by this node itself. */
  changed(now: number): void {
    this.#exchange.noteChanges(now);
    this.#way.changed(now);
    this.tick(now);
  }

  /** A message has come. */
  receive(from: string, message: GossipMessage, now: number): void {
    this.#wake(now);
    const heard = this.#exchange.take(from, message, now);
    if (heard === undefined) return;
    if (heard.link.state === "up") this.#joined = true;
    this.#way.heard(heard, now);
    if (heard.event === "returned") this.#probeAll(now);
    this.tick(now);
  }

  /** Names the neighbours that `topology` uses; the other ways take no advice. */
  connect(neighbours: readonly string[], now: number): void {
    this.#mesh?.connect(neighbours, now);
    this.tick(now);
  }

  /** Does what is due. */
  tick(now: number): void {
    this.#wake(now);
    for (let left = STEPS_MAX * (1 + this.#exchange.links.size);; left--) {
      const { due, earliest } = this.#plan(now); // one at a time: what a step does may make the next one needless
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
    return this.#exchange.takeOutbox();
  }

  /** A node that was stopped, or had to wait for its turn, blames nobody for answers that came meanwhile and wait behind it. */
  #wake(now: number): void {
    const asleepMs = now - this.#deadline;
    this.#deadline = Infinity;
    if (asleepMs <= ASLEEP_MS) return;
    for (const link of this.#exchange.links.values()) {
      if (link.waitingSince !== undefined) link.patienceMs += asleepMs;
    }
  }

  #plan(now: number): Agenda {
    const agenda = new Agenda(now);
    if (!this.#joined) agenda.propose(this.#helloAt, this.#hello);
    for (const link of this.#links) {
      if (link.waitingSince !== undefined) {
        agenda.proposeFor(link, link.waitingSince + link.patienceMs, this.#giveUp);
      }
      if (link.answerAt !== undefined) agenda.proposeFor(link, link.answerAt, this.#answer);
      if (link.ackOwedSince !== undefined) {
        agenda.proposeFor(link, this.#way.ackAt(link, link.ackOwedSince), this.#acknowledge);
      }
    }
    this.#planProbe(agenda);
    this.#way.plan(agenda);
    return agenda;
  }

  /** Those who are gone are asked one after the other, two a round, however many they are. */
  #planProbe(agenda: Agenda): void {
    let next: Link | undefined;
    for (const link of this.#links) {
      if (this.#isGone(link) && (next === undefined || link.lastSentAt < next.lastSentAt)) next = link;
    }
    if (next === undefined) return;
    const { probeMs } = this.#way;
    agenda.proposeFor(
      next,
      Math.max(next.lastSentAt + probeMs, this.#probedAt + probeMs / 2),
      (link, now) => {
        this.#probedAt = now;
        this.#probe(link, now);
      },
    );
  }

  readonly #answer = (link: Link, now: number): void => this.#exchange.send(link, now);

  readonly #acknowledge = (link: Link, now: number): void => this.#exchange.send(link, now, { bare: true });

  /** One has come back: perhaps the others have, too. */
  #probeAll(now: number): void {
    if (now - this.#probedAllAt < this.#way.probeMs) return;
    this.#probedAllAt = now;
    for (const link of this.#links) if (this.#isGone(link)) this.#probe(link, now);
  }

  /** Whether a peer that does not answer is this node's to look after. */
  #isGone(link: Link): boolean {
    return link.state === "down" && this.#way.serves(link) && this.#exchange.lacks(link);
  }

  #probe(link: Link, now: number): void {
    this.#exchange.send(link, now, { ask: true, bare: true });
  }

  readonly #giveUp = (link: Link, now: number): void => {
    link.giveUp(now);
    this.#way.lost(link, now);
  };

  /** Asks one of the others what there is, then the next, until one answers. */
  readonly #hello = (now: number): void => {
    const { greeted } = this.#way;
    const link = greeted[this.#hellos % greeted.length];
    this.#helloAt = now + Math.min(HELLO_MS * 2 ** this.#hellos, HELLO_MS_MAX);
    this.#hellos++;
    if (link !== undefined) this.#exchange.send(link, now, { ask: true });
  };
}
