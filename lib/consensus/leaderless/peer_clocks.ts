/**
 * Estimates of the peers' clocks and of the delays to them, as NTP makes them (RFC 5905, section 8): from the times at which messages were
 * sent and received, in both directions. Only latency depends on them. Tested by `tests/consensus/leaderless/peer_clocks_test.ts`.
 */

import type { NodeId } from "../types.ts";

/** Time in ms for which the least delay counts, at least. Clocks drift, and routes change. */
const WINDOW_MS = 5000;
/** The weight of the latest delay in the averages. */
const WEIGHT = 0.1;
/** The number of mean deviations above the mean below which most delays are. */
const DEVIATIONS = 2;
/** The share that is added to a delay, because turns are paced. */
const MARGIN = 0.05;

/** The share of a delay by which steady ones differ from the least. */
const STEADY = 0.25;

/** The least and the usual delay of messages, in ms, by the clocks of the sender and of the receiver. */
export type Delays = readonly [least: number, usual: number];

/** The delays of the messages from a peer, by both clocks: they contain the difference of the clocks. */
interface Heard {
  mean: number;
  deviation: number;
  /** The least delays since the window began, and of the window before it. */
  least: number;
  previousLeast: number;
  windowAt: number;
  heardAt: number;
}

/** The peers' clocks, as one node sees them. */
export class PeerClocks {
  readonly #heard = new Map<NodeId, Heard>();
  readonly #told = new Map<NodeId, Delays>();

  /** Learns the time at which a message was sent, and the delays that the sender has measured of this node's messages. */
  learn(
    from: NodeId,
    message: { readonly sentAt: number; readonly delays?: Delays | undefined },
    now: number,
  ): void {
    const { sentAt, delays } = message;
    const delay = now - sentAt;
    if (delays !== undefined) this.#told.set(from, delays);
    const heard = this.#heard.get(from);
    if (heard === undefined) {
      const first = { mean: delay, deviation: 0, least: delay, previousLeast: delay };
      this.#heard.set(from, { ...first, windowAt: now, heardAt: now });
      return;
    }
    heard.deviation += WEIGHT * (Math.abs(delay - heard.mean) - heard.deviation);
    heard.mean += WEIGHT * (delay - heard.mean);
    if (now - heard.windowAt >= WINDOW_MS) {
      heard.previousLeast = heard.least;
      heard.least = delay;
      heard.windowAt = now;
    } else heard.least = Math.min(heard.least, delay);
    heard.heardAt = now;
  }

  /** Returns the delays of a peer's messages, for that peer; undefined if there was none. */
  delaysFrom(peer: NodeId): Delays | undefined {
    const heard = this.#heard.get(peer);
    return heard && [leastOf(heard), heard.mean + DEVIATIONS * heard.deviation];
  }

  /** The time in ms by which this node's clock is behind the fastest one. */
  get behindMs(): number {
    let behindMs = 0;
    for (const peer of this.#told.keys()) behindMs = Math.max(behindMs, this.#differenceMs(peer));
    return behindMs;
  }

  /** Returns the time in ms in which most messages reach the `count` nearest peers, of those heard lately; 0 if a delay is unknown. */
  reachMs(now: number, count = Infinity): number {
    const delays: number[] = [];
    for (const [peer, { heardAt }] of this.#heard) {
      if (now - heardAt >= WINDOW_MS) continue;
      if (!this.#told.has(peer)) return 0;
      delays.push(this.delayMsTo(peer));
    }
    delays.sort((a, b) => a - b);
    return (delays[Math.min(count, delays.length) - 1] ?? 0) * (1 + MARGIN);
  }

  /** Returns the time in ms in which most messages reach a peer; 0 if it is unknown. */
  delayMsTo(peer: NodeId): number {
    const told = this.#told.get(peer);
    return told === undefined ? 0 : told[1] - this.#differenceMs(peer);
  }

  /** Returns true if most delays to a peer are close to the least. */
  isSteady(peer: NodeId): boolean {
    const told = this.#told.get(peer);
    return told !== undefined && told[1] - told[0] <= STEADY * this.delayMsTo(peer);
  }

  /** Returns the time in ms by which a peer's clock is ahead, if messages take as long in both directions. */
  #differenceMs(peer: NodeId): number {
    const heard = this.#heard.get(peer);
    const told = this.#told.get(peer);
    return heard === undefined || told === undefined ? 0 : (told[0] - leastOf(heard)) / 2;
  }
}

function leastOf({ least, previousLeast }: Heard): number {
  return Math.min(least, previousLeast);
}
