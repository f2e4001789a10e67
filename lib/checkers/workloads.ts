/** The workloads whose histories can be checked, and the operations each one consists of. */

/** Operation names by workload. */
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

/** A workload's name, as Maelstrom's `-w` takes it. */
export type WorkloadName = keyof typeof OPERATIONS;

/** All workloads. */
export const WORKLOADS: readonly WorkloadName[] = Object.keys(OPERATIONS).filter(isWorkload);

/**
 * Whether a name is a workload's.
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
 * The workloads that have an operation of this name.
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
 * The names of a workload's operations.
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

/** Operations of other people's histories that a workload's checker judges, too. */
const FURTHER_OPERATIONS: Readonly<Partial<Record<WorkloadName, readonly string[]>>> = {
  "lin-kv": ["get", "put", "append"],
};

/**
 * Returns true if a history of the workload may have this operation: one of its own, or one that other people's histories
 * of the same kind have (a key-value log's `get`, `put` and `append` in lin-kv).
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
