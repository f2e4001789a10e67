/** Messages in, messages out: what every way of dissemination shares. */

import type { Json } from "../protocol/schema.ts";
import { Link } from "./link.ts";
import { eachOrigin, type GossipMessage, type Outgoing } from "./message.ts";
import { Counts, Origins } from "./origins.ts";
import type { Replica } from "./replica.ts";
import { difference, sketchOf } from "./sketch.ts";

/** The most changes that one message carries; the rest follows in the next. */
export const ITEMS_MAX = 5000;
/** A peer that never said what it has is sent this many changes at most; if there are more, it is asked first. */
export const BLIND_ITEMS_MAX = 256;
/** A sketch takes the bytes of about so many origins; a vector that is no longer is named. */
export const SKETCH_ORIGINS_MIN = 128;
/** How many changes a direct message repeats, so that a lost one is made good by the next. */
const OVERLAP = 8;

/** How long somebody who asked waits to hear that there is nothing. */
const EMPTY_ANSWER_MS = 200;

/** What a message is to say besides what it always says. */
export interface Extras {
  readonly ask?: boolean;
  readonly round?: number;
  readonly age?: number;
  /** Only own changes, and only those that were not sent yet: everyone else is sent the same. */
  readonly direct?: boolean;
  /** No items: only what is known. */
  readonly bare?: boolean;
}

/** A message that is being written. */
type Draft = { -readonly [K in keyof GossipMessage]: GossipMessage[K] };

/** What became of a message that was taken in. */
export interface Heard {
  readonly link: Link;
  readonly message: GossipMessage;
  /** Whether the replica learned anything from it. */
  readonly learned: boolean;
  readonly event: ReturnType<Link["hear"]>;
}

/** What an exchange is made of. */
export interface ExchangeOptions {
  readonly self: string;
  /** All nodes' ids, in the order that they agree on. */
  readonly ids: readonly string[];
  /** This start of this node; never the same twice. */
  readonly life: string;
  readonly replica: Replica;
  /** Longer vectors than this are not named to somebody new, but sketched. Default: {@linkcode SKETCH_ORIGINS_MIN}. */
  readonly sketchOriginsMin?: number;
}

/** The links to all other nodes, and the replica that is kept the same as theirs. */
export class Exchange {
  readonly self: string;
  readonly ids: readonly string[];
  readonly replica: Replica;
  readonly links: ReadonlyMap<string, Link>;
  readonly origins = new Origins();
  /** Where the replica stands. */
  readonly counts = new Counts();
  /** How long a peer may take to answer a message; undefined if it need not. Set by the way of dissemination. */
  patienceMs: (link: Link, extras: Extras) => number | undefined = () => undefined;
  readonly #life: string;
  readonly #sketchOriginsMin: number;
  readonly #changedAt: number[] = []; // by the origin's number: when its count grew last
  #outbox: Outgoing[] = [];

  constructor(options: ExchangeOptions) {
    this.self = options.self;
    this.ids = options.ids;
    this.replica = options.replica;
    this.#life = options.life;
    this.#sketchOriginsMin = options.sketchOriginsMin ?? SKETCH_ORIGINS_MIN;
    const peers = options.ids.filter((id) => id !== options.self);
    this.links = new Map(
      peers.map((id) => [id, new Link(id, { self: options.life, origins: this.origins })]),
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
      if (this.counts.raise(origin, count)) this.#changedAt[origin] = now;
    }
  }

  /** Whether the peer lacks something that is not on its way, and may be sent it. */
  isUnsent(link: Link): boolean {
    return link.state !== "down" && !this.isAwaiting(link) && link.unsent(this.counts);
  }

  /** Whether the peer must say what it has before it is sent anything, and was asked for it. */
  isAwaiting(link: Link): boolean {
    return link.waitingSince !== undefined && this.#isBlind(link);
  }

  lacks(link: Link): boolean {
    return link.lacks(this.counts);
  }

  /**
   * Answers a peer that asked: at once, unless nothing is known here. Then it has time, and mostly something is to be sent to
   * it before: nodes ask when they start, and the first values come soon after.
   */
  answer(link: Link, now: number): void {
    if (this.replica.vector.size === 0) link.answerAt ??= now + EMPTY_ANSWER_MS;
    else this.send(link, now);
  }

  /** Takes in a message. Undefined if it comes from nobody known. */
  take(from: string, message: GossipMessage, now: number): Heard | undefined {
    const link = this.links.get(from);
    if (link === undefined) return undefined;
    const event = link.hear(message, now);
    const { items } = message;
    let learned = false;
    if (items !== undefined) {
      const shown = new Counts();
      eachOrigin(items, (name, payload) => {
        const origin = this.origins.numberOf(name);
        shown.raise(origin, this.replica.merge(name, payload));
        if (!this.counts.raise(origin, this.replica.vector.get(name) ?? 0)) return;
        this.#changedAt[origin] = now;
        learned = true;
      });
      if (event !== "ignored") link.noteShown(shown, { stamp: message.direct ? undefined : message.at, now });
      link.ackOwedSince ??= now;
      if (learned && this.replica.merged?.() === true) this.noteChanges(now);
    }
    if (message.sketch !== undefined && event !== "ignored") {
      link.compare(this.replica.vector, difference(this.replica.vector, message.sketch), now);
    }
    return { link, message, learned, event };
  }

  /** Sends a message: what the peer lacks, and what `extras` say. */
  send(link: Link, now: number, extras: Extras = {}): void {
    const { ask = false, round, age, direct = false } = extras;
    const blind = this.#isBlind(link);
    const carries = !extras.bare && link.state !== "down" && (!blind || direct);
    const asks = ask || (blind && !direct);
    const message: Draft = { life: this.#life, at: now, seen: [] };
    const { re, refused } = link.echo(now);
    if (re !== undefined) message.re = re;
    if (refused !== undefined) message.refused = refused;
    const shows = this.#fill(message, link, { carries, direct });
    if (asks) message.ask = true;
    if (round !== undefined) message.round = round;
    if (age !== undefined) message.age = age;
    if (direct) message.direct = true;
    this.#outbox.push({ to: link.peer, message });
    const expects = message.items !== undefined || asks;
    link.leaving(now, {
      patienceMs: expects ? this.patienceMs(link, { ask: asks, direct }) : undefined,
      complete: message.sketch === undefined || message.named === true,
      shows: direct ? undefined : shows, // what it carries may not join on to what the peer has
    });
  }

  /**
   * Writes what the peer is believed to lack, if the message carries that, and how far this node is, as the peer needs it said.
   * Returns how far the message's items show origins.
   */
  #fill(
    message: Draft,
    link: Link,
    { carries, direct }: { readonly carries: boolean; readonly direct: boolean },
  ): Counts {
    const { replica } = this;
    const { toName } = link;
    const shows = new Counts();
    const isNew = link.confirmedAt === -Infinity;
    const sketched = toName !== "all" &&
      (link.wantsSketch || (isNew && replica.vector.size > this.#sketchOriginsMin));
    // A sketch stands for all that was not compared with the peer's, and what has changed since then is named.
    const since = isNew && sketched ? link.comparedAt : link.confirmedAt;
    const seen: Json[] = [];
    const items: Json[] = [];
    let room = ITEMS_MAX;
    const { names } = this.origins;
    for (let origin = 0; origin < names.length; origin++) {
      const name = names[origin] ?? "";
      const count = this.counts.at(origin);
      if (count === 0) continue; // the peer knows of it, this node does not
      if (carries && room > 0 && (!direct || replica.isOwn(name))) {
        const has = link.has.at(origin);
        const after = direct ? Math.max(has, link.sentUpTo(origin) - OVERLAP) : has;
        if (after < count) {
          const { payload, upTo, size } = replica.delta(name, after, room);
          items.push(name, payload);
          room -= size;
          link.markSent(origin, upTo, message.at);
          shows.raise(origin, upTo);
          if (upTo === count) continue; // that shows it
        }
      }
      const isNews = (this.#changedAt[origin] ?? -Infinity) >= since && link.shownUpTo(origin) !== count;
      if (isNews || toName === "all" || toName?.has(name)) seen.push(name, count);
    }
    message.seen = seen;
    if (items.length > 0) message.items = items;
    if (sketched) message.sketch = sketchOf(replica.vector);
    if (toName !== undefined) message.named = true;
    if (link.unread) message.unread = true;
    return shows;
  }

  /** Whether so much is known here that it may not be sent to somebody who never said what he has. */
  #isBlind(link: Link): boolean {
    if (link.known) return false;
    let size = 0;
    for (const count of this.replica.vector.values()) size += count;
    return size > BLIND_ITEMS_MAX;
  }
}
