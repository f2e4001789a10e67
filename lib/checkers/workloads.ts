/**
 * The workloads whose histories can be checked, and their operations.
 *
 * Tested by `tests/checkers/check_history_test.ts`.
 */

/** The names of operations by workload. */
export const OPERATIONS = {
  "echo": ["echo"],
  "unique-ids": ["generate"],
  "broadcast": ["broadcast", "read"],
  "g-set": ["add", "read"],
  "g-counter": ["add", "read"],
  "pn-counter": ["add", "read"],
  "kafka": ["send", "poll", "txn", "assign", "subscribe", "crash", "debug-topic-partitions"],
  "lin-kv": ["read", "write", "cas"],
  "txn-list-append": ["txn"],
  "txn-rw-register": ["txn"],
} as const;

/** The name of a workload, as Maelstrom's option `-w` has it. */
export type WorkloadName = keyof typeof OPERATIONS;

/** The names of all workloads. */
export const WORKLOADS: readonly WorkloadName[] = Object.keys(OPERATIONS).filter(isWorkload);

/**
 * Returns true if a name is that of a workload.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isWorkload } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(["broadcast", "broadcats"].map(isWorkload), [true, false]);
 * ```
 */
export function isWorkload(name: string): name is WorkloadName {
  return Object.hasOwn(OPERATIONS, name);
}

/**
 * Returns the workloads that have an operation of this name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { workloadsWith } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(workloadsWith("txn"), ["kafka", "txn-list-append", "txn-rw-register"]);
 * ```
 */
export function workloadsWith(operation: string): WorkloadName[] {
  return WORKLOADS.filter((workload) => operationsOf(workload).includes(operation));
}

/**
 * Returns the names of the operations of a workload.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { operationsOf } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(operationsOf("lin-kv"), ["read", "write", "cas"]);
 * ```
 */
export function operationsOf(workload: WorkloadName): readonly string[] {
  return OPERATIONS[workload];
}

/** Operations that occur only in histories of other projects, and that a checker judges, too. */
const FURTHER_OPERATIONS: Readonly<Partial<Record<WorkloadName, readonly string[]>>> = {
  "lin-kv": ["get", "put", "append"],
};

/**
 * Returns true if a history of the workload may contain this operation.
 *
 * Besides the workload's own operations these are those of other projects' histories: `get`, `put` and `append` in
 * lin-kv.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isOperationOf } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(["cas", "append", "add"].map((f) => isOperationOf("lin-kv", f)), [true, true, false]);
 * ```
 */
export function isOperationOf(workload: WorkloadName, operation: string): boolean {
  return operationsOf(workload).includes(operation) ||
    FURTHER_OPERATIONS[workload]?.includes(operation) === true;
}

/** The functions of micro-operations by transactional workload. */
const MICRO_OPERATIONS: Readonly<Partial<Record<WorkloadName, readonly unknown[]>>> = {
  "txn-list-append": ["r", "append"],
  "txn-rw-register": ["r", "w"],
};

/**
 * Returns true if a value is a transaction of the workload.
 *
 * Elle ignores the names of operations, so a transaction may have any name. Other projects use names such as `read`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isTransactionOf } from "@charybdis/charybdis/checkers";
 *
 * assertEquals(isTransactionOf("txn-list-append", [["r", 1, null], ["append", 1, 2]]), true);
 * assertEquals(isTransactionOf("txn-rw-register", [["append", 1, 2]]), false);
 * ```
 */
export function isTransactionOf(workload: WorkloadName, value: unknown): boolean {
  const functions = MICRO_OPERATIONS[workload];
  return functions !== undefined && Array.isArray(value) &&
    value.every((step: unknown) => Array.isArray(step) && functions.includes(step[0]));
}
