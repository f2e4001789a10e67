/**
 * A history as transactions: completions paired with invocations, micro-operations in flat arrays, keys numbered.
 *
 * Every history can be read. Values that are not micro-operations are left out and listed as malformed.
 *
 * Tested by `tests/checkers/elle/malformed_test.ts`.
 */

import { valueAt } from "../columns.ts";
import type { Event, History } from "../history.ts";
import { type ValueKey, valueKey } from "../value_key.ts";

/** The outcome of a transaction. One without a completion is `INFO`. */
export const OK = 0;
export const INFO = 1;
export const FAIL = 2;

/** An operation whose value is not a transaction. */
export interface MalformedTransaction {
  /** The shape of the evidence. */
  readonly kind: "malformed";
  /** The operation. */
  readonly op: Event | undefined;
  /** The reason. */
  readonly why: string;
}

/** The transactions of a history, numbered in the order of their completion. Those without one come last. */
export interface Transactions {
  readonly count: number;
  /** `OK`, `INFO` or `FAIL`. */
  readonly outcome: Uint8Array;
  /** The completion, or the invocation of a transaction without one. */
  readonly op: readonly Event[];
  /** The invocation, if the history has it. */
  readonly invocation: readonly (Event | undefined)[];
  /** The positions of the invocation (−1 if absent) and of the completion (after the end of the history if absent). */
  readonly invokedAt: Int32Array;
  readonly completedAt: Int32Array;
  /** The micro-operations of transaction t: `start[t] … start[t + 1] - 1`. */
  readonly start: Int32Array;
  /**
   * By micro-operation: 1 for a write or append and 0 for a read; the number of its key; its value; its position in the
   * list.
   */
  readonly isWrite: Uint8Array;
  readonly key: Int32Array;
  readonly value: readonly unknown[];
  readonly place: Int32Array;
  /** The keys by number. */
  readonly keys: readonly unknown[];
  /** The transactions whose completion contains other writes than their invocation. */
  readonly writesDiffer: readonly number[];
  readonly malformed: readonly MalformedTransaction[];
}

/** The differences between the two workloads. */
export interface Shape {
  /** The name of a write: `append` or `w`. */
  readonly write: string;
  /** True if reads return lists. */
  readonly lists: boolean;
}

/** Reads the transactions of clients. Events of the nemesis are left out. */
export function readTransactions(history: History, shape: Shape): Transactions {
  const pairs = pairUp(history);
  const count = pairs.length;
  const outcome = new Uint8Array(count);
  const invokedAt = new Int32Array(count);
  const completedAt = new Int32Array(count);
  const start = new Int32Array(count + 1);
  const op: Event[] = [];
  const invocation: (Event | undefined)[] = [];
  const writesDiffer: number[] = [];
  const reader = new MicroOpReader(shape, microOpsAtMost(history, pairs));
  for (const [t, { invoked, completed }] of pairs.entries()) {
    const invoke = history[invoked];
    const event = history[completed] ?? invoke;
    if (event === undefined) throw new RangeError(`No event at ${invoked} nor at ${completed}`);
    outcome[t] = event.type === "ok" ? OK : event.type === "fail" ? FAIL : INFO;
    invokedAt[t] = invoked;
    completedAt[t] = completed;
    op.push(event);
    invocation.push(invoke);
    reader.read(event);
    start[t + 1] = reader.size;
    if (
      invoke !== undefined && invoke !== event && haveDifferentWrites(invoke.value, event.value, shape.write)
    ) {
      writesDiffer.push(t);
    }
  }
  const { isWrite, key, value, place, keys, malformed } = reader;
  return {
    count,
    outcome,
    op,
    invocation,
    invokedAt,
    completedAt,
    start,
    isWrite: isWrite.subarray(0, reader.size),
    key: key.subarray(0, reader.size),
    value,
    place: place.subarray(0, reader.size),
    keys,
    writesDiffer,
    malformed,
  };
}

interface Pair {
  readonly invoked: number;
  readonly completed: number;
}

function pairUp(history: History): Pair[] {
  const open = new Map<unknown, number>();
  const pairs: Pair[] = [];
  const abandoned: number[] = [];
  for (let i = 0; i < history.length; i++) {
    const event = history[i];
    if (event === undefined || typeof event.process !== "number") continue;
    const invoked = open.get(event.process);
    if (event.type === "invoke") {
      if (invoked !== undefined) abandoned.push(invoked);
      open.set(event.process, i);
    } else {
      pairs.push({ invoked: invoked ?? -1, completed: i });
      open.delete(event.process);
    }
  }
  for (const invoked of [...abandoned, ...open.values()].sort((a, b) => a - b)) {
    pairs.push({ invoked, completed: history.length });
  }
  return pairs;
}

function microOpsAtMost(history: History, pairs: readonly Pair[]): number {
  let mops = 0;
  for (const { invoked, completed } of pairs) {
    const value = (history[completed] ?? history[invoked])?.value;
    if (Array.isArray(value)) mops += value.length;
  }
  return mops;
}

/** Returns the parts of a micro-operation, or null if it is malformed. */
export function microOp(mop: unknown): readonly [f: unknown, key: unknown, value: unknown] | null {
  if (!Array.isArray(mop) || mop.length < 2) return null;
  const parts: readonly unknown[] = mop;
  return [parts[0], parts[1], parts[2] ?? null];
}

class MicroOpReader {
  size = 0;
  readonly isWrite: Uint8Array;
  readonly key: Int32Array;
  readonly value: unknown[] = [];
  readonly place: Int32Array;
  readonly keys: unknown[] = [];
  readonly malformed: MalformedTransaction[] = [];
  readonly #numbers = new Map<unknown, number>();
  readonly #shape: Shape;

  /** `capacity` is at least the number of micro-operations. */
  constructor(shape: Shape, capacity: number) {
    this.#shape = shape;
    this.isWrite = new Uint8Array(capacity);
    this.key = new Int32Array(capacity);
    this.place = new Int32Array(capacity);
  }

  read(op: Event): void {
    const mops = op.value;
    // A null transaction is an empty one.
    if (mops === null || mops === undefined) return;
    if (!Array.isArray(mops)) {
      this.malformed.push({ kind: "malformed", op, why: "its value is not a list of micro-operations" });
      return;
    }
    for (let i = 0; i < mops.length; i++) {
      const why = this.#readMicroOp(mops[i], i);
      if (why !== null) this.malformed.push({ kind: "malformed", op, why: `micro-operation ${i} ${why}` });
    }
  }

  #readMicroOp(mop: unknown, place: number): string | null {
    const parts = microOp(mop);
    if (parts === null) return "is not a list of function, key and value";
    const [f, key, value] = parts;
    const isWrite = f === this.#shape.write;
    if (!isWrite && f !== "r") return `is neither "r" nor "${this.#shape.write}"`;
    let atom: unknown;
    if (isWrite || !this.#shape.lists) {
      atom = atomOf(value);
    } else if (value === null) {
      atom = null;
    } else if (Array.isArray(value)) {
      atom = listOf(value);
    } else {
      return "is a read whose value is not a list";
    }
    this.isWrite[this.size] = isWrite ? 1 : 0;
    this.key[this.size] = this.#numberOf(key);
    this.value.push(atom);
    this.place[this.size] = place;
    this.size++;
    return null;
  }

  #numberOf(key: unknown): number {
    const atom = atomOf(key);
    let number = this.#numbers.get(atom);
    if (number === undefined) {
      number = this.keys.length;
      this.#numbers.set(atom, number);
      this.keys.push(key);
    }
    return number;
  }
}

/** Returns a micro-operation as the history has it. */
export function mopOf(txns: Transactions, txn: number, mop: number): unknown {
  const mops = txns.op[txn]?.value;
  return Array.isArray(mops) ? mops[valueAt(txns.place, mop)] : undefined;
}

/**
 * Returns a primitive that represents a value: two are the same if and only if the values are equal. 1 and "1" are not.
 */
export function atomOf(value: unknown): ValueKey {
  return valueKey(value);
}

function listOf(list: readonly unknown[]): readonly unknown[] {
  for (const element of list) {
    if (typeof element === "object" && element !== null) return list.map(atomOf);
  }
  return list;
}

function haveDifferentWrites(requested: unknown, answered: unknown, write: string): boolean {
  const a: readonly unknown[] = Array.isArray(requested) ? requested : [];
  const b: readonly unknown[] = Array.isArray(answered) ? answered : [];
  if (a.length !== b.length) return true;
  for (let i = 0; i < a.length; i++) {
    const x = a[i];
    const y = b[i];
    if (!Array.isArray(x) || !Array.isArray(y)) return true;
    if (x[0] !== y[0] || !same(x[1], y[1])) return true;
    if (x[0] === write && !same(x[2], y[2])) return true;
  }
  return false;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && atomOf(a) === atomOf(b));
}
