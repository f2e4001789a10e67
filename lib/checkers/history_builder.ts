/** Puts a history together from recorded events, and refuses what cannot have happened. */

import { type Event, type EventType, type History, NEMESIS } from "./history.ts";
import { isOperationOf, operationsOf, type WorkloadName, workloadsWith } from "./workloads.ts";

/**
 * A history that cannot be read, with the number of the line (from 1) that shows it.
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
  /** Its class. */
  override readonly name = "HistoryError";
  /** A history that a line (and a column, if it is known) shows to be none, for `reason`. */
  constructor(readonly line: number, readonly reason: string, readonly column?: number) {
    super(`line ${line}${column === undefined ? "" : `, column ${column}`}: ${reason}`);
  }
}

/** The place of an event in its file; both count from 1. */
export interface EventPlace {
  readonly line: number;
  readonly column?: number;
}

/** What is accepted of a history. */
export interface BuilderOptions {
  /** Refuses operations of other workloads. */
  readonly workload?: WorkloadName | undefined;
  /** Accepts completions without invocation, which histories of transactions may leave out. */
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
   * @throws {HistoryError} for an invocation by a process that is still busy, a completion without its invocation, and an
   * operation of another workload.
   */
  add(event: Event, place: EventPlace): void {
    this.#requireOrder(event, place);
    this.#requireOperation(event, place);
    this.#events.push(event);
  }

  #requireOrder({ process, type, f }: Event, place: EventPlace): void {
    if (process === NEMESIS) return;
    const busy = this.#pending.get(process);
    if (type === "invoke") {
      if (busy !== undefined) {
        refuse(
          place,
          `process ${process} invokes "${f}" while its "${busy.f}" of line ${busy.line} is still pending`,
        );
      }
      this.#pending.set(process, { line: place.line, f });
      return;
    }
    if (busy === undefined) {
      if (this.#options.mayLackInvocations === true) return;
      refuse(place, `process ${process} completes "${f}" (${type}), which it never invoked`);
    } else if (busy.f !== f) {
      const invoked = `what it invoked (line ${busy.line}) was "${busy.f}"`;
      refuse(place, `process ${process} completes "${f}", but ${invoked}`);
    }
    this.#pending.delete(process);
  }

  #requireOperation(event: Event, place: EventPlace): void {
    const { workload } = this.#options;
    if (workload === undefined || event.process === NEMESIS || isOperationOf(workload, event.f)) return;
    const others = workloadsWith(event.f);
    const hint = others.length === 0 ? "which no workload has" : `which is one of ${others.join(", ")}`;
    const has = operationsOf(workload).join(", ");
    refuse(
      place,
      `this history is not of ${workload} (${has}): it has the operation "${event.f}", ${hint}`,
    );
  }
}

function refuse(place: EventPlace, reason: string): never {
  throw new HistoryError(place.line, reason, place.column);
}

const TYPES: ReadonlySet<unknown> = new Set<EventType>(["invoke", "ok", "fail", "info"]);

/** Returns true for the type of an event. */
export function isType(value: unknown): value is EventType {
  return TYPES.has(value);
}

/** Returns true for a process of an event: a client's number, or the nemesis. */
export function isProcess(value: unknown): value is Event["process"] {
  return value === NEMESIS || isCount(value);
}

/** Returns true for a whole number from 0. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
