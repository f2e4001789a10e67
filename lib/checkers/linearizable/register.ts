/**
 * The search model of a register with read, write and compare-and-set.
 *
 * Tested by `tests/checkers/linearizable_test.ts`.
 */

import { valueAt } from "../columns.ts";
import type { SearchModel } from "./search.ts";
import type { Interval } from "./schedule.ts";

/** The effect of an operation on a register. Numbers represent the values. */
export type RegisterAction =
  | { readonly kind: "read"; readonly value: number }
  | { readonly kind: "write"; readonly value: number }
  | { readonly kind: "cas"; readonly from: number; readonly to: number };

/**
 * An action and its interval. `returned: null` means that it may have happened at any time after its call, or never.
 */
export interface RegisterOperation extends Interval {
  readonly action: RegisterAction;
}

const READ = 0;
const WRITE = 1;
const CAS = 2;

/**
 * Returns the operations that can affect the verdict.
 *
 * Optional reads cannot. Neither can an optional write or cas whose value no operation that is pending or invoked later
 * needs, because an order with it remains an order without it.
 */
export function relevantOperations<O extends RegisterOperation>(operations: readonly O[]): O[] {
  let kept = operations.filter(({ action, returned }) => returned !== null || action.kind !== "read");
  for (;;) {
    const lastAsked = new Map<number, number>(); // value → the last return of an operation that needs it
    for (const { action, returned } of kept) {
      const value = action.kind === "read" ? action.value : action.kind === "cas" ? action.from : null;
      if (value === null) continue;
      lastAsked.set(value, Math.max(lastAsked.get(value) ?? -Infinity, returned ?? Infinity));
    }
    const wanted = ({ action, called, returned }: O): boolean => {
      if (returned !== null || action.kind === "read") return true;
      const value = action.kind === "cas" ? action.to : action.value;
      return called < (lastAsked.get(value) ?? -Infinity);
    };
    const next = kept.filter(wanted);
    if (next.length === kept.length) return kept;
    kept = next;
  }
}

/**
 * Returns the first operation to return that needs a value which no operation invoked before its return could have
 * written; `null` if there is none.
 *
 * Such an operation proves that no order exists, however long the search for one would take.
 */
export function unwrittenValue<O extends RegisterOperation>(
  operations: readonly O[],
  initial: number,
): O | null {
  const firstWritten = new Map<number, number>([[initial, -Infinity]]);
  for (const { action, called } of operations) {
    if (action.kind === "read") continue;
    const value = action.kind === "cas" ? action.to : action.value;
    firstWritten.set(value, Math.min(firstWritten.get(value) ?? Infinity, called));
  }
  let first: O | null = null;
  for (const operation of operations) {
    const { action, returned } = operation;
    if (returned === null || action.kind === "write") continue;
    const value = action.kind === "cas" ? action.from : action.value;
    if ((firstWritten.get(value) ?? Infinity) < returned) continue;
    if (first === null || returned < (first.returned ?? Infinity)) first = operation;
  }
  return first;
}

/** Returns the search model of a register with an initial value. */
export function registerSearchModel(operations: readonly RegisterOperation[], initial: number): SearchModel {
  const kind = new Uint8Array(operations.length);
  const first = new Int32Array(operations.length);
  const second = new Int32Array(operations.length);
  const classes = new Map<string, number[]>();
  operations.forEach(({ action, returned }, operation) => {
    if (action.kind === "cas") {
      kind[operation] = CAS;
      first[operation] = action.from;
      second[operation] = action.to;
    } else {
      kind[operation] = action.kind === "read" ? READ : WRITE;
      first[operation] = second[operation] = action.value;
    }
    if (returned !== null) return;
    const name = `${kind[operation]} ${first[operation]} ${second[operation]}`;
    const members = classes.get(name);
    if (members === undefined) classes.set(name, [operation]);
    else members.push(operation);
  });
  const optional = [...classes.values()];
  for (const members of optional) {
    members.sort((a, b) => (operations[a]?.called ?? 0) - (operations[b]?.called ?? 0));
  }
  const byTarget = new Map<number, number[]>(); // value → the classes that set the register to it
  const casFrom = new Map<number, number[]>(); // value → the classes of cas that expect it
  optional.forEach(([member = 0], index) => {
    append(byTarget, valueAt(second, member), index);
    if (kind[member] === CAS) append(casFrom, valueAt(first, member), index);
  });

  return {
    initial,
    optional,
    step(state, operation) {
      const k = kind[operation];
      if (k === WRITE) return valueAt(first, operation);
      if (state !== first[operation]) return -1;
      return k === READ ? state : valueAt(second, operation);
    },
    overwrites: (operation) => kind[operation] === WRITE,
    /**
     * An optional change is useless unless the next operation needs its value. So the candidates are those that lead to
     * a value which an unplaced operation needs, if necessary through further optional cas.
     */
    candidates(unplaced, available) {
      const needed: number[] = [];
      const seen = new Set<number>();
      const need = (value: number): void => {
        if (!byTarget.has(value) || seen.has(value)) return;
        seen.add(value);
        needed.push(value);
      };
      for (const operation of unplaced) if (kind[operation] !== WRITE) need(valueAt(first, operation));
      const overwriting: number[] = [];
      for (let value = needed.pop(); value !== undefined; value = needed.pop()) {
        for (const index of byTarget.get(value) ?? []) {
          if (!available(index)) continue;
          const member = optional[index]?.[0] ?? 0;
          if (kind[member] === WRITE) overwriting.push(index);
          else need(valueAt(first, member));
        }
      }
      const leads = (index: number): boolean =>
        seen.has(second[optional[index]?.[0] ?? 0] ?? 0) && available(index);
      return { overwriting, from: (state) => casFrom.get(state)?.filter(leads) ?? [] };
    },
  };
}

function append(map: Map<number, number[]>, key: number, item: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

/** Returns true if an operation never changes a register. */
export function isReadOnly({ action }: RegisterOperation): boolean {
  return action.kind === "read" || (action.kind === "cas" && action.from === action.to);
}
