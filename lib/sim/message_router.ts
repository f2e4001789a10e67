/** The receivers of messages in a test, and the network between them. */

import { mayHoldInexactNumber, mayHoldLongInteger, stringifyExactJson } from "../protocol/exact_json.ts";
import { isClient } from "../protocol/message.ts";
import { isObject, show } from "../protocol/schema.ts";
import type { Clock } from "../runtime/host.ts";
import { type Envelope, isInteger, isMessageId, readEnvelope } from "./envelope.ts";
import type { Network } from "./network.ts";
import { type Observation, type RemarkKind, stopsReading } from "./remarks.ts";

/** A message in flight, and then at its receiver. */
export class Delivery {
  /** The network's id of the message. */
  readonly id: number;
  readonly message: Envelope;
  /** True if the receiver may keep `message`: it was parsed for this receiver, or senders and receivers never change messages. */
  readonly own: boolean;
  #line: string | undefined;

  constructor(id: number, message: Envelope, own: boolean, line?: string) {
    this.id = id;
    this.message = message;
    this.own = own;
    this.#line = line;
  }

  /** The encoded message, without an id. */
  get line(): string {
    return this.#line ??= stringifyExactJson(this.message);
  }

  /** True if the line is encoded on demand. */
  get isObject(): boolean {
    return this.#line === undefined;
  }

  /** The length of the line; approximate if there is none yet. */
  get length(): number {
    return this.#line?.length ?? ENVELOPE_LENGTH + roughLength(this.message.body);
  }
}

/** The assumed length of a message around its body. */
const ENVELOPE_LENGTH = 32;
/** The assumed length of a number, a boolean or null, with the comma after it. */
const SCALAR_LENGTH = 5;

/** Returns the approximate length of a value's JSON. The elements of an array count as much as its first one. */
function roughLength(value: unknown): number {
  if (typeof value === "string") return value.length + 3;
  if (Array.isArray(value)) return 2 + value.length * roughLength(value[0]);
  if (!isObject(value)) return SCALAR_LENGTH;
  let length = 2;
  for (const key in value) length += key.length + 3 + roughLength(value[key]);
  return length;
}

/** Takes a message that has arrived; returns false if it is lost, because its receiver is dead. */
export type Receive = (delivery: Delivery) => boolean;

/** Records the delivery of each message; ids count from 0 in the order of sending. */
export interface Journal {
  sent(delivery: Delivery): void;
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

/** The maximum number of messages in flight, and of their characters in total. */
export const IN_FLIGHT_MAX = 200_000;
const IN_FLIGHT_LENGTH_MAX = 128 * 1024 * 1024;

/** The treatment of a reply to a client that is gone. Maelstrom refuses it as a message to an unknown id. */
export type LateReplies = "refuse" | "drop";

/**
 * The form in which messages travel: as text, or as the objects themselves. Objects are faster, but only programs that never
 * change a message after they sent or received it may share them.
 */
export type MessageForm = "text" | "objects";

/** Carries messages between nodes, clients and services. */
export class MessageRouter {
  readonly #clock: Clock;
  readonly #network: Network;
  readonly #journal: Journal;
  readonly #observe: (observation: Observation) => void;
  readonly #deliverSynchronously: boolean;
  readonly #form: MessageForm;
  readonly #lateReplies: LateReplies;
  readonly #needsCare: (line: string) => boolean;
  readonly #receivers = new Map<string, Receive>();
  readonly #outputs = new Map<string, Output>();
  readonly #gone = new Set<string>();
  #nextId = 0;
  readonly #overflow: ((count: number) => void) | undefined;
  readonly #heldMs: ((id: number) => number) | undefined;
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
    /** The form of the messages of clients and services. Default: `text`. */
    readonly form?: MessageForm;
    readonly lateReplies: LateReplies;
    /** Called when too many messages are in flight: see {@linkcode IN_FLIGHT_MAX}. */
    readonly overflow?: (count: number) => void;
    /** Returns how long a message must wait at its arrival, in ms; infinite if it is lost. */
    readonly heldMs?: (id: number) => number;
  }) {
    this.#heldMs = options.heldMs;
    this.#overflow = options.overflow;
    this.#clock = options.clock;
    this.#network = options.network;
    this.#journal = options.journal;
    this.#observe = options.observe;
    this.#deliverSynchronously = options.deliverSynchronously;
    this.#form = options.form ?? "text";
    this.#lateReplies = options.lateReplies;
    // Without processes, all lines were encoded by JavaScript.
    this.#needsCare = options.deliverSynchronously ? mayHoldInexactNumber : mayHoldLongInteger;
  }

  /** Registers `id` as a receiver. A node that restarts begins a new output. */
  attach(id: string, receive: Receive): void {
    this.#receivers.set(id, receive);
    this.#outputs.delete(id);
  }

  /** Removes a receiver. Messages in flight to it are dropped. */
  detach(id: string): void {
    this.#receivers.delete(id);
    this.#gone.add(id);
  }

  /** Takes a line that the node `node` wrote. After a line that Maelstrom refuses, the node is not read any more. */
  sendLine(node: string, line: string): void {
    if (this.#silent) return;
    const output = this.#outputOf(node);
    output.lines++;
    if (output.ignored) return;
    const read = readEnvelope(line, this.#needsCare);
    if (read.kind !== "accepted") return this.#note(node, output, { ...read, line });
    if (read.looseness !== undefined) {
      this.#note(node, output, { kind: "loose-json", problem: read.looseness, line });
    }
    this.#route(node, output, read.envelope, read.line);
  }

  /** Takes a message that the node `node` sent as an object. */
  sendMessage(node: string, message: Envelope): void {
    if (this.#silent) return;
    const output = this.#outputOf(node);
    output.lines++;
    if (!output.ignored) this.#route(node, output, message, undefined);
  }

  #route(node: string, output: Output, message: Envelope, line: string | undefined): void {
    const { src, dest, body } = message;
    const note = (kind: RemarkKind, problem: string) =>
      this.#note(node, output, { kind, problem, line: line ?? stringifyExactJson(message) });
    if (!this.#receivers.has(src)) return note("unknown-source", `src ${quote(src)} does not exist`);
    if (!this.#receivers.has(dest)) {
      if (!this.#gone.has(dest)) return note("unknown-destination", `dest ${quote(dest)} does not exist`);
      if (this.#lateReplies === "drop") return note("late-reply", `${dest} no longer waits for it`);
      const why = body["type"] === "init_ok" ? ", since the node has answered init before" : "";
      return note("unknown-destination", `dest ${quote(dest)} is a client that is gone${why}`);
    }
    if (src !== node) note("foreign-source", `src is ${quote(src)}, not the node's own id`);
    if (!output.initialized) {
      if (body["type"] === "init_ok") output.initialized = true;
      else note("before-init", "the node has not answered init yet");
    }
    if (!(isMessageId(body["msg_id"]) && isMessageId(body["in_reply_to"])) && !isClient(dest)) {
      note("odd-message-id", "msg_id or in_reply_to is not an integer");
    }
    const { type, code } = body;
    if (type === "error" && isClient(dest) && !isInteger(code)) {
      note("odd-error-code", code === undefined ? "the error has no code" : `code is ${show(code)}`);
    }
    this.#send(message, true, line);
  }

  /** Sends a message of a client or a service. */
  send(message: Envelope): void {
    if (this.#form === "text") this.#send(message, false, stringifyExactJson(message));
    else this.#send(message, true);
  }

  /** Carries nothing more. */
  silence(): void {
    this.#silent = true;
  }

  /** Records an observation about a node. */
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

  #send(message: Envelope, own: boolean, line?: string): void {
    if (this.#silent) return;
    const id = this.#nextId++;
    const delivery = new Delivery(id, message, own, line);
    this.#journal.sent(delivery);
    if (this.#deliverSynchronously && (isClient(message.src) || isClient(message.dest))) {
      this.#arrive(delivery);
      return;
    }
    const delays = this.#network.delays(message.src, message.dest, this.#clock.now());
    if (delays.length === 0) this.#journal.dropped(id, message, "lost");
    for (let copy = 0; copy < delays.length; copy++) {
      if (copy > 0) this.#journal.duplicated(id, message);
      const delayMs = delays[copy] as number;
      const each = delays.length === 1 || delivery.isObject
        ? delivery
        : new Delivery(id, message, false, line);
      if (delayMs === 0 && this.#deliverSynchronously) this.#arrive(each);
      else this.#depart(each, delayMs);
    }
  }

  #depart(delivery: Delivery, delayMs: number): void {
    const length = delivery.isObject ? 0 : delivery.length; // objects take no memory of their own
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
    const heldMs = this.#heldMs?.(id);
    if (heldMs === Infinity) return this.#journal.dropped(id, message, "lost");
    if (heldMs) return void this.#clock.after(heldMs, () => this.#arrive(delivery));
    if (this.#network.isCut(message.src, message.dest)) return this.#journal.dropped(id, message, "cut");
    const receive = this.#receivers.get(message.dest);
    if (receive?.(delivery) ?? false) this.#journal.received(id, message);
    else this.#journal.dropped(id, message, "dead");
  }
}

function quote(id: string): string {
  return JSON.stringify(id);
}
