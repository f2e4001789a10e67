/** The messages and timers of an explored cluster. Tested by `tests/bench/explore/world_test.ts`. */

import type { Envelope } from "../../sim/envelope.ts";

/** A message on its way. */
export interface Flight {
  readonly name: string;
  readonly id: number;
  readonly message: Envelope;
  /** The order and, outside the exploration, the time of its arrival. */
  readonly dueMs: number;
  copies: number;
}

/** A timer that has not fired. */
export interface Timer {
  readonly name: string;
  readonly node: string;
  readonly atMs: number;
  readonly fire: () => void;
}

/** The message or timer that comes next in the order of time. */
export interface NextEvent {
  readonly kind: "message" | "timer";
  readonly name: string;
  readonly atMs: number;
  /** The node or service at which it happens. */
  readonly process: string;
}

/** Returns the message or timer that comes next in the order of time; undefined if there is none. */
export function earliest(flights: Iterable<Flight>, timers: Iterable<Timer>): NextEvent | undefined {
  const flight = least([...flights], ({ dueMs }) => dueMs);
  const timer = least([...timers], ({ atMs }) => atMs);
  if (flight !== undefined && flight.dueMs <= (timer?.atMs ?? Infinity)) {
    return { kind: "message", name: flight.name, atMs: flight.dueMs, process: flight.message.dest };
  }
  return timer && { kind: "timer", name: timer.name, atMs: timer.atMs, process: timer.node };
}

/** Returns the first of the values with the least figure. */
export function least<T>(values: readonly T[], figure: (value: T) => number): T | undefined {
  let found: T | undefined;
  for (const value of values) if (found === undefined || figure(value) < figure(found)) found = value;
  return found;
}
