/** Counts messages, as Maelstrom's net checker does, and passes them on to whoever wants each one. */

import type { MessageCounts, NetCounts } from "../checkers/net.ts";
import { isClient, type Message } from "../protocol/message.ts";
import type { Journal, Malformed } from "../sim/world.ts";

/** How many malformed lines are kept as evidence. */
const MALFORMED_KEPT_MAX = 32;

/** Where single messages go, if they are kept. */
export interface MessageSink {
  sent(timeMs: number, id: number, line: string, message: Message): void;
  /** `received`, or why not: `lost`, `cut`, `dead`; `duplicated` for a second copy. */
  met(timeMs: number, id: number, fate: string, message: Message): void;
  /** The moment that the history's times count from. */
  began?(timeMs: number): void;
}

/** A journal that counts. */
export class Traffic implements Journal {
  readonly #now: () => number;
  readonly #sink: MessageSink | undefined;
  readonly #malformed: Malformed[] = [];
  #clientsSent = 0;
  #clientsReceived = 0;
  #serversSent = 0;
  #serversReceived = 0;

  constructor(now: () => number, sink?: MessageSink) {
    this.#now = now;
    this.#sink = sink;
  }

  sent(id: number, message: Message, line: string): void {
    if (involvesClient(message)) this.#clientsSent++;
    else this.#serversSent++;
    this.#sink?.sent(this.#now(), id, line, message);
  }

  received(id: number, message: Message): void {
    if (involvesClient(message)) this.#clientsReceived++;
    else this.#serversReceived++;
    this.#sink?.met(this.#now(), id, "received", message);
  }

  dropped(id: number, message: Message, why: "lost" | "cut" | "dead"): void {
    this.#sink?.met(this.#now(), id, why, message);
  }

  duplicated(id: number, message: Message): void {
    this.#sink?.met(this.#now(), id, "duplicated", message);
  }

  /** Takes a line that is no message. */
  malformed(malformed: Malformed): void {
    if (this.#malformed.length < MALFORMED_KEPT_MAX) this.#malformed.push(malformed);
  }

  /** The counts so far. */
  get counts(): NetCounts {
    const counts = (sent: number, received: number): MessageCounts => ({
      "send-count": sent,
      "recv-count": received,
      "msg-count": sent,
    });
    return {
      all: counts(this.#clientsSent + this.#serversSent, this.#clientsReceived + this.#serversReceived),
      clients: counts(this.#clientsSent, this.#clientsReceived),
      servers: counts(this.#serversSent, this.#serversReceived),
    };
  }

  /** The malformed lines that were kept, the first ones. */
  get malformedLines(): readonly Malformed[] {
    return this.#malformed;
  }
}

function involvesClient({ src, dest }: Message): boolean {
  return isClient(src) || isClient(dest);
}

/** A sink that makes the lines of messages.jsonl: what was sent, then what became of it. */
export function messageLines(
  write?: (line: string) => void,
): { readonly sink: MessageSink; readonly lines: string[] } {
  const lines: string[] = [];
  const add = write ?? ((line: string) => lines.push(line));
  return {
    lines,
    sink: {
      began: (timeMs) => add(`{"time":${nanoseconds(timeMs)},"event":"began"}`),
      sent: (timeMs, id, line) =>
        add(`{"time":${nanoseconds(timeMs)},"id":${id},"event":"sent","message":${line}}`),
      met: (timeMs, id, fate) => add(`{"time":${nanoseconds(timeMs)},"id":${id},"event":"${fate}"}`),
    },
  };
}

function nanoseconds(timeMs: number): number {
  return Math.round(timeMs * 1e6);
}
