/** The network: latencies, partitions, and messages that are lost, duplicated or reordered. */

import { isClient } from "../protocol/message.ts";
import type { SeededRandom } from "./random.ts";

/** The distribution of latencies: always `meanMs`, uniform in 0…2·`meanMs`, or exponential with that mean. */
export interface Latency {
  /** The distribution. */
  readonly dist: "constant" | "uniform" | "exponential";
  /** The mean, in ms. */
  readonly meanMs: number;
  /** The means of single links, in ms, by sender and then by receiver; `meanMs` holds for all others. */
  readonly linkMeansMs?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The faults of all links, each as a probability per message. */
export interface LinkFaults {
  /** The probability that a message is lost. */
  readonly loss: number;
  /** The probability that a message arrives twice. */
  readonly duplication: number;
  /** The probability that a message is held back for a while, so that later ones overtake it. */
  readonly reordering: number;
}

/** No such fault. */
export const NO_LINK_FAULTS: LinkFaults = { loss: 0, duplication: 0, reordering: 0 };

/** The maximum extra delay of a reordered message, in mean latencies. */
const REORDER_LATENCIES = 4;
/** The least maximum of the extra delay of a reordered message, in ms. */
const REORDER_MS_MIN = 20;

/** The longest delay of a hand-over, in multiples of the mean. */
const HANDOVER_MEANS_MAX = 50;

/** For each receiver, the senders whose messages it does not get. */
export type BlockedLinks = ReadonlyMap<string, ReadonlySet<string>>;

/** One direction between two ids. Each has its own random stream, so that an additional message does not change the latencies of other links. */
interface Link {
  readonly random: SeededRandom;
  /** The mean latency, in ms. */
  readonly meanMs: number;
  /** The time at which the last message was due, and its arrival after the hand-over. */
  lastDueMs: number;
  lastArrivalMs: number;
}

/**
 * The state of the network between nodes, and between nodes and services. Messages from and to clients have no latency
 * and are never cut, lost or doubled: clients are next to their nodes. Services are never cut off.
 */
export class Network {
  readonly #latency: Latency;
  readonly #handoverMs: number;
  readonly #random: SeededRandom;
  readonly #links = new Map<string, Map<string, Link>>(); // by sender, then by receiver
  #cuts: BlockedLinks = new Map();
  #slow: ReadonlyMap<string, number> = new Map();
  #faults = NO_LINK_FAULTS;
  #reorderedCount = 0;

  /**
   * `handoverMs` is the mean delay that processes add to a message: a pipe, a parser, a thread that must be woken. Without it,
   * virtual time would deliver messages at latency 0 at the moment of their sending, so that messages would never race.
   */
  constructor(latency: Latency, random: SeededRandom, handoverMs = 0) {
    this.#latency = latency;
    this.#random = random;
    this.#handoverMs = handoverMs;
  }

  /** The number of messages that were held back, so that later ones overtake them. */
  get reorderedCount(): number {
    return this.#reorderedCount;
  }

  /** Blocks these links, and no others; an empty map heals. */
  partition(cuts: BlockedLinks): void {
    this.#cuts = cuts;
  }

  /** Sets the slowdown of the links of nodes, and replaces previous ones. */
  slow(factors: ReadonlyMap<string, number>): void {
    this.#slow = factors;
  }

  /** Sets the faults of all links. */
  setLinkFaults(faults: LinkFaults): void {
    this.#faults = faults;
  }

  /** Returns true if messages from `src` do not reach `dest` now. */
  isCut(src: string, dest: string): boolean {
    return this.#cuts.get(dest)?.has(src) ?? false;
  }

  /**
   * Returns when the copies of a message sent at `nowMs` arrive, in ms from now: usually one, none if it is lost, two if it is
   * duplicated. Messages that are due in the order in which they were sent also arrive in that order.
   */
  delays(src: string, dest: string, nowMs: number): readonly number[] {
    const byClient = isClient(src) || isClient(dest);
    if (byClient && this.#handoverMs === 0) return IMMEDIATELY;
    const link = this.#link(src, dest);
    if (byClient) return [this.#handedOver(link, 0, nowMs)];
    const { loss, duplication, reordering } = this.#faults;
    const first = this.#draw(link, src, dest);
    if (loss === 0 && duplication === 0 && reordering === 0) return [this.#handedOver(link, first, nowMs)];
    // Always three draws, so that a fault of one message does not change the next one's latency.
    const lost = link.random.chance(loss);
    const duplicated = link.random.chance(duplication);
    const isReordered = link.random.chance(reordering);
    const extra = link.random.uniform(0, Math.max(REORDER_MS_MIN, REORDER_LATENCIES * link.meanMs));
    if (lost) return [];
    if (isReordered) this.#reorderedCount++;
    const delay = this.#handedOver(link, isReordered ? first + extra : first, nowMs);
    return duplicated ? [delay, this.#handedOver(link, first + extra, nowMs)] : [delay];
  }

  /** Adds the delay of a hand-over: Pareto-distributed with shape 2, so that a few are many times as long as the mean. */
  #handedOver(link: Link, delayMs: number, nowMs: number): number {
    const meanMs = this.#handoverMs;
    if (meanMs === 0) return delayMs;
    const extra = Math.min(meanMs / 2 / Math.sqrt(1 - link.random.next()), HANDOVER_MEANS_MAX * meanMs);
    const due = nowMs + delayMs;
    const arrival = due >= link.lastDueMs ? Math.max(due + extra, link.lastArrivalMs) : due + extra;
    link.lastDueMs = due;
    link.lastArrivalMs = arrival;
    return arrival - nowMs;
  }

  #draw({ random, meanMs }: Link, src: string, dest: string): number {
    const factor = Math.max(this.#slow.get(src) ?? 1, this.#slow.get(dest) ?? 1);
    if (meanMs === 0) return factor === 1 ? 0 : factor; // a slow link is slow even where links are otherwise instant
    switch (this.#latency.dist) {
      case "constant":
        return meanMs * factor;
      case "uniform":
        return random.uniform(0, 2 * meanMs) * factor;
      case "exponential":
        return random.exponential(meanMs) * factor;
    }
  }

  #link(src: string, dest: string): Link {
    let links = this.#links.get(src);
    if (links === undefined) this.#links.set(src, links = new Map());
    let link = links.get(dest);
    if (link === undefined) {
      link = {
        random: this.#random.split(`${src}>${dest}`),
        meanMs: this.#latency.linkMeansMs?.[src]?.[dest] ?? this.#latency.meanMs,
        lastDueMs: 0,
        lastArrivalMs: 0,
      };
      links.set(dest, link);
    }
    return link;
  }
}

const IMMEDIATELY = [0] as const;
