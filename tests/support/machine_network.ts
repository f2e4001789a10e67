/**
 * A deterministic network of pure machines, in virtual time: it delays, drops, duplicates and blocks messages, and
 * counts the incarnations of nodes. Tests of one kind of machine state how a machine takes a turn.
 */

import { EventQueue } from "../../lib/sim/event_queue.ts";

/** Returns the delay of each copy of a message, in ms; no copy if the message is lost. */
export type Delays = (from: string, to: string) => readonly number[];

/** The network, the time and the nodes' incarnations. */
export class MachineNetwork<Message> {
  now = 0;
  /** The number of events that have run. */
  events = 0;
  delays: Delays;
  /** Returns true if a link drops what arrives on it. */
  isBlocked: (from: string, to: string) => boolean = () => false;
  readonly #receive: (to: string, from: string, message: Message) => void;
  readonly #queue = new EventQueue();
  readonly #incarnations = new Map<string, number>();
  readonly #running = new Set<string>();

  constructor({ delays, receive }: {
    readonly delays: Delays;
    /** Receives each message that arrives, even if its receiver is down. */
    readonly receive: (to: string, from: string, message: Message) => void;
  }) {
    this.delays = delays;
    this.#receive = receive;
  }

  /** Starts a node, and returns the number of its incarnation, from 1. */
  start(id: string): number {
    const incarnation = (this.#incarnations.get(id) ?? 0) + 1;
    this.#incarnations.set(id, incarnation);
    this.#running.add(id);
    return incarnation;
  }

  /** Crashes a node. Messages on their way to it and from it still arrive. */
  crash(id: string): void {
    this.#running.delete(id);
  }

  /** Returns true if a node runs, in this incarnation if one is given. */
  isRunning(id: string, incarnation = this.#incarnations.get(id)): boolean {
    return this.#running.has(id) && this.#incarnations.get(id) === incarnation;
  }

  /** Sends a message. */
  send(from: string, to: string, message: Message): void {
    for (const delayMs of this.delays(from, to)) {
      this.after(delayMs, () => {
        if (!this.isBlocked(from, to)) this.#receive(to, from, message);
      });
    }
  }

  /** Schedules an event. Events at one time run in the order of their scheduling. */
  after(delayMs: number, fire: () => void): void {
    this.at(this.now + delayMs, fire);
  }

  /** Schedules an event at a time. */
  at(timeMs: number, fire: () => void): void {
    this.#queue.push(timeMs, fire);
  }

  /** Runs all events up to a time. */
  run(untilMs: number): void {
    for (let next = this.#queue.peek(); next !== undefined && next.at <= untilMs; next = this.#queue.peek()) {
      this.#queue.pop();
      this.now = next.at;
      this.events++;
      next.fire?.();
    }
    this.now = untilMs;
  }
}
