/**
 * Scripts of histories: groups of operations, each group concurrent, one group after the other.
 *
 * Tested by `tests/bench/generate/generate_test.ts`.
 */

import type { Event, EventType, History } from "../../checkers/history.ts";

/** An operation with its outcome. */
export interface ScriptedOperation {
  readonly f: string;
  /** The value of the invocation. */
  readonly value: unknown;
  /** The value of the completion; that of the invocation by default. */
  readonly result?: unknown;
  /** The type of the completion; `ok` by default. */
  readonly type?: Exclude<EventType, "invoke">;
  /** A name that operations of one process share. Without it, the operation has a process of its own. */
  readonly session?: string;
  /** True for a read after the recovery. */
  readonly final?: boolean;
}

/** Groups of concurrent operations. */
export type Script = readonly (readonly ScriptedOperation[])[];

const NS_PER_EVENT = 1_000_000;

/** Returns the history of scripts that follow each other. */
export function historyOf(scripts: readonly Script[]): History {
  const events: Event[] = [];
  const sessions = new Map<string, number>();
  let nextProcess = 0;
  const record = (process: number, type: EventType, operation: ScriptedOperation, value: unknown) => {
    const index = events.length;
    const { f, final } = operation;
    const event = { index, time: index * NS_PER_EVENT, process, type, f, value };
    events.push(final === undefined ? event : { ...event, final });
  };
  for (const [i, script] of scripts.entries()) {
    for (const group of script) {
      const processes = group.map(({ session }) => {
        if (session === undefined) return nextProcess++;
        const name = `${i} ${session}`;
        const known = sessions.get(name) ?? nextProcess++;
        sessions.set(name, known);
        return known;
      });
      for (const [j, operation] of group.entries()) {
        record(processes[j] ?? 0, "invoke", operation, operation.value);
      }
      for (const [j, operation] of group.entries()) {
        const { type = "ok", value, result = value } = operation;
        record(processes[j] ?? 0, type, operation, type === "ok" ? result : value);
      }
    }
  }
  return events;
}
