/**
 * Dissemination along a given graph: each node tells its neighbours what they lack, in batches, and they pass it on. Dearer
 * than a hub and slower by every hop; it is for whoever wants the topology that was advised to be used.
 *
 * The advice may name a neighbour that does not name this node in turn. So whoever sends here is a neighbour too: a
 * one-sided link would have one side resend for ever what the other never acknowledges.
 */

import type { Agenda } from "./agenda.ts";
import type { Exchange, Extras, Heard } from "./exchange.ts";
import type { Link } from "./link.ts";

/** A batch waits for this part of the allowed latency since the last one on the same link. */
const BATCH_SHARE = 1 / 6;
/** An acknowledgement waits for so many batches for something to go with. */
const ACK_BATCHES = 3;
/** A peer may be silent for so many batches longer than its answer takes. */
const SILENT_BATCHES = 6;
/** The round trip, ms, that is assumed until one was measured. */
const ROUND_TRIP_MS_GUESS = 200;

/** The part of a node that talks to its neighbours. */
export class Mesh {
  readonly #exchange: Exchange;
  readonly #batchMs: number;
  readonly #neighbours = new Set<string>();
  readonly #newsSince = new Map<string, number>();
  /** The advice comes soon after the start; a node that was started again gets none. */
  readonly greetingMs = 400;

  /** Until it is told otherwise, the node's neighbours are those before and behind it in the agreed order. */
  constructor(exchange: Exchange, latencyMsMax: number) {
    this.#exchange = exchange;
    this.#batchMs = latencyMsMax * BATCH_SHARE;
    const { ids, self } = exchange;
    const index = ids.indexOf(self);
    for (const id of [ids[index - 1], ids[index + 1]]) if (id !== undefined) this.#neighbours.add(id);
    exchange.patienceMs = (link, extras) => this.#patienceMs(link, extras);
  }

  /** Names the neighbours, in place of those assumed; those who talked to this node stay. */
  connect(neighbours: readonly string[], now: number): void {
    for (const id of [...this.#neighbours]) {
      if (this.#exchange.links.get(id)?.known !== true) this.#neighbours.delete(id);
    }
    for (const id of neighbours) {
      const link = this.#exchange.links.get(id);
      if (link === undefined || this.#neighbours.has(id)) continue;
      this.#neighbours.add(id);
      this.#exchange.send(link, now, { ask: true }); // a neighbour that does not name this node learns of it
    }
    this.#refresh(now);
  }

  get greeted(): readonly Link[] {
    return [...this.#exchange.links.values()].filter((link) => this.serves(link));
  }

  serves(link: Link): boolean {
    return this.#neighbours.has(link.peer);
  }

  ackAt(_link: Link, since: number): number {
    return since + ACK_BATCHES * this.#batchMs;
  }

  get probeMs(): number {
    return 2 * this.#batchMs;
  }

  changed(now: number): void {
    this.#refresh(now);
  }

  heard({ link, message, event }: Heard, now: number): void {
    this.#neighbours.add(link.peer);
    if (message.ask || (event === "returned" && this.#exchange.isUnsent(link))) {
      this.#exchange.send(link, now);
    }
    this.#refresh(now);
  }

  lost(): void {}

  plan(agenda: Agenda): void {
    for (const id of this.#neighbours) {
      const link = this.#exchange.links.get(id);
      if (link === undefined || link.state === "down") continue;
      const newsSince = this.#newsSince.get(id);
      if (this.#exchange.isAwaiting(link)) {
        agenda.proposeFor(link, link.lastSentAt + this.#answerMs(link), this.#ask);
      } else if (newsSince !== undefined) {
        agenda.proposeFor(link, Math.max(newsSince, link.lastSentAt + this.#batchMs), this.#send);
      } else if (link.unacknowledgedSince !== undefined) {
        const at = link.unacknowledgedSince + (1 + ACK_BATCHES) * this.#batchMs + this.#answerMs(link);
        agenda.proposeFor(link, at, this.#resend);
      }
    }
  }

  readonly #ask = (link: Link, now: number): void => this.#exchange.send(link, now, { ask: true });

  readonly #send = (link: Link, now: number): void => {
    this.#exchange.send(link, now);
    this.#refresh(now);
  };

  readonly #resend = (link: Link, now: number): void => {
    link.resent(now);
    if (this.#exchange.lacks(link)) this.#send(link, now);
  };

  #refresh(now: number): void {
    for (const id of this.#neighbours) {
      const link = this.#exchange.links.get(id);
      if (link === undefined || !this.#exchange.isUnsent(link)) this.#newsSince.delete(id);
      else if (!this.#newsSince.has(id)) this.#newsSince.set(id, now);
    }
  }

  #answerMs(link: Link): number {
    return (link.roundTrip.middleMs ?? ROUND_TRIP_MS_GUESS) + this.#batchMs;
  }

  #patienceMs(link: Link, { ask }: Extras): number | undefined {
    return this.#answerMs(link) + ((ask ? 0 : ACK_BATCHES) + SILENT_BATCHES) * this.#batchMs;
  }
}
