/** A register's counter-example: small enough to read, and enough to see why no order exists. */

import { valueAt } from "../columns.ts";
import type { Event } from "../history.ts";
import { compareValues, valueText } from "../value_key.ts";
import type { RegisterOperation } from "./register.ts";
import type { Schedule } from "./schedule.ts";
import type { SearchResult } from "./search.ts";

/** A register operation with the events that recorded it. */
export interface RecordedOperation extends RegisterOperation {
  readonly invoke: Event;
  readonly completion: Event | null;
}

const SHOWN_MAX = 10;

/**
 * What is known of where the search ended: `op`, the completion that no order satisfies, and `because` why; `configs`, the
 * values that the register could hold by then; `pending`, what had been invoked and not returned; `linearized`, the last
 * of the `linearized-count` operations of the longest linearizable prefix, in an order that satisfies it; `previous-ok`
 * and `last-op` as in Knossos.
 */
export function registerCounterexample(found: {
  readonly operations: readonly RecordedOperation[];
  readonly plan: Schedule;
  readonly outcome: SearchResult;
  /** The value that each number stands for. */
  readonly values: readonly unknown[];
  /** The register's ok events. */
  readonly oks: readonly { readonly position: number; readonly event: Event }[];
}): Record<string, unknown> {
  const { operations, plan, outcome, values, oks } = found;
  const linearized = outcome.tail.slice(-SHOWN_MAX).map((index) => eventOf(operations[index]));
  const prefix = { "linearized-count": outcome.placed, linearized };
  const failed = operations[valueAt(plan.returning, outcome.satisfied)];
  if (outcome.end !== "stuck" || failed === undefined) return prefix;
  const possible = outcome.states.map((state) => values[state]).sort(compareValues);
  const at = failed.returned ?? Infinity;
  const pending = operations
    .filter((other) =>
      other !== failed && other.called < at && (other.returned === null || other.returned > at)
    )
    .map((other) => other.invoke);
  return {
    op: eventOf(failed),
    because: because(failed, possible, values),
    "previous-ok": oks.filter(({ position }) => position < at).reduce(later, null)?.event ?? null,
    "last-op": linearized.at(-1) ?? null,
    configs: possible.slice(0, SHOWN_MAX).map((value) => ({ model: { value } })),
    "pending-count": pending.length,
    pending: pending.slice(-SHOWN_MAX),
    ...prefix,
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
  return `process ${invoke.process} ${did}, but in every order that satisfies the operations which returned before, ` +
    `with any of the pending ones, the register then held ${held}, never ${wanted}`;
}

function eventOf(operation: RecordedOperation | undefined): Event | null {
  return operation === undefined ? null : operation.completion ?? operation.invoke;
}
