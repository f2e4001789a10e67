/** The receivers of messages in a test, and the network between them. */

import { mayHoldInexactNumber, mayHoldLongInteger } from "../protocol/exact_json.ts";
import { isClient } from "../protocol/message.ts";
import type { Clock } from "../runtime/host.ts";
import { type Envelope, isMessageId, readEnvelope } from "./envelope.ts";
import type { Network } from "./network.ts";
import { type Observation, type RemarkKind, stopsReading } from "./remarks.ts";

/** A message that has arrived. */
export interface Delivery {
  /** The network's id of the message. */
  readonly id: number;
  readonly message: Envelope;
  /** The encoded message, without an id. */
  readonly line: string;
  /** True if `message` was parsed from the line and is given to one receiver only, so that the receiver may keep it. */
  readonly own: boolean;
}

/** Takes a message that has arrived; returns false if it is lost, because its receiver is dead. */
export type Receive = (delivery: Delivery) => boolean;

/** Is told what happens to each message; ids count from 0 in the order of sending. */
export interface Journal {
  sent(id: number, message: Envelope, line: string): void;
  received(id: number, message: Envelope): void;
  dropped(id: number, message: Envelope, why: "lost" | "cut" | "dead"): void;
  /** A copy of a message that was sent once. */
  duplicated(id: number, message: Envelope): void;
}

/** The output of a node. */
interface Output {
  /** The number of lines that it wrote. */
  lines: number;
  initialized: boolean;
  /** True after a line at which Maelstrom stops reading. */
  ignored: boolean;
}

/** The most messages that may be on their way at the same time, and the most characters that they may have in all. */
export const IN_FLIGHT_MAX = 200_000;
export const IN_FLIGHT_LENGTH_MAX = 128 * 1024 * 1024;

/** The treatment of a reply to a client that is gone. Maelstrom refuses it as a message to an unknown id. */
export type LateReplies = "refuse" | "drop";

/** Carries messages between nodes, clients and services. */
export class World {
  readonly #clock: Clock;
  readonly #network: Network;
  readonly #journal: Journal;
  readonly #observe: (observation: Observation) => void;
  readonly #deliverSynchronously: boolean;
  readonly #lateReplies: LateReplies;
  readonly #needsCare: (line: string) => boolean;
  readonly #receivers = new Map<string, Receive>();
  readonly #outputs = new Map<string, Output>();
  readonly #gone = new Set<string>();
  #nextId = 0;
  readonly #overflow: ((count: number) => void) | undefined;
  #inFlight = 0;
  #inFlightLength = 0;
  #silent = false;

  /**
   * With `deliverSynchronously`, what needs no time is handed over at once, inside the call to `send`; without, it waits for its turn
   * in the clock's queue.
   */
  constructor(options: {
    readonly clock: Clock;
    readonly network: Network;
    readonly journal: Journal;
    readonly observe: (observation: Observation) => void;
    readonly deliverSynchronously: boolean;
    readonly lateReplies: LateReplies;
    /** Called when too many messages are on their way: see {@linkcode IN_FLIGHT_MAX}. */
    readonly overflow?: (count: number) => void;
  }) {
    this.#overflow = options.overflow;
    this.#clock = options.clock;
    this.#network = options.network;
    this.#journal = options.journal;
    this.#observe = options.observe;
    this.#deliverSynchronously = options.deliverSynchronously;
    this.#lateReplies = options.lateReplies;
    // Without processes, all lines were encoded by JavaScript.
    this.#needsCare = options.deliverSynchronously ? mayHoldInexactNumber : mayHoldLongInteger;
  }

  /** Makes `id` known as a receiver. A node that starts again begins a new output. */
  attach(id: string, receive: Receive): void {
    this.#receivers.set(id, receive);
    this.#outputs.delete(id);
  }

  /** Takes a receiver away; what is still on its way to it is dropped. */
  detach(id: string): void {
    this.#receivers.delete(id);
    this.#gone.add(id);
  }

  /** Takes a line that the node `node` wrote. After one that Maelstrom refuses, nothing more of the node is read. */
  sendLine(node: string, line: string): void {
    if (this.#silent) return;
    const output = this.#outputOf(node);
    output.lines++;
    if (output.ignored) return;
    const read = readEnvelope(line, this.#needsCare);
    if (read.kind !== "accepted") return this.#note(node, output, { ...read, line });
    const { src, dest, body } = read.envelope;
    if (!this.#receivers.has(src)) {
      return this.#note(node, output, {
        kind: "unknown-source",
        problem: `src ${quote(src)} does not exist`,
        line,
      });
    }
    if (!this.#receivers.has(dest)) {
      if (this.#gone.has(dest) && this.#lateReplies === "drop") {
        return this.#note(node, output, {
          kind: "late-reply",
          problem: `${dest} no longer waits for it`,
          line,
        });
      }
      const problem = this.#gone.has(dest)
        ? `dest ${quote(dest)} is a client that is gone`
        : `dest ${quote(dest)} does not exist`;
      return this.#note(node, output, { kind: "unknown-destination", problem, line });
    }
    if (src !== node) {
      this.#note(node, output, {
        kind: "foreign-source",
        problem: `src is ${quote(src)}, not the node's own id`,
        line,
      });
    }
    if (!output.initialized) {
      if (body["type"] === "init_ok") output.initialized = true;
      else {this.#note(node, output, {
          kind: "before-init",
          problem: "the node has not answered init yet",
          line,
        });}
    }
    if (!(isMessageId(body["msg_id"]) && isMessageId(body["in_reply_to"])) && !isClient(dest)) {
      this.#note(node, output, {
        kind: "odd-message-id",
        problem: "msg_id or in_reply_to is not an integer",
        line,
      });
    }
    this.#send(read.envelope, read.line, true);
  }

  /** Sends a message; `line` is its encoded form. */
  send(message: Envelope, line: string): void {
    this.#send(message, line, false);
  }

  /** Carries nothing more. */
  silence(): void {
    this.#silent = true;
  }

  /** Records that a node did something odd. */
  observe(observation: Observation): void {
    this.#observe(observation);
    if (stopsReading(observation.kind)) this.#outputOf(observation.node).ignored = true;
  }

  #outputOf(node: string): Output {
    let output = this.#outputs.get(node);
    if (output === undefined) {
      this.#outputs.set(node, output = { lines: 0, initialized: false, ignored: false });
    }
    return output;
  }

  #note(
    node: string,
    output: Output,
    found: { readonly kind: RemarkKind; readonly problem: string; readonly line: string },
  ): void {
    const { kind, problem, line } = found;
    this.observe({ kind, node, problem, lineNumber: output.lines, line });
  }

  #send(message: Envelope, line: string, read: boolean): void {
    if (this.#silent) return;
    const id = this.#nextId++;
    this.#journal.sent(id, message, line);
    if (this.#deliverSynchronously && (isClient(message.src) || isClient(message.dest))) {
      this.#arrive({ id, message, line, own: read });
      return;
    }
    const delays = this.#network.delays(message.src, message.dest, this.#clock.now());
    const own = read && delays.length === 1;
    if (delays.length === 0) this.#journal.dropped(id, message, "lost");
    for (const [copy, delayMs] of delays.entries()) {
      if (copy > 0) this.#journal.duplicated(id, message);
      if (delayMs === 0 && this.#deliverSynchronously) this.#arrive({ id, message, line, own });
      else this.#depart({ id, message, line, own }, delayMs);
    }
  }

  #depart(delivery: Delivery, delayMs: number): void {
    const { length } = delivery.line;
    this.#inFlight++;
    this.#inFlightLength += length;
    if (this.#inFlight > IN_FLIGHT_MAX || this.#inFlightLength > IN_FLIGHT_LENGTH_MAX) {
      this.#overflow?.(this.#inFlight);
    }
    this.#clock.after(delayMs, () => {
      this.#inFlight--;
      this.#inFlightLength -= length;
      this.#arrive(delivery);
    });
  }

  #arrive(delivery: Delivery): void {
    if (this.#silent) return;
    const { id, message } = delivery;
    if (this.#network.isCut(message.src, message.dest)) return this.#journal.dropped(id, message, "cut");
    const receive = this.#receivers.get(message.dest);
    if (receive?.(delivery) ?? false) this.#journal.received(id, message);
    else this.#journal.dropped(id, message, "dead");
  }
}

function quote(id: string): string {
  return JSON.stringify(id);
}
