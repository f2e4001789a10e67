/**
 * The causal past and future of an event: the messages that can have affected it, or that it can have affected.
 *
 * Tested by `tests/bench/report/causality_test.ts`.
 */

import type { MessageColumns, OperationColumns } from "../data/report_data.ts";

/** Maximum number of messages in a causal past or future: those nearest in time. */
export const CAUSAL_MAX = 500;
/** Longest time between the start of an operation and the sending of its request, in µs. */
export const REQUEST_DELAY_US = 3000;

/** An event: a time at an actor. */
export interface ActorTime {
  readonly actor: number;
  readonly time: number;
}

/** The messages of a run, in the order of their arrivals as well. */
export class Causality {
  readonly #messages: MessageColumns;
  /** Rows of the delivered messages by arrival. */
  readonly #byArrival: Int32Array;
  readonly #firstClient: number;

  constructor(messages: MessageColumns, nodes: number) {
    this.#messages = messages;
    this.#firstClient = nodes + messages.services;
    const { deliveryStatus, resolved } = messages;
    const rows = messages.sent.flatMap((_, row) => deliveryStatus[row] === 0 ? [row] : []);
    this.#byArrival = Int32Array.from(rows).sort((a, b) => (resolved[a] ?? 0) - (resolved[b] ?? 0) || a - b);
  }

  /** Returns the delivered messages with a path to one of the events, the latest first. */
  past(events: readonly ActorTime[], max = CAUSAL_MAX): number[] {
    const { src, dest, sent, resolved } = this.#messages;
    const latest = new Map<number, number>();
    for (const { actor, time } of events) latest.set(actor, Math.max(time, latest.get(actor) ?? -Infinity));
    const found: number[] = [];
    for (let i = this.#byArrival.length - 1; i >= 0 && found.length < max; i--) {
      const row = this.#byArrival[i] ?? 0;
      if ((resolved[row] ?? 0) > (latest.get(dest[row] ?? 0) ?? -Infinity)) continue;
      found.push(row);
      const sender = src[row] ?? 0;
      latest.set(sender, Math.max(latest.get(sender) ?? -Infinity, sent[row] ?? 0));
    }
    return found;
  }

  /** Returns the messages with a path from one of the events, the earliest first. */
  future(events: readonly ActorTime[], max = CAUSAL_MAX): number[] {
    const { src, dest, sent, resolved, deliveryStatus } = this.#messages;
    const earliest = new Map<number, number>();
    for (const { actor, time } of events) {
      earliest.set(actor, Math.min(time, earliest.get(actor) ?? Infinity));
    }
    const found: number[] = [];
    for (let row = 0; row < sent.length && found.length < max; row++) {
      if ((sent[row] ?? 0) < (earliest.get(src[row] ?? 0) ?? Infinity)) continue;
      found.push(row);
      if (deliveryStatus[row] !== 0) continue;
      const receiver = dest[row] ?? 0;
      earliest.set(receiver, Math.min(earliest.get(receiver) ?? Infinity, resolved[row] ?? Infinity));
    }
    return found;
  }

  /** Returns the first and the last event of a message: at its sender, and at its receiver if it arrived. */
  endsOf(row: number): { readonly first: ActorTime; readonly last: ActorTime } {
    const { src, dest, sent, resolved, deliveryStatus } = this.#messages;
    const first = { actor: src[row] ?? 0, time: sent[row] ?? 0 };
    const arrived = deliveryStatus[row] === 0;
    return { first, last: arrived ? { actor: dest[row] ?? 0, time: resolved[row] ?? 0 } : first };
  }

  /** Returns the request of an operation: the message that its client sent at its start; -1 if there is none. */
  requestOf({ begin, end }: OperationColumns, operation: number): number {
    const { src, sent } = this.#messages;
    const from = begin[operation] ?? 0;
    let low = 0;
    let high = sent.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sent[middle] ?? 0) < from - 1) low = middle + 1;
      else high = middle;
    }
    let best = -1;
    let bestCost = Infinity;
    for (let row = low; row < sent.length && (sent[row] ?? 0) <= from + REQUEST_DELAY_US; row++) {
      if ((src[row] ?? 0) < this.#firstClient) continue;
      const cost = (sent[row] ?? 0) - from + this.#replyCost(row, end[operation] ?? -1);
      if (cost < bestCost) [best, bestCost] = [row, cost];
    }
    return best;
  }

  /** Returns the distance of a request's reply from the end of an operation, in µs. */
  #replyCost(request: number, end: number): number {
    const { src, dest, sent, resolved, msgId, inReplyTo } = this.#messages;
    if (end < 0) return 0;
    for (let row = request + 1; row < sent.length && (sent[row] ?? 0) <= end; row++) {
      if (dest[row] === src[request] && inReplyTo[row] === msgId[request]) {
        return Math.abs((resolved[row] ?? 0) - end);
      }
    }
    return REQUEST_DELAY_US;
  }
}
