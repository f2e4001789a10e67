/** Converts a history to columns of its operations. Tested by `tests/bench/report/columns_test.ts`. */

import type { History } from "../../../checkers/history.ts";
import { type Operation, pairOperations } from "../../../checkers/operations.ts";
import { type OperationColumns, OUTCOMES } from "./report_data.ts";
import { shortJson } from "../html/text.ts";

/** Maximum number of operations in a report. */
export const OPERATIONS_MAX = 120_000;
/** Maximum number of characters of all values together. The values share it evenly, within the bounds below. */
const VALUES_LENGTH_MAX = 12_000_000;
const VALUE_LENGTH = { min: 60, max: 400 } as const;

/** The operations, and the mapping from the history's events to them. */
export interface Operations {
  readonly columns: OperationColumns;
  /** The row of an event's operation, by the event's index. */
  readonly rowOf: ReadonlyMap<number, number>;
}

/**
 * Returns the columns. Of more than {@linkcode OPERATIONS_MAX} operations, keeps those that did not succeed and those
 * in `evidence` (event indexes). Keeps every n-th of the others.
 */
export function operationColumns(
  history: History,
  { threads, evidence }: { readonly threads: number | undefined; readonly evidence: ReadonlySet<number> },
): Operations {
  const all = pairOperations(history);
  const kept = thin(all, evidence);
  const valueMax = Math.max(
    VALUE_LENGTH.min,
    Math.min(VALUE_LENGTH.max, Math.floor(VALUES_LENGTH_MAX / Math.max(1, kept.length))),
  );
  const laneOf = threads === undefined ? freeLanes(all) : (process: number) => process % threads;
  const names: string[] = [];
  const numbers = new Map<string, number>();
  const rowOf = new Map<number, number>();
  const columns = {
    f: new Array<number>(),
    lane: new Array<number>(),
    process: new Array<number>(),
    begin: new Array<number>(),
    end: new Array<number>(),
    outcome: new Array<number>(),
    asked: new Array<string>(),
    got: new Array<string>(),
    error: new Array<string>(),
    invokeIndex: new Array<number>(),
    completeIndex: new Array<number>(),
  };
  let lanes = 0;
  let shortened = 0;
  /** Returns a value as text; an empty text if it equals `other`. */
  const shown = (value: unknown, other?: string) => {
    const { text, omitted } = shortJson(value, valueMax);
    if (text === other) return "";
    if (omitted > 0) shortened++;
    return text;
  };
  for (const [row, { invoke, completion }] of kept.entries()) {
    const process = Number(invoke.process);
    const lane = laneOf(process);
    lanes = Math.max(lanes, lane + 1);
    let number = numbers.get(invoke.f);
    if (number === undefined) numbers.set(invoke.f, number = names.push(invoke.f) - 1);
    const asked = shown(invoke.value);
    const got = completion === null ? "" : shown(completion.value, asked);
    columns.f.push(number);
    columns.lane.push(lane);
    columns.process.push(process);
    columns.begin.push(microseconds(invoke.time));
    columns.end.push(completion === null ? -1 : microseconds(completion.time));
    columns.outcome.push(OUTCOMES.indexOf(outcomeOf(completion?.type)));
    columns.asked.push(asked);
    columns.got.push(got);
    columns.error.push(shown(completion?.error));
    columns.invokeIndex.push(invoke.index);
    columns.completeIndex.push(completion?.index ?? -1);
    rowOf.set(invoke.index, row);
    if (completion !== null) rowOf.set(completion.index, row);
  }
  return {
    columns: { names, lanes, ...columns, leftOut: all.length - kept.length, valueMax, shortened },
    rowOf,
  };
}

/** Returns nanoseconds as whole microseconds. */
export function microseconds(ns: number): number {
  return Math.round(ns / 1000);
}

function outcomeOf(type: string | undefined): typeof OUTCOMES[number] {
  return type === "ok" || type === "fail" || type === "info" ? type : "pending";
}

function thin(all: readonly Operation[], evidence: ReadonlySet<number>): readonly Operation[] {
  if (all.length <= OPERATIONS_MAX) return all;
  const step = Math.ceil(all.length / OPERATIONS_MAX) * 2;
  let room = OPERATIONS_MAX / 2; // evidence and unsuccessful operations are kept while they fit
  return all.filter(({ invoke, completion }, i) => {
    if (evidence.has(invoke.index) || (completion !== null && evidence.has(completion.index))) return true;
    if (completion?.type !== "ok" && room > 0) return room-- > 0;
    return i % step === 0;
  });
}

/** Assigns lanes to processes of unknown threads: each takes the first free lane. */
function freeLanes(all: readonly Operation[]): (one: number) => number {
  const last = new Map<number, number>();
  for (const { invoke, completion } of all) {
    last.set(Number(invoke.process), completion?.index ?? Infinity);
  }
  const lanes = new Map<number, number>();
  const freeFrom: number[] = [];
  for (const { invoke } of all) {
    const process = Number(invoke.process);
    if (lanes.has(process)) continue;
    const free = freeFrom.findIndex((index) => index < invoke.index);
    const lane = free < 0 ? freeFrom.length : free;
    lanes.set(process, lane);
    freeFrom[lane] = last.get(process) ?? Infinity;
  }
  return (process) => lanes.get(process) ?? 0;
}
