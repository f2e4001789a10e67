/** What a workload is: who asks what, and how it is recorded. One file a workload. */

import type { Event } from "../../checkers/history.ts";
import type { WorkloadName } from "../../checkers/workloads.ts";
import type { SeededRandom } from "../../sim/random.ts";
import type { Client, Failure, Generator, Operation, Steps } from "./operations.ts";

/** The options that shape a workload. */
export interface WorkloadOptions {
  readonly nodes: readonly string[];
  readonly concurrency: number;
  readonly topology: string;
  readonly latencyMs: number;
  readonly keyCount: number | undefined;
  readonly maxTxnLength: number;
  readonly maxWritesPerKey: number;
}

/** What a client is made for. */
export interface ClientContext {
  readonly process: number;
  readonly random: SeededRandom;
}

/** A key of a transaction. */
export type Key = string | number | boolean;

/** How it is seen, beside the history and without a say in the verdict, whether all nodes agree in the end. */
export interface Agreement {
  /** The keys that an event is about. */
  readonly keys: (event: Event) => Iterable<Key>;
  /** Asks a node for the values of keys, in their order. */
  readonly read: (keys: readonly Key[]) => Steps<readonly unknown[]>;
}

/** One kind of test. */
export interface Workload {
  readonly name: WorkloadName;
  /** What it tests, in a sentence. */
  readonly about: string;
  /** The operations of the main phase, which the test spreads over time. */
  generator(options: WorkloadOptions, random: SeededRandom): Generator;
  /** The operations after the recovery, done as fast as can be; a workload without them ends without a recovery. */
  readonly finalGenerator?: (options: WorkloadOptions) => Generator;
  /** What a client asks of each node before the test begins. */
  readonly setup?: (options: WorkloadOptions) => Steps<void>;
  /** A client for one process; what it remembers is gone when the process crashes. */
  client(options: WorkloadOptions, context: ClientContext): Client;
  recordFailure(error: unknown, operation: Operation): Failure;
  /** For workloads whose histories do not tell whether nodes agree in the end. */
  readonly agreement?: Agreement;
  /** The number of clients unless --concurrency says otherwise, as that takes it; 1n if absent. */
  readonly concurrency?: string;
  /** Why these options do not go together; undefined if they do. */
  readonly problem?: (options: WorkloadOptions) => string | undefined;
}

/** A random free thread does what `next` makes. */
export function anyThread(next: (random: SeededRandom) => Operation): Generator {
  return {
    next: ({ free, random }) => ({ ...next(random), thread: random.pick(free) }),
  };
}

/** Each thread does `operation` once. */
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
