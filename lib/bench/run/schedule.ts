/**
 * A run as a list of choices: the start of each operation, and the start and end of each fault.
 *
 * Tested by `tests/bench/sweep/shrink_test.ts`.
 */

import { type History, NEMESIS } from "../../checkers/history.ts";
import { isObject } from "../../protocol/schema.ts";
import type { ScheduledFault } from "../nemesis/nemesis.ts";
import type { Generator, Operation, ThreadOperation } from "../workloads/operations.ts";

/** An operation that a thread starts `atMs` after the start of the test, or as soon after that as the thread is free. */
export interface ScheduledOperation extends ThreadOperation {
  readonly atMs: number;
}

/** All choices of a run. */
export interface Schedule {
  readonly operations: readonly ScheduledOperation[];
  /** The operations after the recovery, in order per thread. */
  readonly finalOperations: readonly ThreadOperation[];
  readonly faults: readonly ScheduledFault[];
}

/** Returns the choices made in a run of `concurrency` threads whose main phase took `timeLimitMs`. */
export function recordSchedule(
  history: History,
  options: {
    readonly concurrency: number;
    readonly timeLimitMs: number;
    readonly faultSchedule: readonly ScheduledFault[];
  },
): Schedule {
  const { concurrency, timeLimitMs, faultSchedule } = options;
  const operations: ScheduledOperation[] = [];
  const finalOperations: ThreadOperation[] = [];
  for (const event of history) {
    if (event.type !== "invoke" || event.process === NEMESIS) continue;
    const { f, value, time, process, final, extra } = event;
    const operation: Operation = {
      f,
      value,
      ...(final === undefined ? {} : { final }),
      ...(isObject(extra) ? { extra } : {}),
    };
    const thread = process % concurrency;
    const atMs = time / 1e6;
    if (final === true || atMs >= timeLimitMs) finalOperations.push({ ...operation, thread });
    else operations.push({ ...operation, thread, atMs });
  }
  return { operations, finalOperations, faults: faultSchedule };
}

/** A generator that yields each operation of a schedule when its time has come and its thread is free. */
export function replayGenerator({ operations, finalOperations }: Schedule): Generator {
  return {
    ...timed(operations),
    final: () => {
      if (finalOperations.length === 0) return undefined;
      const { next } = timed(finalOperations.map((operation) => ({ ...operation, atMs: 0 })));
      let left = finalOperations.length;
      return {
        next: (context) => {
          if (left === 0) return undefined;
          const operation = next(context);
          if (operation !== undefined && typeof operation === "object" && "f" in operation) left--;
          return operation;
        },
      };
    },
  };
}

/** Never ends the phase early: the main phase lasts as long as in the recorded run. */
function timed(operations: readonly ScheduledOperation[]): Pick<Generator, "next"> {
  const left = [...operations];
  return {
    next: ({ timeMs, free }) => {
      for (const [i, { atMs, ...operation }] of left.entries()) {
        if (atMs > timeMs + EPSILON_MS) return { waitMs: atMs - timeMs };
        if (!free.includes(operation.thread)) continue;
        left.splice(i, 1);
        return operation;
      }
      return { waitMs: Infinity };
    },
  };
}

/** Rounds times to whole nanoseconds, as the history records them. */
const EPSILON_MS = 1e-6;
