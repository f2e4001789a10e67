/** The world of a test: everybody who can receive a message, and the network between them. */

import { isClient, isMessage, type Message, parseMessage } from "../protocol/message.ts";
import type { Clock } from "../runtime/host.ts";
import type { Network } from "./network.ts";

/**
 * Takes a message that has arrived; false if it is lost because nobody is there any more. `own` says that the message was
 * read from the line and is given to nobody else, so that it need not be read again.
 */
export type Receive = (message: Message, line: string, own: boolean) => boolean;

/** Is told what happens to each message; ids count from 0 in the order of sending. */
export interface Journal {
  sent(id: number, message: Message, line: string): void;
  received(id: number, message: Message): void;
  dropped(id: number, message: Message, why: "lost" | "cut" | "dead"): void;
  /** A copy of a message that was sent once. */
  duplicated(id: number, message: Message): void;
}

/** A line from a node that is no message, or one that may not be sent. */
export interface Malformed {
  readonly node: string;
  readonly problem: string;
  readonly line: string;
}

/** How many characters of a malformed line are kept. */
const LINE_SHOWN_MAX = 500;

/** Carries messages between nodes, clients and services. */
export class World {
  readonly #clock: Clock;
  readonly #network: Network;
  readonly #journal: Journal;
  readonly #malformed: (malformed: Malformed) => void;
  readonly #instant: boolean;
  readonly #receivers = new Map<string, Receive>();
  readonly #gone = new Set<string>();
  #nextId = 0;

  /**
   * With `instant`, what needs no time is handed over at once, inside the call to `send`; without, it waits for its turn
   * in the clock's queue.
   */
  constructor(options: {
    readonly clock: Clock;
    readonly network: Network;
    readonly journal: Journal;
    readonly malformed: (malformed: Malformed) => void;
    readonly instant: boolean;
  }) {
    this.#clock = options.clock;
    this.#network = options.network;
    this.#journal = options.journal;
    this.#malformed = options.malformed;
    this.#instant = options.instant;
  }

  /** Makes `id` known as a receiver. */
  attach(id: string, receive: Receive): void {
    this.#receivers.set(id, receive);
  }

  /** Takes a receiver away; what still comes for it is dropped. */
  detach(id: string): void {
    this.#receivers.delete(id);
    this.#gone.add(id);
  }

  /** Takes a line that the node `node` wrote. What is not a message from it to somebody who exists is malformed. */
  sendLine(node: string, line: string): void {
    const message = parseMessage(line);
    const refuse = (problem: string) =>
      this.#malformed({ node, problem, line: line.slice(0, LINE_SHOWN_MAX) });
    if (!isMessage(message)) return refuse(message.problem);
    if (message.src !== node) {
      return refuse(`src must be the node's own id, but is ${JSON.stringify(message.src)}`);
    }
    if (!this.#receivers.has(message.dest) && !this.#gone.has(message.dest)) {
      return refuse(`there is nobody named ${JSON.stringify(message.dest)}`);
    }
    this.#send(message, line, true);
  }

  /** Sends a message; `line` is its encoded form. */
  send(message: Message, line: string): void {
    this.#send(message, line, false);
  }

  #send(message: Message, line: string, read: boolean): void {
    const id = this.#nextId++;
    this.#journal.sent(id, message, line);
    if (this.#instant && (isClient(message.src) || isClient(message.dest))) {
      this.#arrive(id, message, { line, own: read });
      return;
    }
    const delays = this.#network.delays(message.src, message.dest);
    const own = read && delays.length === 1;
    if (delays.length === 0) this.#journal.dropped(id, message, "lost");
    for (const [copy, delayMs] of delays.entries()) {
      if (copy > 0) this.#journal.duplicated(id, message);
      if (delayMs === 0 && this.#instant) this.#arrive(id, message, { line, own });
      else this.#clock.after(delayMs, () => this.#arrive(id, message, { line, own }));
    }
  }

  #arrive(
    id: number,
    message: Message,
    { line, own }: { readonly line: string; readonly own: boolean },
  ): void {
    if (this.#network.isCut(message.src, message.dest)) return this.#journal.dropped(id, message, "cut");
    const receive = this.#receivers.get(message.dest);
    if (receive?.(message, line, own) ?? false) this.#journal.received(id, message);
    else this.#journal.dropped(id, message, "dead");
  }
}
