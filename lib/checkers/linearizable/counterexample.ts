/**
 * The evidence for the verdict on a register: small enough to read, and enough to see why no order exists.
 *
 * Tested by `tests/checkers/linearizable_test.ts`.
 */

import { valueAt } from "../columns.ts";
import type { Event } from "../history.ts";
import { compareValues, valueText } from "../value_key.ts";
import type { RegisterOperation } from "./register.ts";
import type { Schedule } from "./schedule.ts";
import type { SearchResult } from "./search.ts";

/** An operation on a register with the events that recorded it. */
export interface RecordedOperation extends RegisterOperation {
  readonly invoke: Event;
  readonly completion: Event | null;
}

/** The longest prefix of a history that some order explains. */
export interface LinearizedPrefix<Operation> {
  /** The number of operations in the prefix. */
  readonly count: number;
  /** The last of them, in an order that explains the prefix. */
  readonly last: readonly Operation[];
}

/** The state of a register when an operation returned that no order explains. */
export interface RegisterState {
  /** The last successful operation that completed before it, as in Knossos. */
  readonly previousOk: Event | null;
  /** The last operation of the linearized prefix, as in Knossos. */
  readonly lastOp: Event | null;
  /** Some of the values that the register may have had. */
  readonly possibleValues: readonly unknown[];
  /** The number of operations that were pending. */
  readonly pendingCount: number;
  /** The invocations of the last of them. */
  readonly pending: readonly Event[];
}

/** The evidence for the verdict on a register. */
export type RegisterEvidence =
  /** Some order explains all operations. */
  | { readonly kind: "order"; readonly operationCount: number }
  /** No order explains the operation `op`. The state and the prefix are `null` if no search was needed to prove it. */
  | {
    readonly kind: "contradiction";
    readonly op: Event | null;
    readonly because: string;
    readonly state: RegisterState | null;
    readonly prefix: LinearizedPrefix<Event | null> | null;
  }
  /** A limit ended the search. */
  | {
    readonly kind: "limit";
    readonly error: string;
    readonly prefix: LinearizedPrefix<Event | null> | null;
  };

const SHOWN_MAX = 10;

/** A search for an order of the operations of a register, and its result. */
export interface RegisterSearch {
  readonly operations: readonly RecordedOperation[];
  readonly plan: Schedule;
  readonly outcome: SearchResult;
  /** The value that each number represents. */
  readonly values: readonly unknown[];
  /** The successful completions on the register. */
  readonly oks: readonly { readonly position: number; readonly event: Event }[];
}

/** Returns the longest prefix that a search could explain. */
export function linearizedPrefix({ operations, outcome }: RegisterSearch): LinearizedPrefix<Event | null> {
  return {
    count: outcome.placed,
    last: outcome.tail.slice(-SHOWN_MAX).map((index) => eventOf(operations[index])),
  };
}

/** Returns the evidence of a search that proved that no order exists. */
export function registerContradiction(found: RegisterSearch): RegisterEvidence {
  const { operations, plan, outcome, values, oks } = found;
  const prefix = linearizedPrefix(found);
  const failed = operations[valueAt(plan.returning, outcome.satisfied)];
  if (failed === undefined) {
    throw new RangeError("the search ended at an operation that is not in the history");
  }
  const possible = outcome.states.map((state) => values[state]).sort(compareValues);
  const at = failed.returned ?? Infinity;
  const pending = operations
    .filter((other) =>
      other !== failed && other.called < at && (other.returned === null || other.returned > at)
    )
    .map((other) => other.invoke);
  return {
    kind: "contradiction",
    op: eventOf(failed),
    because: because(failed, possible, values),
    state: {
      previousOk: oks.filter(({ position }) => position < at).reduce(later, null)?.event ?? null,
      lastOp: prefix.last.at(-1) ?? null,
      possibleValues: possible.slice(0, SHOWN_MAX),
      pendingCount: pending.length,
      pending: pending.slice(-SHOWN_MAX),
    },
    prefix,
  };
}

type Ok = { readonly position: number; readonly event: Event };

function later(latest: Ok | null, ok: Ok): Ok {
  return latest === null || ok.position > latest.position ? ok : latest;
}

function because(
  { action, invoke }: RecordedOperation,
  possible: readonly unknown[],
  values: readonly unknown[],
): string {
  const wanted = valueText(values[action.kind === "cas" ? action.from : action.value]);
  const held = possible.slice(0, SHOWN_MAX).map(valueText).join(" or ");
  const did = action.kind === "cas"
    ? `changed the register from ${wanted} to ${valueText(values[action.to])}`
    : action.kind === "read"
    ? `read ${wanted}`
    : `wrote ${wanted}`;
  return `process ${invoke.process} ${did}, but in every order that explains the operations that returned before, ` +
    `with any of the pending ones, the register then held ${held}, never ${wanted}`;
}

function eventOf(operation: RecordedOperation | undefined): Event | null {
  return operation === undefined ? null : operation.completion ?? operation.invoke;
}
