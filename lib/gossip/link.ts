/** What a node knows of one other node: what that one has, whether it answers, how far away it is. */

import { eachOrigin, type GossipMessage } from "./message.ts";
import { Counts, type Origins } from "./origins.ts";
import type { Vector } from "./replica.ts";
import type { Difference } from "./sketch.ts";
import { RoundTrip } from "./round_trip.ts";

/** `up`: it answered lately; `down`: it did not, although it should have; `unknown`: nobody asked yet. */
export type LinkState = "unknown" | "up" | "down";

/** So many former lives of a peer are remembered; a message of one before those would have to be very late. */
const RETIRED_MAX = 64;

/** So many messages are remembered by what they showed, until one of them or a later one is heard of. */
const SHOWN_MAX = 8;

/** What is said of a message that leaves. */
export interface LeavingOptions {
  readonly patienceMs?: number | undefined;
  readonly complete?: boolean;
  /** How far the peer knows origins once it has heard this, whatever else it heard or did not. */
  readonly shows?: Counts | undefined;
}

/** Who looks at a peer. */
export interface LinkOptions {
  /** This node's own life. */
  readonly self: string;
  /** This node's numbers for origins. */
  readonly origins: Origins;
}

/** One other node, as this one sees it. */
export class Link {
  readonly peer: string;
  readonly roundTrip = new RoundTrip();
  state: LinkState = "unknown";
  /** When the first message since the peer last answered was sent that it should have answered; undefined if none. */
  waitingSince: number | undefined;
  /** How long it may take to answer that. */
  patienceMs = 0;
  /** When the oldest news from the peer came of which it was not told that it came. */
  ackOwedSince: number | undefined;
  /** By when the peer must be answered that asked; undefined if it did not. Whatever is sent to it is the answer. */
  answerAt: number | undefined;
  lastSentAt = -Infinity;
  /** When the peer's sketch was last compared with what is here; never, or in vain: `Infinity`. */
  comparedAt = Infinity;
  /** Whether the peer sent a sketch and did not name what differs: it needs one in turn to know what that is. */
  wantsSketch = false;
  /** The latest of this node's messages that the peer's present life says it heard, and that told it all. */
  confirmedAt = -Infinity;
  #toName: ReadonlySet<string> | "all" | undefined;
  #namedAt: number | undefined; // since when messages have named them
  #settled = false;
  #unread = false;
  readonly #self: string;
  readonly #origins: Origins;
  #life: string | undefined;
  readonly #retired = new Map<string, number>(); // life → when it was replaced
  #lifeProof = -Infinity;
  #incompleteAt = -Infinity; // what was sent until then left out something that the peer's present life may not know
  #echoedAt = -Infinity;
  #has = new Counts();
  #sent = new Counts(); // never less than the peer has
  #checkpoint: { readonly at: number; readonly sent: Counts } | undefined;
  #lastAsked = { at: -Infinity, patienceMs: 0 };
  #leftShowing: { readonly stamp: number; readonly counts: Counts }[] = [];
  #heard: { readonly stamp: number; readonly at: number; shown?: Counts } | undefined;
  #refused: { readonly life: string; readonly stamp: number; readonly at: number } | undefined;
  #downAt = -Infinity;

  constructor(peer: string, { self, origins }: LinkOptions) {
    this.peer = peer;
    this.#self = self;
    this.#origins = origins;
  }

  /** Whether the peer, in its present life, has said all that it has. */
  get known(): boolean {
    return this.#settled;
  }

  /** Origins that the peer must be told by name, since its sketch showed that it knows them otherwise; undefined: none. */
  get toName(): ReadonlySet<string> | "all" | undefined {
    return this.#toName;
  }

  /** Whether the peer sent a sketch that could not be read, and did not name all since. */
  get unread(): boolean {
    return this.#unread;
  }

  /** What the peer surely has. */
  get has(): Pick<Counts, "at"> {
    return this.#has;
  }

  /** Whether the peer lacks anything of `counts`, as far as it said. */
  lacks(counts: Counts): boolean {
    return !this.#has.covers(counts);
  }

  /** Whether there is anything in `counts` that the peer lacks and that was not sent to it yet. */
  unsent(counts: Counts): boolean {
    return !this.#sent.covers(counts);
  }

  /** From when on the peer owes word of something that was sent to it. */
  get unacknowledgedSince(): number | undefined {
    return this.#checkpoint?.at;
  }

  /** How far an origin was sent, or is known to be there. */
  sentUpTo(origin: number): number {
    return this.#sent.at(origin);
  }

  /** Notes that changes up to there are on their way to the peer, from here or from elsewhere. */
  markSent(origin: number, upTo: number, now: number): void {
    if (this.#sent.raise(origin, upTo)) this.#checkpoint ??= { at: now, sent: this.#sent.copy() };
  }

  /** Notes that everything outstanding was sent again, so that word of it is due anew. */
  resent(now: number): void {
    this.#checkpoint = { at: now, sent: this.#sent.copy() };
  }

  /**
   * Notes a message that leaves now; `patienceMs` if the peer has to answer within that time; `complete` if the peer knows all
   * that this node has said once it has heard this.
   */
  leaving(now: number, { patienceMs, complete = true, shows }: LeavingOptions = {}): void {
    if (now === this.lastSentAt) { // an echo could mean either
      if (this.#leftShowing.at(-1)?.stamp === now) this.#leftShowing.pop();
    } else if (shows !== undefined) {
      this.#leftShowing.push({ stamp: now, counts: shows });
      if (this.#leftShowing.length > SHOWN_MAX) this.#leftShowing.shift();
    }
    this.lastSentAt = now;
    if (!complete) this.#incompleteAt = now;
    this.ackOwedSince = undefined;
    this.answerAt = undefined;
    if (this.#toName !== undefined) this.#namedAt ??= now;
    if (patienceMs === undefined) return;
    this.#lastAsked = { at: now, patienceMs };
    if (this.waitingSince !== undefined) return;
    this.waitingSince = now;
    this.patienceMs = patienceMs;
  }

  /** What a message to the peer says of the last one from it: that it was taken in, or that it was taken for a former life's. */
  echo(now: number): Pick<GossipMessage, "re" | "refused"> {
    const held = (at: number) => Math.round((now - at) * 10) / 10;
    if (this.#refused !== undefined) {
      const { life, stamp, at } = this.#refused;
      return { re: [life, stamp, held(at)], refused: true };
    }
    if (this.#heard === undefined || this.#life === undefined) return {};
    return { re: [this.#life, this.#heard.stamp, held(this.#heard.at)] };
  }

  /** Takes the peer for gone until it answers something sent after this moment. */
  giveUp(now: number): void {
    this.state = "down";
    this.#downAt = now;
    this.waitingSince = undefined;
    this.#sent = this.#has.copy();
    this.#checkpoint = undefined;
  }

  /** Takes in what a message says of its sender. What became of it: a new life, an answer after silence, or nothing special. */
  hear(message: GossipMessage, now: number): "new life" | "returned" | "heard" | "ignored" {
    const echo = message.re?.[0] === this.#self ? message.re : undefined;
    const before = this.#life;
    if (!this.#acceptLife(message.life, { proof: echo?.[1], now })) {
      this.#refused = { life: message.life, stamp: message.at, at: now };
      return "ignored";
    }
    this.#refused = undefined;
    if (echo !== undefined && message.refused !== true) this.#acknowledge(echo[1]);
    eachOrigin(message.seen, (origin, count) => {
      if (typeof count === "number") this.#noteHas(this.#origins.numberOf(origin), count);
    });
    this.#review(now);
    this.wantsSketch = message.sketch !== undefined && !message.named;
    if (message.named) this.#unread = false;
    if (message.named || (message.sketch === undefined && !this.#unread)) this.#settled = true;
    if (message.unread) this.#mustName("all");
    if (this.#heard === undefined || message.at > this.#heard.stamp) {
      this.#heard = { stamp: message.at, at: now };
    }
    const returned = echo !== undefined && message.refused !== true &&
      this.#confirm(echo[1], { heldMs: echo[2], now });
    if (before !== undefined && before !== this.#life) return "new life";
    return returned ? "returned" : "heard";
  }

  /**
   * Takes in what the peer's sketch showed: it has all of `vector` but `differing`, and something of its own unless it has
   * nothing else. Undefined: the sketch could not be read.
   */
  compare(vector: Vector, found: Difference | undefined, now: number): void {
    this.#unread = found === undefined;
    this.comparedAt = found === undefined ? Infinity : now;
    if (found === undefined) return;
    const { mine, theirs } = found;
    for (const [origin, count] of vector) {
      if (!mine.has(origin)) this.#noteHas(this.#origins.numberOf(origin), count);
    }
    this.#review(now);
    if (mine.size === 0 || theirs === 0) this.#settled = true; // what is not the same it does not have at all
    if (this.#toName !== "all") this.#mustName(mine);
  }

  #mustName(origins: ReadonlySet<string> | "all"): void {
    this.#toName = origins;
    this.#namedAt = undefined;
  }

  /**
   * Notes how far a message from the peer showed origins; `stamp` is its own, undefined if its echo does not say that they
   * were taken in.
   */
  noteShown(
    counts: Counts,
    { stamp, now }: { readonly stamp: number | undefined; readonly now: number },
  ): void {
    this.#noteAll(counts);
    this.#review(now);
    if (this.#heard !== undefined && this.#heard.stamp === stamp) this.#heard.shown = counts;
  }

  /**
   * How far an origin was shown by the peer's message that the next one to it names as heard: so far that acknowledges it.
   */
  shownUpTo(origin: number): number {
    return this.#refused === undefined ? this.#heard?.shown?.at(origin) ?? 0 : 0;
  }

  /** The peer heard what was sent at `stamp`, so it has what that showed. */
  #acknowledge(stamp: number): void {
    for (const { stamp: at, counts } of this.#leftShowing) if (at === stamp) this.#noteAll(counts);
    this.#leftShowing = this.#leftShowing.filter(({ stamp: at }) => at > stamp); // what left before may have been lost
  }

  #noteAll(counts: Counts): void {
    this.#has.raiseAll(counts);
    this.#sent.raiseAll(counts);
  }

  #noteHas(origin: number, count: number): void {
    if (this.#has.raise(origin, count)) this.#sent.raise(origin, count);
  }

  /** Looks whether what was outstanding has been acknowledged by what was noted. */
  #review(now: number): void {
    if (this.#checkpoint === undefined || !this.#has.covers(this.#checkpoint.sent)) return;
    this.#checkpoint = this.#has.covers(this.#sent) ? undefined : { at: now, sent: this.#sent.copy() };
  }

  /** The peer heard what was sent at `stamp`. True if it was taken for gone until now. */
  #confirm(stamp: number, { heldMs, now }: { readonly heldMs: number; readonly now: number }): boolean {
    if (stamp > now) return false;
    if (stamp > this.#incompleteAt && stamp > this.confirmedAt) {
      this.confirmedAt = stamp;
      if (this.#namedAt !== undefined && stamp > this.#namedAt) this.#toName = undefined;
    }
    if (stamp > this.#echoedAt) {
      this.#echoedAt = stamp;
      this.roundTrip.sample(now - stamp - heldMs);
      if (this.waitingSince !== undefined && stamp >= this.waitingSince) {
        this.waitingSince = stamp >= this.#lastAsked.at ? undefined : this.#lastAsked.at;
        this.patienceMs = this.#lastAsked.patienceMs;
      }
    }
    if (this.state === "down" && stamp <= this.#downAt) return false;
    const returned = this.state === "down";
    this.state = "up";
    return returned;
  }

  /**
   * Whether a message speaks for the peer's present life. A peer that was started again has forgotten, so what its former
   * life had must not be taken for what it has. A message that repeats a stamp of ours is from a life that heard it, so
   * of two such the one with the later stamp is the later life; one without is new unless it was replaced before. A life
   * that was replaced was dead by then, so only a stamp from after that proves that it was not.
   */
  #acceptLife(
    life: string,
    { proof, now }: { readonly proof: number | undefined; readonly now: number },
  ): boolean {
    if (life !== this.#life) {
      const retiredAt = this.#retired.get(life);
      if (retiredAt !== undefined && (proof ?? -Infinity) <= retiredAt) return false;
      if (proof !== undefined && proof < this.#lifeProof) return false;
      if (this.#life !== undefined) {
        this.#retired.set(this.#life, now);
        const [oldest] = this.#retired.keys();
        if (oldest !== undefined && this.#retired.size > RETIRED_MAX) this.#retired.delete(oldest);
        this.#has = new Counts();
        this.#sent = new Counts();
        this.#checkpoint = undefined;
        this.#heard = undefined;
        this.#leftShowing = [];
        this.confirmedAt = -Infinity;
        this.#incompleteAt = now;
        this.#toName = undefined;
        this.comparedAt = Infinity;
        this.#settled = false;
        this.#unread = retiredAt !== undefined; // it has said before what it had, and will not say it again unasked
      }
      this.#life = life;
    }
    if (proof !== undefined) this.#lifeProof = Math.max(this.#lifeProof, proof);
    return true;
  }
}
