/**
 * A host in memory, with a manual clock, seeded random numbers, and recorded output and logs.
 *
 * It runs one node without a network, so it does not use `tests/support/machine_network.ts`.
 */

import { type Body, isMessage, type Message, parseMessage } from "../../lib/protocol/message.ts";
import type { Cancel, Clock, Host, Log, Storage, Transport } from "../../lib/runtime/host.ts";
import { type Node, Runtime } from "../../lib/runtime/node.ts";
import { SeededRandom } from "../../lib/sim/random.ts";

/** A clock that tests advance. */
export class MemoryClock implements Clock {
  #now = 0;
  #count = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly fire: () => void }>();

  now(): number {
    return this.#now;
  }

  after(delayMs: number, fire: () => void): Cancel {
    const number = this.#count++;
    this.#timers.set(number, { at: this.#now + Math.max(0, delayMs), fire });
    return () => this.#timers.delete(number);
  }

  /** The number of waiting timers. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass, firing what comes due, in order; of timers due at once the one that was set first comes first. */
  advance(byMs: number): void {
    const end = this.#now + byMs;
    for (;;) {
      let next: { number: number; at: number; fire: () => void } | undefined;
      for (const [number, timer] of this.#timers) {
        if (timer.at <= end && (next === undefined || timer.at < next.at)) next = { number, ...timer };
      }
      if (next === undefined) break;
      this.#timers.delete(next.number);
      this.#now = next.at;
      next.fire();
    }
    this.#now = end;
  }
}

/** A host whose every part can be read. */
export class MemoryHost implements Host {
  readonly clock = new MemoryClock();
  readonly random: SeededRandom;
  readonly transport: Transport = { send: (line) => this.sent.push(line) };
  readonly log: Log = { line: (text) => this.logged.push(text) };
  /** The sent lines that were not taken yet. */
  sent: string[] = [];
  readonly logged: string[] = [];
  /** The values that the node shows, by name. */
  readonly watched = new Map<string, () => unknown>();
  /** The errors that would have ended a real node. */
  readonly failures: unknown[] = [];
  readonly #storage: Storage | undefined;

  constructor(options: { readonly seed?: number; readonly storage?: Storage } = {}) {
    this.random = new SeededRandom(options.seed ?? 0);
    this.#storage = options.storage;
  }

  openStorage(): Storage | undefined {
    return this.#storage;
  }

  replaceStorage(): never {
    throw new Error("a store in memory is never damaged");
  }

  fail(error: unknown): void {
    this.failures.push(error);
  }

  watch(name: string, value: () => unknown): void {
    this.watched.set(name, value);
  }
}

/** A node on a host in memory, with functions to communicate with it. */
export class MemoryNode {
  readonly host: MemoryHost;
  readonly runtime: Runtime;
  #msgId = 0;

  constructor(
    program: (node: Node) => void,
    options: { readonly seed?: number; readonly storage?: Storage } = {},
  ) {
    this.host = new MemoryHost(options);
    this.runtime = new Runtime(this.host, program);
  }

  /** A node that was initialised as n1 of n1, n2, n3; the answer to that is taken already. */
  static started(
    program: (node: Node) => void,
    options: { readonly seed?: number; readonly storage?: Storage } = {},
  ): MemoryNode {
    const node = new MemoryNode(program, options);
    node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1", "n2", "n3"] }, "c0");
    const [reply] = node.take();
    if (reply?.body.type !== "init_ok") throw new Error(`init was answered by ${JSON.stringify(reply)}`);
    return node;
  }

  /** The values that the node shows now. */
  get watched(): Readonly<Record<string, unknown>> {
    return Object.fromEntries([...this.host.watched].map(([name, value]) => [name, value()]));
  }

  /** Gives it one line as it stands. */
  line(text: string): void {
    this.runtime.receive(text);
  }

  /** Delivers a message to the node; by default from client c1. */
  give(body: Body, src = "c1"): void {
    this.line(JSON.stringify({ src, dest: "n1", body }));
  }

  /** Returns the messages sent since the last call. Throws if a line is not a message. */
  take(): Message[] {
    const lines = this.host.sent;
    this.host.sent = [];
    return lines.map((line) => {
      const message = parseMessage(line);
      if (!isMessage(message) || line.includes("\n")) {
        throw new Error(`sent a line that is not a message: ${line}`);
      }
      return message;
    });
  }

  /** Sends a request and returns the body that answers it; fails unless exactly one message was sent, and that is it. */
  async ask(body: Body, src = "c1"): Promise<Body> {
    const msgId = ++this.#msgId;
    this.give({ ...body, msg_id: msgId }, src);
    await microtasks();
    const sent = this.take();
    const [reply] = sent;
    const answers = reply?.src === "n1" && reply.dest === src && reply.body.in_reply_to === msgId;
    if (sent.length !== 1 || !answers) {
      throw new Error(`asked ${JSON.stringify(body)}, and it sent ${JSON.stringify(sent)}`);
    }
    return reply.body;
  }
}

/** Runs all pending microtasks. */
export async function microtasks(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}
