/** What a network does to messages: how long they travel, and which of them are cut off, lost, doubled or overtaken. */

import { isClient } from "../protocol/message.ts";
import type { SeededRandom } from "./random.ts";

/** How latencies are distributed: always `meanMs`, uniform in 0…2·`meanMs`, or exponential with that mean. */
export interface Latency {
  readonly dist: "constant" | "uniform" | "exponential";
  readonly meanMs: number;
}

/** The ways of going wrong that hold for every link, each with a probability per message. */
export interface LinkFaults {
  readonly loss: number;
  readonly duplication: number;
  /** How probable it is that a message is held back for a while, so that later ones overtake it. */
  readonly reordering: number;
}

/** No such fault. */
export const NO_LINK_FAULTS: LinkFaults = { loss: 0, duplication: 0, reordering: 0 };

/** A held-back message waits up to this many mean latencies more… */
const REORDER_LATENCIES = 4;
/** …and up to this much at least, where latencies are small. */
const REORDER_MS_MIN = 20;

/** For each receiver, whose messages it does not get. */
export type Cuts = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The state of the network between nodes, and between nodes and services. Messages from and to clients are never
 * delayed, cut, lost or doubled: clients stand beside their nodes. Services are never cut off.
 *
 * Each link draws from a stream of its own, so that one message more or less moves no other link's latencies.
 */
export class Network {
  readonly #latency: Latency;
  readonly #random: SeededRandom;
  readonly #streams = new Map<string, Map<string, SeededRandom>>(); // by sender, then by receiver
  #cuts: Cuts = new Map();
  #slow: ReadonlyMap<string, number> = new Map();
  #faults = NO_LINK_FAULTS;

  constructor(latency: Latency, random: SeededRandom) {
    this.#latency = latency;
    this.#random = random;
  }

  /** Cuts links, in place of those cut before; an empty map heals. */
  cut(cuts: Cuts): void {
    this.#cuts = cuts;
  }

  /** Sets by how much the links of a node are slower than usual, in place of what was set before. */
  slow(factors: ReadonlyMap<string, number>): void {
    this.#slow = factors;
  }

  /** Sets the faults of all links. */
  disturb(faults: LinkFaults): void {
    this.#faults = faults;
  }

  /** Whether what `src` sends does not reach `dest` now. */
  isCut(src: string, dest: string): boolean {
    return this.#cuts.get(dest)?.has(src) ?? false;
  }

  /** When the copies of a message arrive, in ms from now: usually one, none if it is lost, two if it is doubled. */
  delays(src: string, dest: string): readonly number[] {
    if (isClient(src) || isClient(dest)) return IMMEDIATELY;
    const { loss, duplication, reordering } = this.#faults;
    const stream = this.#stream(src, dest);
    const first = this.#draw(stream, src, dest);
    if (loss === 0 && duplication === 0 && reordering === 0) return [first];
    // Always three draws, so that what happens to one message does not move the next one's latency.
    const lost = stream.chance(loss);
    const doubled = stream.chance(duplication);
    const heldBack = stream.chance(reordering);
    const extra = stream.uniform(0, Math.max(REORDER_MS_MIN, REORDER_LATENCIES * this.#latency.meanMs));
    if (lost) return [];
    const delay = heldBack ? first + extra : first;
    return doubled ? [delay, first + extra] : [delay];
  }

  #draw(stream: SeededRandom, src: string, dest: string): number {
    const { dist, meanMs } = this.#latency;
    const factor = Math.max(this.#slow.get(src) ?? 1, this.#slow.get(dest) ?? 1);
    if (meanMs === 0) return factor === 1 ? 0 : factor; // a slow link is slow even where links are otherwise instant
    switch (dist) {
      case "constant":
        return meanMs * factor;
      case "uniform":
        return stream.uniform(0, 2 * meanMs) * factor;
      case "exponential":
        return stream.exponential(meanMs) * factor;
    }
  }

  #stream(src: string, dest: string): SeededRandom {
    let streams = this.#streams.get(src);
    if (streams === undefined) this.#streams.set(src, streams = new Map());
    let stream = streams.get(dest);
    if (stream === undefined) streams.set(dest, stream = this.#random.split(`${src}>${dest}`));
    return stream;
  }
}

const IMMEDIATELY = [0] as const;
