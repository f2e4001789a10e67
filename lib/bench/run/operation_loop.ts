/**
 * The loop of a run: takes operations from a generator and starts them on free threads, at their time.
 *
 * The loop uses callbacks and not promises, so that no operation depends on the order of microtasks.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import type { Clock } from "../../runtime/host.ts";
import type { SeededRandom } from "../../sim/random.ts";
import type { Generator, ThreadOperation } from "../workloads/operations.ts";
import type { ClientThreads } from "./client_threads.ts";
import type { EventRecorder } from "./event_recorder.ts";
import type { RunSignals } from "./run_signals.ts";

/** Delay before the next request to a generator that had no operation for any thread, in ms. */
const PENDING_MS = 1;
/** Maximum lateness of an operation without delaying later ones, in ms. */
const LATENESS_MS_MAX = 5;

/** The parts of a run that the loop needs. */
export interface LoopParts {
  readonly clock: Clock;
  readonly threads: ClientThreads;
  readonly recorder: EventRecorder;
  readonly signals: RunSignals;
}

/** The pace of a phase. The delay between two operations is uniform in 0…2/rate seconds. */
export interface Pace {
  /** Operations per second; infinite for no delay. */
  readonly rate: number;
  readonly timeLimitMs: number;
}

/** The pace without delays, until the generator ends. */
export const UNPACED: Pace = { rate: Infinity, timeLimitMs: Infinity };

/** The operations of one phase. */
export interface PhaseOptions {
  readonly generator: Generator;
  readonly random: SeededRandom;
  readonly pace: Pace;
}

/** Runs one phase: ends when the generator or the time has ended and all operations are complete. */
export class OperationLoop {
  readonly #parts: LoopParts;
  readonly #generator: Generator;
  readonly #random: SeededRandom;
  readonly #endsAt: number;
  /** The maximum delay between two operations, in ms. */
  readonly #gapMs: number;
  readonly #done = Promise.withResolvers<void>();
  /** The time of the next operation. */
  #nextAt: number;
  /** True if no further operation starts. */
  #hasEnded = false;
  /** True if a timer will call the loop. */
  #isWaiting = false;

  constructor(parts: LoopParts, { generator, random, pace: { rate, timeLimitMs } }: PhaseOptions) {
    const now = parts.clock.now();
    this.#parts = parts;
    this.#generator = generator;
    this.#random = random;
    this.#endsAt = now + timeLimitMs;
    this.#gapMs = 2000 / rate;
    this.#nextAt = rate > 0 ? now : Infinity;
    if (timeLimitMs !== Infinity) parts.clock.after(timeLimitMs, () => this.#endTime());
  }

  /** Runs the phase. */
  run(): Promise<void> {
    this.#startDue();
    return this.#done.promise;
  }

  /** Ends the phase now. */
  stop(): void {
    this.#parts.signals.settled();
    this.#done.resolve();
  }

  /** The loop: starts every operation that is due. It continues after a timer, or when an operation completes. */
  #startDue(): void {
    for (let operation = this.#next(); operation !== undefined; operation = this.#next()) {
      this.#parts.threads.run(operation, (event, thread) => {
        this.#generator.update?.(event, thread);
        if (event.type !== "invoke") this.#startDue();
      });
    }
    this.#endIfComplete();
  }

  /** Returns the next operation if it is due; otherwise undefined, and a timer continues the loop if one is needed. */
  #next(): ThreadOperation | undefined {
    const { clock, threads, recorder, signals } = this.#parts;
    if (this.#hasEnded || signals.isStopped || threads.free.length === 0) return undefined;
    const now = clock.now();
    if (now >= this.#endsAt) return undefined;
    if (this.#nextAt > now) return this.#wakeIn(this.#nextAt - now);
    const operation = this.#generator.next({
      timeMs: recorder.timeMs,
      free: threads.free.slice(),
      processOf: (thread) => threads.processOf(thread),
      random: this.#random,
      pick: (free) => threads.choose(free, this.#random),
    });
    if (operation === undefined) {
      this.#hasEnded = true;
      return undefined;
    }
    if (operation === "pending") return this.#wakeIn(PENDING_MS);
    if ("waitMs" in operation) return this.#wakeIn(operation.waitMs);
    // Counts from the due time, so that a late timer does not reduce the rate. Operations that are late because all
    // threads were busy are not made up for.
    this.#nextAt = Math.max(this.#nextAt, now - LATENESS_MS_MAX) + this.#random.uniform(0, this.#gapMs);
    return operation;
  }

  #wakeIn(delayMs: number): undefined {
    if (this.#isWaiting || delayMs === Infinity) return;
    this.#isWaiting = true;
    this.#parts.clock.after(delayMs, () => {
      this.#isWaiting = false;
      this.#startDue();
    });
  }

  #endTime(): void {
    this.#hasEnded = true;
    this.#endIfComplete();
  }

  #endIfComplete(): void {
    const { threads, signals } = this.#parts;
    if (signals.isStopped || (this.#hasEnded && threads.areIdle)) this.stop();
  }
}
