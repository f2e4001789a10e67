/**
 * An open loop of operations: clients send at their own pace, however many of their operations are pending.
 *
 * The bench's own clients perform one operation at a time, and silence a node whose answer comes too late. Both would hide an overload.
 *
 * Tested by `tests/bench/tradeoff/consensus/load_test.ts`.
 */

import type { Event, EventType } from "../../../checkers/history.ts";
import { isDefinite } from "../../../protocol/errors.ts";
import type { Clock } from "../../../runtime/host.ts";
import type { Envelope } from "../../../sim/envelope.ts";
import type { Delivery } from "../../../sim/message_router.ts";
import type { SeededRandom } from "../../../sim/random.ts";
import type { KeyOperation, KeyWorkload } from "./engines.ts";

/** The time after which a client gives up, in ms. Longer than a node's own request timeout, so that nodes answer first. */
export const CLIENT_TIMEOUT_MS = 10_000;
/** The key of all operations that conflict. */
const HOT_KEY = "hot";
/** The number of private keys per client. */
const PRIVATE_KEYS = 100;

/** The load. */
export interface LoadOptions {
  /** Operations per second, over all clients. */
  readonly rate: number;
  /** The fraction of operations on the common key; the others use keys that belong to one client. */
  readonly conflictShare: number;
  /** The fraction of operations that read. */
  readonly readShare: number;
}

/** The surroundings of a load. */
export interface LoadParts {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly workload: KeyWorkload;
  readonly nodes: readonly string[];
  /** Registers a client as a receiver. */
  readonly attach: (client: string, receive: (delivery: Delivery) => boolean) => void;
  readonly send: (message: Envelope) => void;
}

/** One operation: at which node, when, and with what end. */
export interface MeasuredOperation {
  /** The position of the node. */
  readonly node: number;
  readonly f: KeyOperation["f"];
  readonly startMs: number;
  /** The time of its end, in ms; undefined while it is pending. */
  endMs: number | undefined;
  /** `ok`: it was answered; `fail`: it did not happen; `info`: it may have happened. */
  outcome: Exclude<EventType, "invoke"> | undefined;
}

interface Pending {
  readonly operation: KeyOperation;
  readonly process: number;
  readonly measured: MeasuredOperation;
  readonly cancelTimeout: () => void;
}

/** The clients of one run: one per node. */
export class Load {
  readonly #parts: LoadParts;
  readonly #options: LoadOptions;
  readonly #clients: Client[];
  readonly #freeProcesses: number[] = [];
  #processes = 0;
  #values = 0;
  /** All operations, in the order of their starts. */
  readonly operations: MeasuredOperation[] = [];
  /** The history. */
  readonly history: Event[] = [];
  #pendingCount = 0;

  constructor(options: LoadOptions, parts: LoadParts) {
    this.#options = options;
    this.#parts = parts;
    this.#clients = parts.nodes.map((node, i) =>
      new Client(`c${i}`, { node, position: i, random: parts.random.split(node) })
    );
    for (const client of this.#clients) {
      parts.attach(client.id, (delivery) => this.#receive(client, delivery));
    }
  }

  /** True if no operation is pending. */
  get isIdle(): boolean {
    return this.#pendingCount === 0;
  }

  /** Starts all clients. */
  start(): void {
    for (const client of this.#clients) this.#sendLater(client);
  }

  /** Ends the client of one node: it sends nothing more, and its pending operations stay unanswered. */
  endClient(node: string): void {
    for (const client of this.#clients) if (client.node === node) client.hasEnded = true;
  }

  /** Ends all clients. */
  end(): void {
    for (const client of this.#clients) client.hasEnded = true;
  }

  /** Sends the next operation of a client after an exponentially distributed time, so that arrivals are a Poisson process. */
  #sendLater(client: Client): void {
    const meanMs = 1000 * this.#clients.length / this.#options.rate;
    this.#parts.clock.after(client.random.exponential(meanMs), () => {
      if (client.hasEnded) return;
      this.#sendNext(client);
      this.#sendLater(client);
    });
  }

  #sendNext(client: Client): void {
    const { clock, workload, send } = this.#parts;
    const operation = this.#draw(client);
    const process = this.#freeProcesses.pop() ?? this.#processes++;
    const measured: MeasuredOperation = {
      node: client.position,
      f: operation.f,
      startMs: clock.now(),
      endMs: undefined,
      outcome: undefined,
    };
    this.operations.push(measured);
    this.#record({ process, type: "invoke", ...workload.invocation(operation) });
    this.#pendingCount++;
    const id = client.nextId++;
    const cancelTimeout = clock.after(CLIENT_TIMEOUT_MS, () => this.#complete(client, id, undefined));
    client.pending.set(id, { operation, process, measured, cancelTimeout });
    send({ src: client.id, dest: client.node, body: { ...workload.request(operation), msg_id: id } });
  }

  /** Draws an operation. A client reads only keys that it has written, so that a read that finds nothing is wrong. */
  #draw({ id, random, written }: Client): KeyOperation {
    const isHot = random.chance(this.#options.conflictShare);
    const reads = random.chance(this.#options.readShare);
    const key = isHot ? HOT_KEY : `${id}:${random.below(PRIVATE_KEYS)}`;
    return reads && written.has(key) ? { f: "read", key } : { f: "write", key, value: this.#values++ };
  }

  #receive(client: Client, { message: { body } }: Delivery): boolean {
    const id = body["in_reply_to"];
    if (typeof id === "number") this.#complete(client, id, body);
    return true;
  }

  #complete(client: Client, id: number, reply: Envelope["body"] | undefined): void {
    const pending = client.pending.get(id);
    if (pending === undefined) return; // the client has given up before
    const { operation, process, measured, cancelTimeout } = pending;
    client.pending.delete(id);
    cancelTimeout();
    this.#pendingCount--;
    const value = reply && this.#parts.workload.completion(operation, reply);
    measured.endMs = this.#parts.clock.now();
    measured.outcome = value !== undefined ? "ok" : hasFailed(reply) ? "fail" : "info";
    const invocation = this.#parts.workload.invocation(operation);
    this.#record({ process, type: measured.outcome, f: invocation.f, value: value ?? invocation.value });
    if (measured.outcome === "ok" && operation.f === "write") client.written.add(operation.key);
    if (measured.outcome !== "info") this.#freeProcesses.push(process);
  }

  #record(event: Pick<Event, "process" | "type" | "f" | "value">): void {
    const { process, type, f, value } = event;
    const time = Math.round(this.#parts.clock.now() * 1e6);
    this.history.push({ index: this.history.length, time, process, type, f, value });
  }
}

/** The client of one node. */
class Client {
  readonly id: string;
  readonly node: string;
  readonly position: number;
  readonly random: SeededRandom;
  readonly pending = new Map<number, Pending>();
  /** The keys with an acknowledged write of this client. */
  readonly written = new Set<string>();
  nextId = 1;
  hasEnded = false;

  constructor(
    id: string,
    { node, position, random }: {
      readonly node: string;
      readonly position: number;
      readonly random: SeededRandom;
    },
  ) {
    this.id = id;
    this.node = node;
    this.position = position;
    this.random = random;
  }
}

/** Returns true if a reply is an error that promises that the operation did not happen. */
function hasFailed(reply: Envelope["body"] | undefined): boolean {
  const code = reply?.["code"];
  return typeof code === "number" && isDefinite(code);
}
