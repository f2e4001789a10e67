/**
 * The time of an explored cluster, and the timers of its nodes.
 *
 * Each node has its own clock, whose rate may change within the bound `1 ± drift`. Clocks are lazy: true time is the least at which all
 * timers so far can have fired. A clock shows the least that it can when its node reads it. A reading binds the clock from then on.
 *
 * Tested by `tests/bench/explore/timers_test.ts`.
 */

import type { Cancel } from "../../runtime/host.ts";
import { BenchError } from "../errors.ts";
import { least, type Timer } from "./pending.ts";

/** A moment of true time at which a node's clock is known. */
interface Reading {
  readonly ownMs: number;
  readonly trueMs: number;
}

/** The settings of the time. */
interface TimerOptions {
  readonly nodes: readonly string[];
  /** The maximum error of a clock's rate: 0.05 for 5 %. If it is 0, all clocks are equal. */
  readonly drift: number;
}

/** The time and the timers of one execution. */
export class ExploredTimers {
  readonly #timers = new Map<string, Timer>();
  readonly #drift: number;
  /** The last reading of each node's clock; empty without drift. */
  readonly #readings: Map<string, Reading>;
  #nowMs = 0;

  constructor({ nodes, drift }: TimerOptions) {
    this.#drift = drift;
    this.#readings = new Map(drift === 0 ? [] : nodes.map((node) => [node, { ownMs: 0, trueMs: 0 }]));
  }

  /** The true time, in ms. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** The number of timers that have not fired. */
  get count(): number {
    return this.#timers.size;
  }

  /** The timers that have not fired. */
  get all(): Iterable<Timer> {
    return this.#timers.values();
  }

  /** The timers that have not fired, with the true time at which each is due if its clock runs at rate 1 from now on. */
  get due(): Iterable<Timer> {
    if (this.#drift === 0) return this.all;
    return [...this.all].map((timer) => ({
      ...timer,
      atMs: this.#nowMs + timer.atMs - this.#leastOf(timer.node),
    }));
  }

  /** Reads the clock of a node. */
  read(node: string): number {
    const ownMs = this.#leastOf(node);
    if (this.#readings.has(node)) this.#readings.set(node, { ownMs, trueMs: this.#nowMs });
    return ownMs;
  }

  /** Starts a timer of a node. Returns the function that cancels it. */
  start({ delayMs, ...parts }: Omit<Timer, "atMs"> & { readonly delayMs: number }): Cancel {
    const timer = { ...parts, atMs: this.read(parts.node) + Math.max(0, delayMs) };
    this.#timers.set(timer.name, timer);
    return () => {
      if (this.#timers.get(timer.name) === timer) this.#timers.delete(timer.name);
    };
  }

  /** Returns the timer of this name, if there is one. */
  get(name: string): Timer | undefined {
    return this.#timers.get(name);
  }

  /** Returns the next timer of a node. */
  nextOf(node: string): Timer | undefined {
    return least([...this.#timers.values()].filter((timer) => timer.node === node), ({ atMs }) => atMs);
  }

  /** Returns the time until a timer is due, in ms, on the clock of its node; negative if the timer is late. */
  leftText({ node, atMs }: Timer): string {
    const leftMs = atMs - this.#leastOf(node);
    return this.#drift === 0 ? String(leftMs) : `${atMs - this.#mostOf(node)}…${leftMs}`;
  }

  /** Removes a timer that fires now. Time passes to its deadline. Returns the timer, and true if true time passed. */
  take(name: string): { readonly timer: Timer; readonly advancesTime: boolean } {
    const timer = this.#timers.get(name);
    if (timer === undefined) throw new BenchError(`unknown timer ${name}`);
    this.#timers.delete(name);
    const { node, atMs } = timer;
    const beforeMs = this.#nowMs;
    const reading = this.#readings.get(node);
    if (reading === undefined) this.#nowMs = Math.max(beforeMs, atMs);
    else if (atMs > this.#leastOf(node)) {
      // A clock may have run fast since its last reading, so that its deadline is over although no true time passes now.
      const trueMs = reading.trueMs + (atMs - reading.ownMs) / (1 + this.#drift);
      this.#nowMs = Math.max(beforeMs, trueMs);
      this.#readings.set(node, { ownMs: atMs, trueMs: this.#nowMs });
    }
    return { timer, advancesTime: this.#nowMs > beforeMs };
  }

  /** Lets true time pass up to a moment. All clocks run at rate 1. */
  pass(toMs: number): void {
    const trueMs = Math.max(this.#nowMs, toMs);
    for (const node of this.#readings.keys()) {
      this.#readings.set(node, { ownMs: this.#leastOf(node) + trueMs - this.#nowMs, trueMs });
    }
    this.#nowMs = trueMs;
  }

  #leastOf(node: string): number {
    return this.#clockOf(node, 1 - this.#drift);
  }

  #mostOf(node: string): number {
    return this.#clockOf(node, 1 + this.#drift);
  }

  /** Returns what a node's clock shows if it has run at a rate since its last reading. */
  #clockOf(node: string, rate: number): number {
    const reading = this.#readings.get(node);
    return reading === undefined ? this.#nowMs : reading.ownMs + (this.#nowMs - reading.trueMs) * rate;
  }
}
