/**
 * Builds a history from recorded events, and rejects sequences of events that cannot happen.
 *
 * Tested by `tests/checkers/check_history_test.ts`.
 */

import { type Event, type EventType, type History, NEMESIS } from "./history.ts";
import { isOperationOf, isTransactionOf, isWorkload, operationsOf, workloadsWith } from "./workloads.ts";

/**
 * An error in a recorded history. It has the number of the line, from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { HistoryError, parseHistory } from "@charybdis/charybdis/checkers";
 *
 * try {
 *   parseHistory("{}\n");
 * } catch (error) {
 *   if (error instanceof HistoryError) assertEquals(error.line, 1);
 * }
 * ```
 */
export class HistoryError extends Error {
  /** The name of the class. */
  override readonly name = "HistoryError";
  /** Creates an error at a line, and at a column if it is known. */
  constructor(readonly line: number, readonly reason: string, readonly column?: number) {
    super(`line ${line}${column === undefined ? "" : `, column ${column}`}: ${reason}`);
  }
}

/** The place of an event in its file. Lines and columns count from 1. */
export interface EventPlace {
  readonly line: number;
  readonly column?: number;
}

/** The options of a builder. */
export interface BuilderOptions {
  /** The workload that the history must belong to. The operations of an unknown workload are not checked. */
  readonly workload?: string | undefined;
  /** True if completions may lack an invocation, as in some histories of transactions. */
  readonly mayLackInvocations?: boolean;
}

/** Collects events in their order. */
export class HistoryBuilder {
  readonly #events: Event[] = [];
  readonly #pending = new Map<number, { readonly line: number; readonly f: string }>();
  readonly #options: BuilderOptions;

  constructor(options: BuilderOptions = {}) {
    this.#options = options;
  }

  /** The number of events so far. */
  get length(): number {
    return this.#events.length;
  }

  get history(): History {
    return this.#events;
  }

  /**
   * Adds the next event.
   *
   * @throws {HistoryError} for an invocation by a process with a pending operation, a completion without its
   * invocation, and an operation of another workload.
   */
  add(event: Event, place: EventPlace): void {
    // A completion has the name of its invocation, which was checked.
    if (!this.#completes(event, place)) this.#requireOperation(event, place);
    this.#events.push(event);
  }

  /** Returns true if the event completes a pending invocation. Rejects events that no process can cause. */
  #completes({ process, type, f }: Event, place: EventPlace): boolean {
    if (process === NEMESIS) return false;
    const busy = this.#pending.get(process);
    if (type === "invoke") {
      if (busy !== undefined) {
        refuse(
          place,
          `process ${process} invokes "${f}" while its "${busy.f}" of line ${busy.line} is still pending`,
        );
      }
      this.#pending.set(process, { line: place.line, f });
      return false;
    }
    if (busy === undefined) {
      if (this.#options.mayLackInvocations === true) return false;
      refuse(place, `process ${process} completes "${f}" (${type}), which it never invoked`);
    } else if (busy.f !== f) {
      refuse(place, `process ${process} completes "${f}", but it invoked "${busy.f}" (line ${busy.line})`);
    }
    this.#pending.delete(process);
    return true;
  }

  #requireOperation(event: Event, place: EventPlace): void {
    const { workload } = this.#options;
    if (workload === undefined || !isWorkload(workload) || event.process === NEMESIS) return;
    if (isOperationOf(workload, event.f) || isTransactionOf(workload, event.value)) return;
    const others = workloadsWith(event.f);
    const hint = others.length === 0 ? "which no workload has" : `which belongs to ${others.join(", ")}`;
    const has = operationsOf(workload).join(", ");
    refuse(
      place,
      `this is not a history of ${workload} (${has}): it contains the operation "${event.f}", ${hint}`,
    );
  }
}

function refuse(place: EventPlace, reason: string): never {
  throw new HistoryError(place.line, reason, place.column);
}

const TYPES: ReadonlySet<unknown> = new Set<EventType>(["invoke", "ok", "fail", "info"]);

/** Returns true if a value is the type of an event. */
export function isType(value: unknown): value is EventType {
  return TYPES.has(value);
}

/** Returns true if a value is the process of an event: the number of a client, or the nemesis. */
export function isProcess(value: unknown): value is Event["process"] {
  return value === NEMESIS || isCount(value);
}

/** Returns true if a value is a non-negative integer. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
