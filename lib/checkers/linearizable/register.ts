/** A register with read, write and compare-and-set, as the search wants it. */

import { valueAt } from "../columns.ts";
import type { SearchModel } from "./search.ts";
import type { Interval } from "./schedule.ts";

/** What an operation on a register did; values are numbers that stand for the real ones. */
export type RegisterAction =
  | { readonly kind: "read"; readonly value: number }
  | { readonly kind: "write"; readonly value: number }
  | { readonly kind: "cas"; readonly from: number; readonly to: number };

/** An action and its time; `returned: null` means that it may or may not have happened, at any time after its call. */
export interface RegisterOperation extends Interval {
  readonly action: RegisterAction;
}

const READ = 0;
const WRITE = 1;
const CAS = 2;

/**
 * Leaves out operations that no verdict depends on: an optional read, and an optional change to a value that nothing after
 * its call ever asks for (a read that returned, or a cas that expects it), since an order that holds it stays one without.
 */
export function relevantOperations<O extends RegisterOperation>(operations: readonly O[]): O[] {
  let kept = operations.filter(({ action, returned }) => returned !== null || action.kind !== "read");
  for (;;) {
    const lastAsked = new Map<number, number>(); // value → the last return of what asks for it
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
 * The first operation to return that needs a value which nothing invoked before its return could have written, or `null`.
 * It proves that there is no order, however hard it is to search for one.
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

/** The searchModel of a register that begins with the value `initial`. */
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
  const byTarget = new Map<number, number[]>(); // value → classes that make the register hold it
  const casFrom = new Map<number, number[]>(); // value → classes of cas that expect it
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
     * An optional change is wasted unless the very next operation needs its value; so only those are worth trying that
     * lead, over further optional cas perhaps, to a value that an unplaced operation needs.
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

/** Whether an operation never changes a register. */
export function isReadOnly({ action }: RegisterOperation): boolean {
  return action.kind === "read" || (action.kind === "cas" && action.from === action.to);
}
