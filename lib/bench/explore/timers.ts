/** The time of an explored cluster, and the timers of its nodes. Tested by `tests/bench/explore/world_test.ts`. */

import type { Cancel } from "../../runtime/host.ts";
import { BenchError } from "../errors.ts";
import { least, type Timer } from "./pending.ts";

/** The time and the timers of one execution. */
export class ExploredTimers {
  readonly #timers = new Map<string, Timer>();
  #nowMs = 0;

  /** The current time, in ms. */
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

  /** Starts a timer of a node. Returns the function that cancels it. */
  start({ delayMs, ...parts }: Omit<Timer, "atMs"> & { readonly delayMs: number }): Cancel {
    const timer = { ...parts, atMs: this.#nowMs + Math.max(0, delayMs) };
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

  /** Returns the time until a timer is due, in ms; negative if the timer is late. */
  leftMs({ atMs }: Timer): number {
    return atMs - this.#nowMs;
  }

  /** Removes a timer that fires now. Time passes to its deadline. Returns the timer, and true if time passed. */
  take(name: string): { readonly timer: Timer; readonly advancesTime: boolean } {
    const timer = this.#timers.get(name);
    if (timer === undefined) throw new BenchError(`unknown timer ${name}`);
    this.#timers.delete(name);
    const advancesTime = timer.atMs > this.#nowMs;
    this.pass(timer.atMs);
    return { timer, advancesTime };
  }

  /** Lets time pass up to a moment. */
  pass(toMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, toMs);
  }
}
