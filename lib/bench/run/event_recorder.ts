/**
 * Records the events of a run, with their index and time.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import type { Event } from "../../checkers/history.ts";
import type { Clock } from "../../runtime/host.ts";
import type { Key, Workload } from "../workloads/workload.ts";

/** The content of an event, without its index and time. */
export type EventFields = Pick<Event, "process" | "type" | "f" | "value"> & {
  readonly final?: boolean | undefined;
  readonly extra?: unknown;
  readonly error?: unknown;
};

/** An event before its completion. */
type Draft = { -readonly [K in keyof Event]: Event[K] };

/** The parts of a run that the recorder needs. */
export interface RecorderParts {
  readonly clock: Clock;
  readonly workload: Workload;
  /** Receives each event. */
  readonly record: (event: Event) => void;
}

/** The recorder of one run. */
export class EventRecorder {
  readonly #clock: Clock;
  readonly #workload: Workload;
  readonly #sink: (event: Event) => void;
  readonly #keys = new Set<Key>();
  #index = 0;
  #startedAt = 0;

  constructor({ clock, workload, record }: RecorderParts) {
    this.#clock = clock;
    this.#workload = workload;
    this.#sink = record;
  }

  /** Starts the time of the history. */
  start(): void {
    this.#startedAt = this.#clock.now();
  }

  /** The time since the start, in ms. */
  get timeMs(): number {
    return this.#clock.now() - this.#startedAt;
  }

  /** The keys of the recorded operations, for the convergence check. */
  get keys(): ReadonlySet<Key> {
    return this.#keys;
  }

  /** Records an event and returns it. */
  record({ process, type, f, value, final, extra, error }: EventFields): Event {
    const time = Math.round(this.timeMs * 1e6);
    const event: Draft = { index: this.#index++, time, process, type, f, value };
    if (final !== undefined) event.final = final;
    if (extra !== undefined) event["extra"] = extra;
    if (error !== undefined) event.error = error;
    this.#sink(event);
    if (type === "invoke") {
      for (const key of this.#workload.convergence?.keys(event) ?? []) this.#keys.add(key);
    }
    return event;
  }
}
