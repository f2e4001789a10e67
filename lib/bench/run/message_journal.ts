/**
 * Counts messages, as Maelstrom's net checker does, and forwards them to an optional sink.
 *
 * Tested by `tests/bench/run/message_forms_test.ts`.
 */

import type { MessageCounts, NetCounts } from "../../checkers/net.ts";
import { isClient } from "../../protocol/message.ts";
import type { Envelope } from "../../sim/envelope.ts";
import type { Delivery, Journal } from "../../sim/message_router.ts";

/** The destination of single messages, if they are kept. */
export interface MessageSink {
  sent(timeMs: number, delivery: Delivery): void;
  /** `received`, or the reason for the failure: `lost`, `cut`, `dead`; `duplicated` for a second copy. */
  resolved(timeMs: number, id: number, deliveryStatus: string, message: Envelope): void;
  /** The start of the history, from which its times count. */
  began?(timeMs: number): void;
}

/** Returns a sink that forwards to several ones. */
export function allOf(sinks: readonly MessageSink[]): MessageSink {
  return {
    sent: (timeMs, delivery) => sinks.forEach((sink) => sink.sent(timeMs, delivery)),
    resolved: (timeMs, id, deliveryStatus, message) =>
      sinks.forEach((sink) => sink.resolved(timeMs, id, deliveryStatus, message)),
    began: (timeMs) => sinks.forEach((sink) => sink.began?.(timeMs)),
  };
}

/** A listener for the outcomes of messages, in addition to the sink. */
export interface MessageWatch {
  sent(delivery: Delivery): void;
  dropped(message: Envelope, why: "lost" | "cut" | "dead"): void;
  duplicated(message: Envelope): void;
}

/** A journal that counts messages. */
export class Traffic implements Journal {
  readonly #now: () => number;
  readonly #sink: MessageSink | undefined;
  readonly #watch: MessageWatch | undefined;
  #clientsSent = 0;
  #clientsReceived = 0;
  #serversSent = 0;
  #serversReceived = 0;

  constructor(now: () => number, sink?: MessageSink, watch?: MessageWatch) {
    this.#now = now;
    this.#sink = sink;
    this.#watch = watch;
  }

  sent(delivery: Delivery): void {
    if (involvesClient(delivery.message)) this.#clientsSent++;
    else this.#serversSent++;
    this.#sink?.sent(this.#now(), delivery);
    this.#watch?.sent(delivery);
  }

  received(id: number, message: Envelope): void {
    if (involvesClient(message)) this.#clientsReceived++;
    else this.#serversReceived++;
    this.#sink?.resolved(this.#now(), id, "received", message);
  }

  dropped(id: number, message: Envelope, why: "lost" | "cut" | "dead"): void {
    this.#sink?.resolved(this.#now(), id, why, message);
    this.#watch?.dropped(message, why);
  }

  duplicated(id: number, message: Envelope): void {
    this.#sink?.resolved(this.#now(), id, "duplicated", message);
    this.#watch?.duplicated(message);
  }

  /** The counts so far. */
  get counts(): NetCounts {
    const counts = (sent: number, received: number): MessageCounts => ({
      sent,
      received,
      distinct: sent,
    });
    return {
      all: counts(this.#clientsSent + this.#serversSent, this.#clientsReceived + this.#serversReceived),
      clients: counts(this.#clientsSent, this.#clientsReceived),
      servers: counts(this.#serversSent, this.#serversReceived),
    };
  }
}

function involvesClient({ src, dest }: Envelope): boolean {
  return isClient(src) || isClient(dest);
}

/** Returns a sink that writes the lines of messages.jsonl: each send, then its outcome. */
export function messageLines(
  write?: (line: string) => void,
): { readonly sink: MessageSink; readonly lines: string[] } {
  const lines: string[] = [];
  const add = write ?? ((line: string) => lines.push(line));
  return {
    lines,
    sink: {
      began: (timeMs) => add(`{"time":${nanoseconds(timeMs)},"event":"began"}`),
      sent: (timeMs, { id, line }) =>
        add(`{"time":${nanoseconds(timeMs)},"id":${id},"event":"sent","message":${line}}`),
      resolved: (timeMs, id, deliveryStatus) =>
        add(`{"time":${nanoseconds(timeMs)},"id":${id},"event":"${deliveryStatus}"}`),
    },
  };
}

function nanoseconds(timeMs: number): number {
  return Math.round(timeMs * 1e6);
}
