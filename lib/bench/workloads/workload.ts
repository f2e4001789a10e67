/**
 * The interface of a workload: its operations, its clients and its records. One file per workload.
 *
 * Tested by `tests/bench/workloads/txn_test.ts`.
 */

import type { Event } from "../../checkers/history.ts";
import type { WorkloadName } from "../../checkers/workloads.ts";
import type { SeededRandom } from "../../sim/random.ts";
import type { Client, Failure, Generator, Operation, RequestSequence } from "./operations.ts";

/** The options that determine a workload. */
export interface WorkloadOptions {
  readonly nodes: readonly string[];
  readonly concurrency: number;
  readonly topology: string;
  readonly latencyMs: number;
  readonly keyCount: number | undefined;
  readonly maxTxnLength: number;
  readonly maxWritesPerKey: number;
}

/** The arguments of a client's constructor. */
export interface ClientContext {
  readonly process: number;
  readonly random: SeededRandom;
}

/** A key of a transaction. */
export type Key = string | number | boolean;

/** Checks if all nodes agree in the end, apart from the history. Not part of the verdict. */
export interface ConvergenceCheck {
  /** Returns the keys of an event. */
  readonly keys: (event: Event) => Iterable<Key>;
  /** Asks a node for the values of keys, in their order. */
  readonly read: (keys: readonly Key[]) => RequestSequence<readonly unknown[]>;
}

/** One kind of test. */
export interface Workload {
  readonly name: WorkloadName;
  /** A description of the test in one sentence. */
  readonly description: string;
  /** The operations of the main phase, which the test spreads over time. */
  generator(options: WorkloadOptions, random: SeededRandom): Generator;
  /** The operations after the recovery, executed as fast as possible. A workload without them ends without a recovery. */
  readonly finalGenerator?: (options: WorkloadOptions) => Generator;
  /** The requests of a client to each node before the test starts. */
  readonly setup?: (options: WorkloadOptions) => RequestSequence<void>;
  /** Creates a client for one process. Its state is lost when the process crashes. */
  client(options: WorkloadOptions, context: ClientContext): Client;
  recordFailure(error: unknown, operation: Operation): Failure;
  /** The convergence check, for workloads whose histories do not show if nodes agree in the end. */
  readonly convergence?: ConvergenceCheck;
  /** The default number of clients, in the form of --concurrency; 1n if absent. */
  readonly concurrency?: string;
  /** Returns the reason why these options are incompatible; undefined if they are compatible. */
  readonly problem?: (options: WorkloadOptions) => string | undefined;
}

/** A random free thread executes the result of `next`. */
export function anyThread(next: (random: SeededRandom) => Operation): Generator {
  return {
    next: ({ free, random }) => ({ ...next(random), thread: random.pick(free) }),
  };
}

/** Each thread executes `operation` once. */
export function eachThread(operation: Operation, concurrency: number): Generator {
  const left = new Set(Array.from({ length: concurrency }, (_, thread) => thread));
  return {
    next: ({ free }) => {
      if (left.size === 0) return undefined;
      const thread = free.find((each) => left.delete(each));
      return thread === undefined ? "pending" : { ...operation, thread };
    },
  };
}
